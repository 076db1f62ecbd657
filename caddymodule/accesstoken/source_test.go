package accesstoken_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// source is a KeySource whose keys change under the verifier.
type source struct {
	now   atomic.Pointer[answer]
	newer atomic.Pointer[answer] // what a question after a missing kid finds; nil: the same
	asked atomic.Int32           // how often a kid was missing
}

type answer struct {
	set *jose.KeySet
	err error
}

var errDown = errors.New("the key server does not answer")

func (s *source) Set(_ context.Context, missing string) (*jose.KeySet, error) {
	if missing != "" {
		s.asked.Add(1)
		if newer := s.newer.Load(); newer != nil {
			s.now.Store(newer)
		}
	}
	a := s.now.Load()
	return a.set, a.err
}

func newSource(set *jose.KeySet) *source {
	s := new(source)
	s.publish(set)
	return s
}

func (s *source) publish(set *jose.KeySet) { s.now.Store(&answer{set: set}) }
func (s *source) fail()                    { s.now.Store(&answer{err: errDown}) }

// reread is the same document read once more: other pointers, the same keys.
func reread(t testing.TB, key latchtest.Key) *jose.KeySet {
	t.Helper()
	b, err := key.PublicJWKS()
	if err != nil {
		t.Fatal(err)
	}
	set, _, err := jose.ParseKeySet(b)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func mint(t testing.TB, key latchtest.Key) string {
	t.Helper()
	return key.Mint(t, issue.Token{Issuer: provider, Subject: "ana", TTL: time.Minute})
}

// Every step is asked twice, so that the second answer comes from the cache where there is one.
func TestARotatedKeyTakesItsTokensWithIt(t *testing.T) {
	t.Parallel()
	a, b := latchtest.NewKey(t, jose.ES256), latchtest.NewKey(t, jose.ES256)
	both, err := jose.Merge(a.KeySet(), b.KeySet())
	if err != nil {
		t.Fatal(err)
	}
	keys := newSource(a.KeySet())
	v := newVerifier(t, &accesstoken.Issuer{Name: provider, Keys: keys})
	ofA, ofB := mint(t, a), mint(t, b)
	for _, step := range []struct {
		name         string
		change       func()
		wantA, wantB string
	}{
		{"first key alone", func() {}, "ok", "unknown_key"},
		{"the same set read again", func() { keys.publish(reread(t, a)) }, "ok", "unknown_key"},
		{"a second key beside it", func() { keys.publish(both) }, "ok", "ok"},
		{"the first key is gone", func() { keys.publish(b.KeySet()) }, "unknown_key", "ok"},
		{"the key server is down", keys.fail, "unavailable", "unavailable"},
		{"it is back", func() { keys.publish(b.KeySet()) }, "unknown_key", "ok"},
		{"the first key is back", func() { keys.publish(both) }, "ok", "ok"},
		{"no keys at all", func() { keys.publish(nil) }, "unknown_key", "unknown_key"},
	} {
		step.change()
		for range 2 {
			for raw, want := range map[string]string{ofA: step.wantA, ofB: step.wantB} {
				if _, err := v.Verify(t.Context(), raw); label(err) != want {
					t.Errorf("%s: got %v, want %s", step.name, err, want)
				}
			}
		}
	}
}

// A key that keeps its kid and changes in any other way is another key.
func TestAReplacedKeyOfTheSameKidTakesItsTokensWithIt(t *testing.T) {
	t.Parallel()
	k := loadKeys()
	set := func(jwk string) *jose.KeySet {
		set, _, err := jose.ParseKeySet([]byte(jwk))
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	keys := newSource(set(jwk("p256", k.p256.Public())))
	v := newVerifier(t, &accesstoken.Issuer{Name: provider, Keys: keys, Audience: []string{door}})
	token := read(t, "vectors", "es256.txt")
	parsed, err := parseVector("es256", token)
	if err != nil {
		t.Fatal(err)
	}
	_, err = v.Verify(t.Context(), parsed.token)
	wantLabel(t, err, "ok")
	keys.publish(set(jwk("p256", k.stranger.Public())))
	_, err = v.Verify(t.Context(), parsed.token)
	wantLabel(t, err, "bad_signature")
}

func TestUnknownKidAsksTheSourceOnce(t *testing.T) {
	t.Parallel()
	a, b := latchtest.NewKey(t, jose.EdDSA), latchtest.NewKey(t, jose.EdDSA)
	ofB := mint(t, b)
	for name, test := range map[string]struct {
		newer *answer
		raw   string
		want  string
		asked int32
	}{
		"ok/published since":             {&answer{set: b.KeySet()}, ofB, "ok", 1},
		"ok/known kid asks nothing":      {&answer{err: errDown}, mint(t, a), "ok", 0},
		"deny/still unknown":             {nil, ofB, "unknown_key", 1},
		"deny/the source fails then":     {&answer{err: errDown}, ofB, "unavailable", 1},
		"deny/without a kid":             {nil, sign(header("EdDSA", ""), claims("x", "1"), given(make([]byte, 64))), "bad_signature", 0},
		"deny/empty kid":                 {nil, sign(header("EdDSA", "", "kid", `""`), claims(), given(make([]byte, 64))), "unknown_key", 0},
		"deny/algorithm not the issuers": {nil, sign(header("RS256", "x"), claims(), given(make([]byte, 256))), "unknown_key", 0},
		"deny/malformed":                 {nil, ofB + "=", "malformed_token", 0},
		"deny/unknown issuer":            {nil, sign(header("EdDSA", "x"), claims("iss", `"x"`), given(make([]byte, 64))), "unknown_issuer", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keys := newSource(a.KeySet())
			keys.newer.Store(test.newer)
			v := newVerifier(t, &accesstoken.Issuer{Name: provider, Keys: keys, Algorithms: []jose.Algorithm{jose.EdDSA}})
			_, err := v.Verify(t.Context(), test.raw)
			if label(err) != test.want || keys.asked.Load() != test.asked {
				t.Errorf("got %v after %d questions, want %s after %d", err, keys.asked.Load(), test.want, test.asked)
			}
		})
	}
}

// 503 and not 401, whatever the kid: a client must not throw away a good token because we do not know our keys.
func TestFailingSourceIsUnavailable(t *testing.T) {
	t.Parallel()
	key := latchtest.NewKey(t, jose.RS256)
	keys := new(source)
	keys.fail()
	v := newVerifier(t, &accesstoken.Issuer{Name: provider, Keys: keys})
	forged := sign(header("RS256", "unknown"), claims("exp", "1"), given(make([]byte, 256)))
	for _, raw := range []string{mint(t, key), forged} {
		_, err := v.Verify(t.Context(), raw)
		wantLabel(t, err, "unavailable")
		if !errors.Is(err, errDown) {
			t.Errorf("%v does not say why", err)
		}
		tellsNothing(t, err, raw)
	}
}
