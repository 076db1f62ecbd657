package caddymodule_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyevents"

	"github.com/botlatch/botlatch/caddymodule/app"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

func init() { caddy.RegisterModule(listener{}) }

// listener is an event handler that hands on what it is told, and then does what hear says.
type listener struct{}

var (
	told = make(chan caddy.Event, 100)
	hear func() error // set before the configuration is loaded
)

// CaddyModule implements caddy.Module.
func (listener) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "events.handlers.botlatch_test", New: func() caddy.Module { return new(listener) }}
}

// UnmarshalCaddyfile implements caddyfile.Unmarshaler.
func (*listener) UnmarshalCaddyfile(d *caddyfile.Dispenser) error { d.Next(); return nil }

// Handle implements caddyevents.Handler.
func (*listener) Handle(_ context.Context, e caddy.Event) error {
	told <- e
	return hear()
}

var _ caddyevents.Handler = (*listener)(nil)

// listening loads a configuration with the listener into this process, and returns its app.
func listening(t *testing.T, handler func() error) *app.App {
	t.Helper()
	a, _ := listeningBefore(t, "", latchtest.NewKey(t, jose.EdDSA), handler)
	return a
}

// listeningBefore is listening, with what comes behind the latch, and a key. It returns where the site is, too.
func listeningBefore(t *testing.T, behind string, key latchtest.Key, handler func() error) (a *app.App, url string) {
	t.Helper()
	hear = handler
	dir, address := t.TempDir(), latchtest.FreeAddress(t)
	caddyfileText := fmt.Sprintf(`{
	admin off
	persist_config off
	storage file_system %[1]s
	log {
		output discard
	}
	events {
		on token_revoked botlatch_test
		on stream_ended botlatch_test
		on revocation_removed botlatch_test
		on revocations_imported botlatch_test
		on held botlatch_test
		on resumed botlatch_test
	}
	botlatch {
		issuer own {
			keys static %[2]s
		}
		revocation bolt %[3]s
	}
}
http://%[4]s {
	bind 127.0.0.1
	botlatch {
		allow GET /arm /events any_token
	}
	%[5]s
}
`, dir, key.File, filepath.Join(dir, "revocations.db"), address, behind)
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(caddyfileText), map[string]any{"filename": "Caddyfile"})
	if err != nil {
		t.Fatal(err)
	}
	if err := caddy.Load(config, false); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := caddy.Stop(); err != nil {
			t.Error(err)
		}
	})
	return app.Running(), "http://" + address
}

// next is the next event that the listener was told.
func next(t *testing.T) caddy.Event {
	t.Helper()
	select {
	case e := <-told:
		return e
	case <-time.After(10 * time.Second):
		t.Fatal("no event")
		return caddy.Event{}
	}
}

// revocationOf names a subject. Tests that look whether it is listed have one of their own: the list is the process's.
func revocationOf(subject, reason string) app.Request {
	issuer := "own"
	return app.Request{Kind: revocation.KindSubject, Issuer: &issuer, Value: subject, Reason: reason}
}

func TestEachChangeIsAnEvent(t *testing.T) {
	a := listening(t, func() error { return nil })
	if _, err := a.Revoke(t.Context(), revocationOf("ana of the events", "lost"), "test"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Restore(t.Context(), revocationOf("ana of the events", "found"), "test"); err != nil {
		t.Fatal(err)
	}
	entry := revocation.Entry{Kind: revocation.KindToken, Issuer: "own", Value: "jti", At: time.Now()}
	if err := a.Import(t.Context(), []revocation.Entry{entry}, "moved", "test"); err != nil {
		t.Fatal(err)
	}
	// The list is the process's: nothing of this package runs beside this test.
	if _, err := a.Hold(t.Context(), "water", "test"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Resume(t.Context(), "dry", "test"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Revoke(t.Context(), app.Request{Kind: revocation.KindSubject}, "test"); err == nil {
		t.Error("no value, and no error")
	}
	for _, want := range []struct {
		name string
		data map[string]any
	}{
		{"token_revoked", map[string]any{"kind": "subject", "iss": "own", "reason": "lost", "by": "test", "streams_ended": int64(0)}},
		{"revocation_removed", map[string]any{"kind": "subject", "iss": "own", "reason": "found", "by": "test", "still_listed": false}},
		{"revocations_imported", map[string]any{"entries": int64(1), "reason": "moved", "by": "test"}},
		{"held", map[string]any{"reason": "water", "by": "test", "streams_ended": int64(0), "this_latch_alone": false}},
		{"resumed", map[string]any{"reason": "dry", "by": "test", "still_listed": false}},
	} {
		e := next(t)
		if e.Name() != want.name || e.Origin().CaddyModule().ID != "botlatch" {
			t.Errorf("event %s of %s, want %s", e.Name(), e.Origin().CaddyModule().ID, want.name)
		}
		if fmt.Sprint(e.Data) != fmt.Sprint(want.data) { // all of it: no value, no token
			t.Errorf("%s: %v, want %v", want.name, e.Data, want.data)
		}
	}
	if len(told) > 0 {
		t.Errorf("one more event: %s", (<-told).Name())
	}
}

// TestNoEventHandlerHoldsARevocationUp, and none makes it fail.
func TestNoEventHandlerHoldsARevocationUp(t *testing.T) {
	for name, handler := range map[string]func(release <-chan struct{}) error{
		"slow":    func(release <-chan struct{}) error { <-release; return nil },
		"failing": func(<-chan struct{}) error { return errors.New("no") },
		"abort":   func(<-chan struct{}) error { return caddy.ErrEventAborted },
		"panics":  func(<-chan struct{}) error { panic("handler") },
	} {
		t.Run(name, func(t *testing.T) {
			release := make(chan struct{})
			a := listening(t, func() error { return handler(release) })
			done := make(chan error)
			go func() {
				_, err := a.Revoke(t.Context(), revocationOf("ben of the events", ""), "test")
				if err == nil {
					_, err = a.Restore(t.Context(), revocationOf("ben of the events", ""), "test")
				}
				done <- err
			}()
			select {
			case err := <-done:
				if err != nil {
					t.Error(err)
				}
			case <-time.After(20 * time.Second):
				t.Error("the handler holds it up")
			}
			close(release)
			if first, second := next(t).Name(), next(t).Name(); first != "token_revoked" || second != "revocation_removed" {
				t.Errorf("told of %s, then %s", first, second)
			}
		})
	}
}

// TestTheLastEventsOfAConfigurationAreTold, although its handlers end with it.
func TestTheLastEventsOfAConfigurationAreTold(t *testing.T) {
	a := listening(t, func() error { time.Sleep(50 * time.Millisecond); return nil })
	const n = 5
	for range n {
		if _, err := a.Revoke(t.Context(), revocationOf("ben of the events", ""), "test"); err != nil {
			t.Fatal(err)
		}
	}
	if err := caddy.Stop(); err != nil {
		t.Fatal(err)
	}
	if len(told) != n {
		t.Errorf("%d events, want %d", len(told), n)
	}
	for len(told) > 0 {
		<-told
	}
}
