package latchtest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

func (c *storeContract) comesBack(t *testing.T) {
	w, want := c.writer(t), sampleEntries("comes back")
	mustDo(t, "adding", w.Add(t.Context(), want...))
	mustDo(t, "adding again", w.Add(t.Context(), want...))
	hasEntries(t, "at once", listEntries(t, w, 2), want...)
	c.close(t, w)

	w = c.writer(t)
	f := followStore(t, w)
	hasEntries(t, "opened again", listEntries(t, w, 2), want...)
	hasEntries(t, "opened again, followed", f.seen(), want...)
	mustDo(t, "removing", w.Remove(t.Context(), want...))
	mustDo(t, "removing again", w.Remove(t.Context(), want...))
	hasNoEntries(t, "removed", f.seen(), want...)
	c.close(t, w)

	w = c.writer(t)
	hasNoEntries(t, "removed and opened again", listEntries(t, w, 2), want...)
	c.close(t, w)
}

func (c *storeContract) merges(t *testing.T) {
	w := c.writer(t)
	f := followStore(t, w)
	name := revocation.Entry{Kind: revocation.KindSubject, Issuer: "https://merges.test", Value: "ana", At: storeTime}
	early, late, ever := name, name, name
	early.IssuedBefore, late.IssuedBefore = storeTime.Add(-time.Hour), storeTime
	for _, step := range []struct{ add, want revocation.Entry }{
		{late, late}, {early, late}, {ever, ever}, {late, ever},
	} {
		mustDo(t, "adding", w.Add(t.Context(), step.add))
		hasEntries(t, "page", listEntries(t, w, 100), step.want)
	}
	hasEntries(t, "follower", f.seen(), ever)
	c.close(t, w)
	w = c.writer(t)
	hasEntries(t, "opened again", listEntries(t, w, 100), ever)
	mustDo(t, "removing", w.Remove(t.Context(), name))
	hasNoEntries(t, "removed", listEntries(t, w, 100), name)
	c.close(t, w)
}

func (c *storeContract) removes(t *testing.T) {
	w, all := c.writer(t), sampleEntries("removes")
	defer c.close(t, w)
	mustDo(t, "adding", w.Add(t.Context(), all...))
	for _, e := range all {
		mustDo(t, "removing", w.Remove(t.Context(), revocation.Entry{Kind: e.Kind, Issuer: e.Issuer, Value: e.Value}))
		hasNoEntries(t, "removed", listEntries(t, w, 100), e)
	}
}

func (c *storeContract) refuses(t *testing.T) {
	w, batch := c.writer(t), sampleEntries("refuses")
	defer c.close(t, w)
	if w.Add(t.Context(), append(batch, revocation.Entry{Kind: revocation.KindToken, At: storeTime})...) == nil {
		t.Error("entry without a value: no error")
	}
	hasNoEntries(t, "refused", listEntries(t, w, 100), batch...)
}

func (c *storeContract) tells(t *testing.T) {
	w, some := c.writer(t), sampleEntries("tells")
	first, gone := followStore(t, w), followStore(t, w)
	gone.stop(t)
	mustDo(t, "adding", w.Add(t.Context(), some...))
	second := followStore(t, w)
	mustDo(t, "removing", w.Remove(t.Context(), some[0]))
	for _, f := range []*storeFollower{first, second} {
		hasEntries(t, "told when the writer was", f.seen(), some[1:]...)
		hasNoEntries(t, "told when the writer was", f.seen(), some[0])
	}
	hasNoEntries(t, "stopped", gone.seen(), some...)
	mustDo(t, "removing", w.Remove(t.Context(), some...))
	c.close(t, w)
}

func (c *storeContract) manyWriters(t *testing.T) {
	w := c.writer(t)
	f := followStore(t, w)
	var wg sync.WaitGroup
	var all []revocation.Entry
	for i := range 8 {
		some := sampleEntries(fmt.Sprint("writer ", i))
		all = append(all, some...)
		wg.Go(func() {
			if err := w.Add(t.Context(), some...); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	hasEntries(t, "follower", f.seen(), all...)
	c.close(t, w)
	w = c.writer(t)
	hasEntries(t, "opened again", listEntries(t, w, 7), all...)
	mustDo(t, "removing", w.Remove(t.Context(), all...))
	c.close(t, w)
}

func (c *storeContract) pagesWhileChanging(t *testing.T) {
	w, stay, leave := c.writer(t), sampleEntries("stays"), sampleEntries("goes")
	defer c.close(t, w)
	leave = slices.DeleteFunc(leave, func(e revocation.Entry) bool { return e.Kind >= revocation.KindAll })
	mustDo(t, "adding", w.Add(t.Context(), append(stay, leave...)...))
	found, cursor := map[revocation.Key]revocation.Entry{}, ""
	for i := 0; ; i++ {
		page, next, err := w.Page(t.Context(), cursor, 1)
		mustDo(t, "paging", err)
		collectEntries(t, found, page)
		if i < len(leave) {
			mustDo(t, "removing", w.Remove(t.Context(), leave[i]))
			mustDo(t, "adding", w.Add(t.Context(), sampleEntries(fmt.Sprint("comes ", i))[0]))
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	hasEntries(t, "there all the time", found, stay...)
	mustDo(t, "removing", w.Remove(t.Context(), stay...))
	for i := range leave {
		mustDo(t, "removing", w.Remove(t.Context(), sampleEntries(fmt.Sprint("comes ", i))[0]))
	}
}

func (c *storeContract) feedsList(t *testing.T) {
	w, e := c.writer(t), sampleEntries("feeds")[0]
	hold := revocation.Entry{Kind: revocation.KindHold, Reason: "feeds", At: storeTime}
	names := revocation.NewNames(e.Issuer, storeTime, [revocation.NumKinds]string{revocation.KindToken: e.Value})
	for _, revoked := range []bool{true, false} {
		var l revocation.List
		source, err := l.Source("test")
		mustDo(t, "source", err)
		f := &storeFollower{add: source.Add, remove: source.Remove}
		f.start(t, w)
		change := w.Add
		if !revoked {
			change = w.Remove
		}
		mustDo(t, "changing", change(t.Context(), e, hold))
		if _, is := l.Revoked(names); is != revoked {
			t.Errorf("revoked = %t, want %t", is, revoked)
		}
		if l.Held() != revoked {
			t.Errorf("held = %t, want %t", l.Held(), revoked)
		}
		f.stop(t)
		names = revocation.NewNames(e.Issuer, storeTime, [revocation.NumKinds]string{revocation.KindToken: e.Value})
	}
	c.close(t, w)
}
