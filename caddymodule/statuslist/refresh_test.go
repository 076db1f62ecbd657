package statuslist

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// within waits until entry 0 is as wanted.
func within(t *testing.T, l *Lists, uri string, want bool, known bool) {
	t.Helper()
	var revoked bool
	var err error
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if revoked, err = ask(t, l, uri, 0); revoked == want && (err == nil) == known {
			return
		}
	}
	t.Errorf("revoked %v, %v; want %v and known %v", revoked, err, want, known)
}

func TestAChangeOfTheListIsSeen(t *testing.T) {
	t.Parallel()
	p := startPublisher(t)
	revoking := map[string]any{"status_list": map[string]any{"bits": 1, "lst": deflate(t, []byte{1})}}
	p.publishes(p.list(t, nil))
	l, _ := follow(t, p, Config{Remote: often})
	within(t, l, p.uri(), false, true)
	p.publishes(p.list(t, revoking))
	within(t, l, p.uri(), true, true)

	p.publishes("") // an outage: what was revoked stays so
	time.Sleep(200 * time.Millisecond)
	within(t, l, p.uri(), true, true)
	if s := l.State(t.Context(), time.Now()); s[0].Err == nil || s[0].Unknown != 0 {
		t.Errorf("%+v", s)
	}
}

func TestAnOlderListDoesNotGiveBackWhatWasRevoked(t *testing.T) {
	t.Parallel()
	p := startPublisher(t)
	older := p.list(t, map[string]any{"iat": time.Now().Unix() - 60})
	p.publishes(p.list(t, map[string]any{"status_list": map[string]any{"bits": 1, "lst": deflate(t, []byte{1})}}))
	l, _ := follow(t, p, Config{Remote: often})
	within(t, l, p.uri(), true, true)
	p.publishes(older)
	hits := p.hits.Load()
	for p.hits.Load() < hits+2 { // it was fetched, and not taken
		time.Sleep(10 * time.Millisecond)
	}
	within(t, l, p.uri(), true, true)
	if s := l.State(t.Context(), time.Now()); s[0].Err == nil {
		t.Errorf("nobody is told: %+v", s)
	}
}

func TestNothingCountsBeyondItsExpiry(t *testing.T) {
	t.Parallel()
	p := startPublisher(t)
	p.publishes(p.list(t, map[string]any{"exp": time.Now().Unix() + 3}))
	l, _ := follow(t, p, Config{Remote: often})
	within(t, l, p.uri(), false, true)
	p.publishes("")
	within(t, l, p.uri(), false, false)
	if s := l.State(t.Context(), time.Now()); s[0].Lists != 1 || s[0].Unknown != 1 {
		t.Errorf("%+v", s)
	}
	p.publishes(p.list(t, nil))
	within(t, l, p.uri(), false, true)
}

func TestAListGoesWithTheKeyThatSignedIt(t *testing.T) {
	t.Parallel()
	p := startPublisher(t)
	p.publishes(p.list(t, nil))
	l, source := follow(t, p, Config{})
	within(t, l, p.uri(), false, true)
	source.set.Store(latchtest.NewKey(t, jose.ES256).KeySet())
	if _, err := ask(t, l, p.uri(), 0); err == nil {
		t.Error("it counts without the key")
	}
	source.set.Store(p.key.KeySet())
	within(t, l, p.uri(), false, true)
}
