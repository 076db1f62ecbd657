package accesstoken

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

// one is a KeySource of one set; keysource imports this package.
type one struct{ set *jose.KeySet }

func (o one) Set(context.Context, string) (*jose.KeySet, error) { return o.set, nil }

// What the cache counts must be what Go takes: a bound of 16 MiB of text once stood for 600 MiB of decoded claims.
// Not parallel: it reads the heap of the whole process.
func TestWeightIsNotBelowWhatTheHeapHolds(t *testing.T) {
	key, err := jose.GenerateKey(jose.HS256)
	if err != nil {
		t.Fatal(err)
	}
	for name, extra := range map[string]string{
		"few claims":     `"scope":"door:open door:read","client_id":"phone"`,
		"many claims":    `"email":"a@id.example","name":"Ana","azp":"phone","acr":"1","realm_access":{"roles":["a","b","c"]}`,
		"empty objects":  `"x":[` + strings.Repeat(`{},`, 1800) + `{}]`,
		"small objects":  `"x":[` + strings.Repeat(`{"a":0},`, 650) + `{}]`,
		"wide object":    `"x":{` + members(550) + `}`,
		"empty arrays":   `"x":[` + strings.Repeat(`[],`, 1800) + `[]]`,
		"numbers":        `"x":[` + strings.Repeat(`0,`, 2700) + `0]`,
		"booleans":       `"x":[` + strings.Repeat(`true,`, 1000) + `true]`,
		"empty strings":  `"x":[` + strings.Repeat(`"",`, 1800) + `""]`,
		"one big string": `"x":"` + strings.Repeat("a", 5500) + `"`,
		"many scopes":    `"scope":"` + strings.Repeat("a ", 2700) + `a"`,
		"many audiences": `"aud":[` + strings.Repeat(`"a",`, 1350) + `"a"]`,
	} {
		t.Run(name, func(t *testing.T) {
			const tokens = 32 // fewer than fill a generation
			spellings := make([]string, tokens)
			for i := range spellings {
				payload := fmt.Sprintf(`{"sub":"ana","jti":"%d","exp":1800000000,%s}`, i, extra)
				if spellings[i], err = key.Sign("at+jwt", []byte(payload)); err != nil {
					t.Fatal(err)
				}
			}
			v, err := NewVerifier([]*Issuer{{Keys: one{key.KeySet()}}})
			if err != nil {
				t.Fatal(err)
			}
			before := heap()
			for _, raw := range spellings {
				if _, err := v.Verify(t.Context(), raw); err != nil {
					t.Fatal(err)
				}
			}
			held, counted := heap()-before, v.known.size
			t.Logf("%d characters, %d bytes held, %d counted", len(spellings[0]), held/tokens, counted/tokens)
			if held > counted || counted > 6*held {
				t.Errorf("%d tokens hold %d bytes and count as %d", tokens, held, counted)
			}
			runtime.KeepAlive(spellings)
			runtime.KeepAlive(v)
		})
	}
}

func members(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(`"%d":{}`, i)
	}
	return strings.Join(all, ",")
}

// heap is what is alive, in bytes.
func heap() int {
	runtime.GC()
	runtime.GC() // the first one only queues what has finalizers
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// TestClaimsThatNoRuleAsksForAreNotKept, neither in a token nor in what it weighs; all else stays.
func TestClaimsThatNoRuleAsksForAreNotKept(t *testing.T) {
	t.Parallel()
	key, err := jose.GenerateKey(jose.HS256)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := key.Sign("at+jwt", []byte(`{"sub":"ana","sid":"s","scope":"a b","exp":1800000000,"x":{"y":[1,2,3]}}`))
	if err != nil {
		t.Fatal(err)
	}
	var tokens [2]*Token
	for i := range tokens {
		v, err := NewVerifier([]*Issuer{{Keys: one{key.KeySet()}}})
		if err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			v.ForgetClaims()
		}
		if tokens[i], err = v.Verify(t.Context(), raw); err != nil {
			t.Fatal(err)
		}
	}
	kept, light := tokens[0], tokens[1]
	if len(kept.Claims) != 5 || light.Claims != nil || light.size >= kept.size {
		t.Errorf("%d claims of %d bytes, and %v of %d", len(kept.Claims), kept.size, light.Claims, light.size)
	}
	if light.Subject != "ana" || len(light.Scopes) != 2 || light.ExpiresAt != kept.ExpiresAt || *light.Names != *kept.Names {
		t.Errorf("%+v, want %+v", light, kept)
	}
}

// TestTenThousandTokensInTurnStayKnown: of a usual provider, however often their generations turn.
func TestTenThousandTokensInTurnStayKnown(t *testing.T) {
	t.Parallel()
	key, err := jose.GenerateKey(jose.HS256)
	if err != nil {
		t.Fatal(err)
	}
	v, err := NewVerifier([]*Issuer{{Keys: one{key.KeySet()}}})
	if err != nil {
		t.Fatal(err)
	}
	raws := make([]string, 10_000)
	for i := range raws {
		payload := fmt.Sprintf(`{"sub":"auth0|5f7c8ec7c33c6c004bbafe82","jti":"4Zk2vJ0n0qH8c3v1b6m7xw%d","iat":1700000000,"exp":1800000000,`+
			`"aud":["https://bots.example.com","https://id.example.com/userinfo"],"azp":"my_client_id","scope":"openid profile door:open observe",`+
			`"padding":%q}`, i, strings.Repeat("x", 256)) // a signature of RS256 is longer than ours
		if raws[i], err = key.Sign("at+jwt", []byte(payload)); err != nil {
			t.Fatal(err)
		}
		if _, err := v.Verify(t.Context(), raws[i]); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		for i, raw := range raws {
			if v.Known(raw) == nil {
				t.Fatalf("token %d was forgotten", i)
			}
		}
	}
}
