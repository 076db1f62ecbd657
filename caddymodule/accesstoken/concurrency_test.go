package accesstoken_test

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// Many requests verify while the keys change: an answer given while a set stood is the answer of that set.
func TestVerifyDuringRotation(t *testing.T) {
	t.Parallel()
	a, b := latchtest.NewKey(t, jose.EdDSA), latchtest.NewKey(t, jose.EdDSA)
	tokens := map[string]latchtest.Key{}
	for range 8 {
		tokens[mint(t, a)], tokens[mint(t, b)] = a, b
	}
	keys := newSource(reread(t, a))
	v := newVerifier(t, &accesstoken.Issuer{Name: provider, Keys: keys})
	done := make(chan struct{})
	var readers, writer sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			compared := 0
			for round := 0; round < 200 || compared < 100; round++ {
				for raw, key := range tokens {
					before := keys.now.Load()
					token, err := v.Verify(t.Context(), raw)
					if keys.now.Load() != before {
						continue // the set changed meanwhile: either answer is right
					}
					compared++
					want := "unknown_key"
					if before.set.Has(key.KeySet().Keys()[0]) {
						want = "ok"
					}
					if label(err) != want {
						t.Errorf("got %v, want %s", err, want)
					}
					if err == nil && token.KeyID != key.ID {
						t.Error("one token's answer for another")
					}
				}
			}
		})
	}
	writer.Go(func() {
		for {
			for _, key := range []latchtest.Key{a, b} {
				select {
				case <-done:
					return
				default:
					keys.publish(reread(t, key))
				}
			}
		}
	})
	readers.Wait()
	close(done)
	writer.Wait()
}

// Hostile tokens and good ones at once: what one request meets does not change what the next one does (A7).
func TestA7_OddTokensChangeNothingForOthers(t *testing.T) {
	t.Parallel()
	v := verifier(t)
	vectors := readVectors(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, i := range rand.Perm(len(vectors)) {
				vector := vectors[i]
				_, err := accept(t.Context(), v, vector.token, vector.arrives())
				if label(err) != vector.expect {
					t.Errorf("%s: got %v, want %s", vector.name, err, vector.expect)
				}
			}
		})
	}
	wg.Wait()
}
