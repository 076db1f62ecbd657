package jose_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jws"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

func TestSigningKeyRoundTrip(t *testing.T) {
	t.Parallel()
	for a := jose.HS256; a <= jose.EdDSA; a++ {
		t.Run("ok/"+a.String(), func(t *testing.T) {
			t.Parallel()
			made, err := jose.GenerateKey(a)
			if err != nil {
				t.Fatal(err)
			}
			private, err := made.PrivateJWK()
			if err != nil {
				t.Fatal(err)
			}
			key, err := jose.ParseSigningKey(private)
			if err != nil {
				t.Fatal(err)
			}
			if key.ID != made.ID || key.ID == "" || key.Algorithm != a {
				t.Errorf("got %v of %v", key, made)
			}
			raw, err := key.Sign("at+jwt", []byte(payload))
			if err != nil {
				t.Fatal(err)
			}
			c, err := jose.Parse(raw)
			if err != nil {
				t.Fatal(err)
			}
			if want := (jose.Header{Algorithm: a, Type: "at+jwt", KeyID: made.ID, HasKeyID: true}); c.Header != want {
				t.Errorf("header %+v", c.Header)
			}
			found := made.KeySet().Find(c.Header)
			if len(found) != 1 {
				t.Fatal("its own set does not have the key")
			}
			if got, err := c.Verify(found[0]); err != nil || string(got) != payload {
				t.Errorf("got %q, %v", got, err)
			}
			verifyWithJWX(t, made, raw)
			published, err := made.PublicJWKS()
			if a.Symmetric() {
				if err == nil || len(made.Secret()) < 32 || strings.Contains(made.ID, b64(made.Secret())[:8]) {
					t.Error("a secret is published")
				}
				return
			}
			if err != nil || made.Secret() != nil {
				t.Fatal("no public half", err)
			}
			set := keySet(t, published)
			if !set.Has(found[0]) || found[0].Thumbprint != made.ID {
				t.Error("the published key is another")
			}
			for _, name := range []string{`"d"`, `"p"`, `"q"`, `"k"`} {
				if strings.Contains(string(published), name) {
					t.Errorf("%s is published", name)
				}
			}
		})
	}
	if _, err := jose.GenerateKey(0); err == nil {
		t.Error("a key of no algorithm")
	}
}

// verifyWithJWX checks with another implementation, from the JWK as it is written.
func verifyWithJWX(t *testing.T, key *jose.SigningKey, raw string) {
	t.Helper()
	k, err := jwk.ParseKey(must(key.PrivateJWK()))
	if err != nil {
		t.Fatal(err)
	}
	if !key.Algorithm.Symmetric() {
		k = must(k.PublicKey())
	}
	if _, err := jws.Verify([]byte(raw), jws.WithKey(jwa.SignatureAlgorithm(key.Algorithm.String()), k)); err != nil {
		t.Errorf("jwx: %v", err)
	}
}

func TestSignLeavesOutWhatIsEmpty(t *testing.T) {
	t.Parallel()
	k, err := jose.ParseSigningKey(asJSON(map[string]any{"kty": "oct", "alg": "HS256", "k": b64(secret)}))
	if err != nil {
		t.Fatal(err)
	}
	raw := must(k.Sign("", []byte("{}")))
	if head := strings.Split(raw, ".")[0]; head != b64(`{"alg":"HS256"}`) {
		t.Errorf("header %s", head)
	}
	k.Secret()[0] ^= 1
	if _, err := verify(must(k.Sign("", []byte("{}"))), must(jose.Secret(secret)).Keys()[0]); err != nil {
		t.Error("the key can be changed from outside")
	}
}

func TestRefusesSigningKey(t *testing.T) {
	t.Parallel()
	private := func(a jose.Algorithm, pairs ...any) map[string]any {
		var m map[string]any
		if err := json.Unmarshal(must(must(jose.GenerateKey(a)).PrivateJWK()), &m); err != nil {
			t.Fatal(err)
		}
		return with(m, pairs...)
	}
	r := private(jose.RS256)
	changed := func(pairs ...any) map[string]any {
		m := map[string]any{}
		for name, value := range r {
			m[name] = value
		}
		return with(m, pairs...)
	}
	other := private(jose.ES256)
	for name, test := range map[string]struct {
		jwk  map[string]any
		says string
	}{
		"no alg":                {private(jose.ES256, "alg", nil), "no alg"},
		"alg of another curve":  {private(jose.ES256, "alg", "ES384"), "does not fit"},
		"alg none":              {private(jose.ES256, "alg", "none"), "alg"},
		"alg HS256":             {private(jose.ES256, "alg", "HS256"), ""},
		"public only":           {private(jose.ES256, "d", nil), "public key"},
		"public RSA":            {members(rsaKey().Public()), "public key"},
		"use enc":               {private(jose.EdDSA, "use", "enc"), "use"},
		"key_ops verify":        {private(jose.EdDSA, "key_ops", []string{"verify"}), "key_ops"},
		"kid a number":          {private(jose.EdDSA, "kid", 1), "kid"},
		"kty unknown":           {private(jose.EdDSA, "kty", "AKP"), "kty"},
		"another's x, Ed25519":  {private(jose.EdDSA, "x", private(jose.EdDSA)["x"]), ""},
		"another's point, EC":   {private(jose.ES256, "x", other["x"], "y", other["y"]), ""},
		"d zero, EC":            {private(jose.ES256, "d", b64(make([]byte, 32))), ""},
		"d too long, EC":        {private(jose.ES256, "d", b64(repeat("\xff", 64))), ""},
		"d a number":            {private(jose.ES256, "d", 5), ""},
		"RSA without primes":    {changed("p", nil, "q", nil), "missing"},
		"RSA of other primes":   {changed("p", r["q"], "q", r["dp"]), ""},
		"RSA of another d":      {changed("d", r["dp"]), ""},
		"RSA of another n":      {changed("n", b64(rsaKey().N.Bytes())), ""},
		"RSA 1024":              {changed("n", b64(weakRSA(1024).N.Bytes())), ""},
		"secret of 31 bytes":    {map[string]any{"kty": "oct", "alg": "HS256", "k": b64(secret[:31])}, "32"},
		"secret for RS256":      {map[string]any{"kty": "oct", "alg": "RS256", "k": b64(secret)}, ""},
		"secret with padding":   {map[string]any{"kty": "oct", "alg": "HS256", "k": b64(secret) + "=="}, ""},
		"set of one":            {map[string]any{"keys": []any{private(jose.EdDSA)}}, "kty"},
		"private and no public": {private(jose.ES256, "x", nil), "missing"},
	} {
		t.Run("deny/"+name, func(t *testing.T) {
			t.Parallel()
			k, err := jose.ParseSigningKey(asJSON(test.jwk))
			if err == nil || k != nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), test.says) {
				t.Errorf("%q does not say %q", err, test.says)
			}
			for _, member := range []string{"d", "k", "p", "n"} {
				s, _ := test.jwk[member].(string)
				quotes(t, err, s)
			}
		})
	}
	for name, text := range map[string]string{
		"nothing": "", "not JSON": "-----BEGIN PRIVATE KEY-----", "d twice": `{"d":"AA",` + string(asJSON(other))[1:],
	} {
		t.Run("deny/"+name, func(t *testing.T) {
			t.Parallel()
			if _, err := jose.ParseSigningKey([]byte(text)); err == nil {
				t.Error("accepted")
			}
		})
	}
}
