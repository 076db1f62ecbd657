package redisstore

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// Many latches write the same name at once; whatever the order, the strongest entry stays.
func TestWritersOfOneNameLoseNothing(t *testing.T) {
	t.Parallel()
	server := latchtest.StartRedis(t)
	var writers []*latch
	for range 4 {
		writers = append(writers, startLatch(t, at(server.Address)))
	}
	entry := func(minute int) revocation.Entry {
		e := token("one")
		e.Kind, e.IssuedBefore, e.ExpiresAt = revocation.KindSubject, noon.Add(time.Duration(minute)*time.Minute), noon.Add(100*time.Hour)
		return e
	}
	var wg sync.WaitGroup
	for i, w := range writers {
		wg.Go(func() {
			for j := range 10 {
				if err := w.Add(t.Context(), entry(4*j+i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	page, _, err := writers[0].Page(t.Context(), "", 10)
	if err != nil || len(page) != 1 || !page[0].IssuedBefore.Equal(entry(39).IssuedBefore) {
		t.Errorf("%v, %v", page, err)
	}
}

func TestAnEntryThatNobodyWroteIsAnError(t *testing.T) {
	t.Parallel()
	server := latchtest.StartRedis(t)
	here := startLatch(t, at(server.Address))
	here.revoke(t, token("1"))
	for _, record := range []string{"{", `{"kind":"future","at":"2030-01-02T12:00:00Z"}`, `{"kind":"token"}`} {
		if err := here.client.HSet(t.Context(), here.keys.entries, field(token("1")), record).Err(); err != nil {
			t.Fatal(err)
		}
		if _, _, err := here.Page(t.Context(), "", 10); err == nil {
			t.Errorf("%s: Page: no error", record)
		}
		s := openStore(t, at(server.Address))
		go func() {
			_ = s.Follow(t.Context(), func() { t.Error("loaded half a list") }, func(...revocation.Entry) {}, func(...revocation.Entry) {})
		}()
		eventually(t, "trouble", soon, func() bool { since, _ := s.Trouble(); return !since.IsZero() })
	}
	if !here.revoked(token("1")) {
		t.Error("what was known is forgotten")
	}
}

func TestKeysOfAnotherFormatAreRefused(t *testing.T) {
	t.Parallel()
	server := latchtest.StartRedis(t)
	s := openStore(t, at(server.Address))
	if err := s.client.Set(t.Context(), s.keys.epoch, "2 abc", 0).Err(); err != nil {
		t.Fatal(err)
	}
	c := at(server.Address)
	if err := c.provision(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Open(t.Context()); err == nil || !strings.Contains(err.Error(), "newer version") {
		t.Errorf("error %v", err)
	}
}

func TestWhatIsPastItsEndGoes(t *testing.T) {
	t.Parallel()
	server := latchtest.StartRedis(t)
	s := openStore(t, at(server.Address))
	entry := func(value string, end time.Duration) revocation.Entry {
		e := token(value)
		e.ExpiresAt = time.Now().Add(end)
		return e
	}
	stays := []revocation.Entry{token("no end"), entry("in its grace", -revocation.Grace+time.Minute), entry("later", time.Hour)}
	for i := range 2 * loadStep {
		stays = append(stays, entry(fmt.Sprint(i), -revocation.Grace-time.Minute))
	}
	if err := s.Add(t.Context(), stays...); err != nil {
		t.Fatal(err)
	}
	s.purgeOnce()
	page, _, err := s.Page(t.Context(), "", 100)
	if err != nil || len(page) != 3 {
		t.Errorf("%d entries stay, want 3: %v", len(page), err)
	}
	for key, kind := range map[string]int64{s.keys.names: 3, s.keys.ends: 2} {
		if n, err := s.client.ZCard(t.Context(), key).Result(); err != nil || n != kind {
			t.Errorf("%s has %d, want %d: %v", key, n, kind, err)
		}
	}
}
