package oidc_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/door/oidc"
)

func TestWhoGivesUpSaysNothingOfTheProvider(t *testing.T) {
	t.Parallel()
	f, asked := newFake(t), make(chan struct{}, 1)
	f.handle[metadataPath] = func(w http.ResponseWriter, r *http.Request) {
		if f.asked(metadataPath) == 1 {
			asked <- struct{}{}
			<-r.Context().Done()
			return
		}
		f.tellMetadata(w)
	}
	p, now := newProvider(t, f.config(), nil), time.Now()
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	_, _, err := p.Begin(newPhone(t).request(t, site).WithContext(ctx), site, now, "")
	mustRefuse(t, nil, err, oidc.ErrProvider)
	newPhone(t).begin(t, p, now) // fails the test when it cannot
}

func TestWhoWaitsForAFetchTakesWhatCameOfIt(t *testing.T) {
	t.Parallel()
	f, asked, over := newFake(t), make(chan struct{}, 9), make(chan struct{})
	f.handle[metadataPath] = func(w http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}
		<-over
		http.Error(w, "canary", http.StatusBadGateway)
	}
	p, now := newProvider(t, f.config(), nil), time.Now()
	var people sync.WaitGroup
	begin := func(after time.Duration) {
		people.Go(func() {
			_, _, err := p.Begin(newPhone(t).request(t, site), site, now.Add(after), "")
			mustRefuse(t, nil, err, oidc.ErrProvider)
		})
	}
	begin(0)
	<-asked
	for i := range 5 {
		begin(time.Duration(5+i) * time.Second) // later than a failure counts for
	}
	time.Sleep(100 * time.Millisecond) // they are in the queue, or this test sees less than it could
	close(over)
	people.Wait()
	if n := f.asked(metadataPath); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestMetadataServeAnHourAndThroughAnOutage(t *testing.T) {
	t.Parallel()
	f, now := newFake(t), time.Now()
	var down atomic.Bool
	f.handle[metadataPath] = func(w http.ResponseWriter, _ *http.Request) {
		if down.Load() {
			http.Error(w, "canary", http.StatusBadGateway)
			return
		}
		f.tellMetadata(w)
	}
	p := newProvider(t, f.config(), nil)
	begin := func(after time.Duration, want int) error {
		t.Helper()
		_, _, err := p.Begin(newPhone(t).request(t, site), site, now.Add(after), "")
		if got := f.asked(metadataPath); got != want {
			t.Errorf("after %v: asked %d times, want %d", after, got, want)
		}
		return err
	}
	down.Store(true)
	mustRefuse(t, nil, begin(0, 1), oidc.ErrProvider)
	mustRefuse(t, nil, begin(time.Second, 1), oidc.ErrProvider) // whoever presses again asks nothing
	down.Store(false)
	for _, step := range []struct {
		after time.Duration
		down  bool
		want  int
	}{
		{time.Minute, false, 2},
		{time.Hour, false, 2},
		{2 * time.Hour, false, 3},
		{4 * time.Hour, true, 4},
		{4*time.Hour + 30*time.Second, true, 4},
		{4*time.Hour + 2*time.Minute, true, 5},
		{4*time.Hour + 4*time.Minute, false, 6},
		{2 * time.Hour, false, 7}, // a clock that was put back
	} {
		down.Store(step.down)
		if err := begin(step.after, step.want); err != nil {
			t.Errorf("after %v: %v", step.after, err)
		}
	}
}
