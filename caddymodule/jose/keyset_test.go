package jose_test

import (
	"crypto"
	"fmt"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

func TestFindTakesOneKeyOrNone(t *testing.T) {
	t.Parallel()
	r, e, o := members(rsaKey().Public()), members(p256().Public()), members(edKey().Public())
	mixed := keySet(t, jwks(
		with(r, "kid", "r"), with(e, "kid", "e"), with(o, "kid", "o"),
		with(members(p384().Public()), "kid", "rs"), members(p521().Public()),
	))
	twoEC := keySet(t, jwks(e, with(members(otherP256.Public()), "kid", "f")))
	pem := keySet(t, spki(rsaKey().Public()))
	shared := must(jose.Secret(secret))
	both := must(jose.Merge(shared, keySet(t, jwks(r))))
	for name, test := range map[string]struct {
		set    *jose.KeySet
		header string
		want   string // kid of the key found; "-": none; "": one without a kid
	}{
		"ok/by kid": {mixed, `{"alg":"RS256","kid":"r"}`, "r"},
		"ok/by kid, algorithm to be refused later": {mixed, `{"alg":"ES256","kid":"r"}`, "r"},
		"ok/without kid, the only one that fits":   {mixed, `{"alg":"EdDSA"}`, "o"},
		"ok/without kid, PSS":                      {mixed, `{"alg":"PS512"}`, "r"},
		"ok/without kid, a key without kid":        {mixed, `{"alg":"ES512"}`, ""},
		"ok/PEM":                                   {pem, `{"alg":"RS256"}`, ""},
		"ok/secret":                                {shared, `{"alg":"HS256"}`, ""},
		"ok/secret does not look at the kid":       {shared, `{"alg":"HS256","kid":"whatever"}`, ""},
		"ok/secret beside public keys":             {both, `{"alg":"HS256","kid":"whatever"}`, ""},
		"ok/public keys beside a secret":           {both, `{"alg":"RS256"}`, "r"},
		"deny/unknown kid":                         {mixed, `{"alg":"RS256","kid":"x"}`, "-"},
		"deny/empty kid":                           {mixed, `{"alg":"ES512","kid":""}`, "-"},
		"deny/kid in other case":                   {mixed, `{"alg":"RS256","kid":"R"}`, "-"},
		"deny/kid, key without kid":                {mixed, `{"alg":"ES512","kid":"x"}`, "-"},
		"deny/kid, PEM":                            {pem, `{"alg":"RS256","kid":"x"}`, "-"},
		"deny/two keys fit":                        {twoEC, `{"alg":"ES256"}`, "-"},
		"deny/no key fits":                         {pem, `{"alg":"ES256"}`, "-"},
		"deny/HMAC, public keys":                   {mixed, `{"alg":"HS256"}`, "-"},
		"deny/public algorithm, secret":            {shared, `{"alg":"RS256"}`, "-"},
		"deny/HMAC and the kid of a public key":    {both, `{"alg":"HS256","kid":"r"}`, "r"}, // Verify refuses, see below
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := must(jose.Parse(token(test.header, "{}", hs(crypto.SHA256, secret))))
			found := test.set.Find(c.Header)
			got := "-"
			if len(found) == 1 {
				got = found[0].ID
			}
			if len(found) > 1 || got != test.want {
				t.Errorf("got %s of %d, want %s", got, len(found), test.want)
			}
		})
	}
	t.Run("deny/HMAC and the kid of a public key, verified", func(t *testing.T) {
		t.Parallel()
		c := must(jose.Parse(token(`{"alg":"HS256","kid":"r"}`, "{}", hs(crypto.SHA256, secret))))
		_, err := c.Verify(both.Find(c.Header)[0])
		refuses(t, err, jose.ErrAlgorithm, "")
	})
}

func TestHasComparesKeysNotPointers(t *testing.T) {
	t.Parallel()
	read := func(pairs ...any) *jose.KeySet { return keySet(t, jwks(with(members(p256().Public()), pairs...))) }
	one := read("kid", "a")
	key := one.Keys()[0]
	for name, test := range map[string]struct {
		set  *jose.KeySet
		want bool
	}{
		"ok/itself":                 {one, true},
		"ok/read again":             {read("kid", "a"), true},
		"ok/alg said that was so":   {read("kid", "a", "alg", "ES256"), true},
		"deny/another kid":          {read("kid", "b"), false},
		"deny/no kid":               {read(), false},
		"deny/another key, one kid": {keySet(t, jwks(with(members(otherP256.Public()), "kid", "a"))), false},
		"deny/secret":               {must(jose.Secret(secret)), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.set.Has(key) != test.want {
				t.Errorf("got %t", !test.want)
			}
		})
	}
	t.Run("deny/algorithms narrowed", func(t *testing.T) {
		t.Parallel()
		wide := keySet(t, jwks(members(rsaKey().Public()))).Keys()[0]
		narrow := keySet(t, jwks(with(members(rsaKey().Public()), "alg", "PS256")))
		if narrow.Has(wide) {
			t.Error("a key that lost algorithms is the same")
		}
	})
	t.Run("deny/another secret", func(t *testing.T) {
		t.Parallel()
		set := must(jose.Secret(secret))
		if !must(jose.Secret(secret)).Has(set.Keys()[0]) {
			t.Error("a secret that was read again is another")
		}
		other := append([]byte("!"), secret[1:]...)
		if must(jose.Secret(other)).Has(set.Keys()[0]) || must(jose.Secret(secret[1:])).Has(set.Keys()[0]) ||
			must(jose.Secret(secret, jose.HS256)).Has(set.Keys()[0]) {
			t.Error("another secret is the same")
		}
	})
}

func TestMerge(t *testing.T) {
	t.Parallel()
	r, e := keySet(t, spki(rsaKey().Public())), keySet(t, jwks(with(members(p256().Public()), "kid", "a")))
	t.Run("ok/two files", func(t *testing.T) {
		t.Parallel()
		set, err := jose.Merge(r, nil, e)
		if err != nil || set.Len() != 2 || !set.Has(r.Keys()[0]) || !set.Has(e.Keys()[0]) {
			t.Errorf("got %v, %v", set, err)
		}
	})
	for name, sets := range map[string][]*jose.KeySet{
		"nothing":            nil,
		"no keys":            {nil, nil},
		"one kid twice":      {e, keySet(t, jwks(with(members(otherP256.Public()), "kid", "a")))},
		"one kid, two kinds": {e, keySet(t, jwks(with(members(edKey().Public()), "kid", "a")))},
		"one file twice":     {r, r},
	} {
		t.Run("deny/"+name, func(t *testing.T) {
			t.Parallel()
			if set, err := jose.Merge(sets...); err == nil || set != nil {
				t.Error("accepted")
			}
		})
	}
}

func TestKeysAreNotPrinted(t *testing.T) {
	t.Parallel()
	set := must(jose.Secret(secret))
	k, err := jose.GenerateKey(jose.HS256)
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range []any{set.Keys()[0], k} {
			text := fmt.Sprintf(verb, v)
			for _, material := range []string{string(secret), fmt.Sprintf("%x", secret), fmt.Sprint(secret), fmt.Sprint(k.Secret())} {
				quotes(t, fmt.Errorf("%s", text), material)
			}
		}
	}
}
