package accesstoken_test

import (
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/jose"
)

// verified is what the site makes of claims signed by the provider.
func verified(t testing.TB, v *accesstoken.Verifier, payload string) *accesstoken.Token {
	t.Helper()
	token, err := v.Verify(t.Context(), sign(header("ES256", "p256"), payload, es(crypto.SHA256, loadKeys().p256)))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestTokenSaysWhatItsClaimsSay(t *testing.T) {
	t.Parallel()
	v := verifier(t)
	token := verified(t, v, claims("nbf", "1699999999", "sid", `"s-1"`, "azp", `"radio"`))
	for name, pair := range map[string][2]any{
		"issuer":    {token.Issuer.Name, provider},
		"subject":   {token.Subject, "ana"},
		"client":    {token.ClientID, "phone"},
		"jti":       {token.ID, "j-1"},
		"kid":       {token.KeyID, "p256"},
		"expires":   {token.ExpiresAt, time.Unix(issued+3660, 0)},
		"issued":    {token.IssuedAt, time.Unix(issued, 0)},
		"not early": {token.NotBefore, time.Unix(issued-1, 0)},
		"sid":       {token.Claims["sid"], any("s-1")},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: got %v, want %v", name, pair[0], pair[1])
		}
	}
	if !slices.Equal(token.Audience, []string{door}) || !slices.Equal(token.Scopes, []string{"door:open", "door:read"}) {
		t.Errorf("audience %q, scopes %q", token.Audience, token.Scopes)
	}
	if token.Names == nil {
		t.Error("it has no names to revoke it by")
	}

	silent := verified(t, v, claims("sub", "", "client_id", "", "jti", "", "scope", "", "iat", "", "azp", `"radio"`))
	if silent.Subject != "" || silent.ID != "" || silent.ClientID != "radio" || silent.Scopes != nil ||
		!silent.IssuedAt.IsZero() || !silent.NotBefore.IsZero() {
		t.Errorf("it says what nobody said: %+v", silent)
	}
}

func TestScopesComeFromTheFirstClaimThatIsPresent(t *testing.T) {
	t.Parallel()
	two := []string{"a", "b"}
	for name, test := range map[string]struct {
		claim []string // the issuer's; nil: the default
		said  []string // name and JSON
		want  []string
	}{
		"ok/string":                   {nil, []string{"scope", `"a b"`}, two},
		"ok/more spaces":              {nil, []string{"scope", `"  a   b "`}, two},
		"ok/a tab is no space":        {nil, []string{"scope", `"a\tb"`}, []string{"a\tb"}},
		"ok/array is not split":       {nil, []string{"scope", `["a b","c"]`}, []string{"a b", "c"}},
		"ok/scp":                      {nil, []string{"scope", "", "scp", `["a","b"]`}, two},
		"ok/scope before scp":         {nil, []string{"scp", `["c"]`, "scope", `"a b"`}, two},
		"ok/no union":                 {nil, []string{"scope", `"a"`, "scp", `["b"]`}, []string{"a"}},
		"ok/empty counts as present":  {nil, []string{"scope", `""`, "scp", `["admin"]`}, []string{}},
		"ok/the later is not read":    {nil, []string{"scope", `"a"`, "scp", `{"b":1}`}, []string{"a"}},
		"ok/none":                     {nil, []string{"scope", ""}, nil},
		"ok/own claim":                {[]string{"permissions"}, []string{"permissions", `["a","b"]`}, two},
		"ok/own claim, no default":    {[]string{"permissions"}, []string{"scope", `"a b"`}, nil},
		"ok/own order":                {[]string{"scp", "scope"}, []string{"scope", `"c"`, "scp", `"a b"`}, two},
		"ok/name with dots":           {[]string{"https://x/roles.v1"}, []string{"https://x/roles.v1", `"a b"`}, two},
		"ok/pointer":                  {[]string{"/realm_access/roles"}, []string{"realm_access", `{"roles":["a","b"]}`}, two},
		"ok/pointer, escapes":         {[]string{"/https:~1~1ns~1roles"}, []string{"https://ns/roles", `"a b"`}, two},
		"ok/pointer to nothing":       {[]string{"/x/y", "scp"}, []string{"x", `{"z":"c"}`, "scp", `"a b"`}, two},
		"ok/pointer through no array": {[]string{"/x/0", "scp"}, []string{"x", `["c"]`, "scp", `"a b"`}, two},
		"ok/pointer through text":     {[]string{"/scope/a", "scp"}, []string{"scope", `"a"`, "scp", `"a b"`}, two},
		"ok/pointer, empty counts":    {[]string{"/x/y", "scp"}, []string{"x", `{"y":[]}`, "scp", `"admin"`}, []string{}},
		"ok/dots are no pointer":      {[]string{"x.y"}, []string{"x", `{"y":"a"}`}, nil},
		"ok/case of names and values": {nil, []string{"Scope", `"c"`, "scope", `"A a"`}, []string{"A", "a"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVerifier(t, &accesstoken.Issuer{Name: provider, Keys: keySet(t, "public.jwks.json"), ScopeClaim: test.claim})
			token := verified(t, v, claims(test.said...))
			if !slices.Equal(token.Scopes, test.want) {
				t.Errorf("got %q, want %q", token.Scopes, test.want)
			}
		})
	}
}

// What a pointer finds is asked like any other claim: whoever may choose an object's names must not choose scopes.
func TestAPointerToWhatIsNoScopeRefusesTheToken(t *testing.T) {
	t.Parallel()
	v := newVerifier(t, &accesstoken.Issuer{Name: provider, Keys: keySet(t, "public.jwks.json"), ScopeClaim: []string{"/x/y", "scope"}})
	for _, said := range []string{`{"door:open":1}`, `null`, `true`, `1`, `["a",1]`, `[""]`, `[["a"]]`} {
		_, err := v.Verify(t.Context(), sign(header("ES256", "p256"), claims("x", `{"y":`+said+`}`), es(crypto.SHA256, loadKeys().p256)))
		wantLabel(t, err, "malformed_token")
	}
}

func TestHasScopeIsByteForByte(t *testing.T) {
	t.Parallel()
	token := &accesstoken.Token{Scopes: []string{"door:open", "door"}}
	for scope, want := range map[string]bool{
		"door:open": true, "door": true, "door:": false, "door:open:all": false, "door:ope": false, "DOOR": false, "": false, " door": false,
	} {
		if token.HasScope(scope) != want {
			t.Errorf("%q: got %t", scope, !want)
		}
	}
}

// The signature is left out of a fingerprint: an ECDSA signature has a twin, which would pass a revocation of the other.
func TestFingerprintIsTheSameForTheTwin(t *testing.T) {
	t.Parallel()
	v, k := verifier(t), loadKeys()
	one, twin := sign(header("ES256", "p256"), claims(), es(crypto.SHA256, k.p256)), sign(header("ES256", "p256"), claims(), esTwin(crypto.SHA256, k.p256))
	if one == twin {
		t.Fatal("one spelling")
	}
	sum := sha256.Sum256([]byte(one[:strings.LastIndex(one, ".")]))
	for _, raw := range []string{one, twin} {
		token, err := v.Verify(t.Context(), raw)
		if err != nil {
			t.Fatal(err)
		}
		if want := base64.RawURLEncoding.EncodeToString(sum[:]); token.Fingerprint != want {
			t.Errorf("got %s, want %s", token.Fingerprint, want)
		}
		c, err := jose.Parse(raw)
		if err != nil || accesstoken.Fingerprint(c) != token.Fingerprint {
			t.Errorf("a token that was not verified has another fingerprint (%v)", err)
		}
	}
}

// A second request gets the same token, which nobody may change; a token without a kid is known by its key's.
func TestVerifyTwiceIsOneToken(t *testing.T) {
	t.Parallel()
	v, k := verifier(t), loadKeys()
	raw := sign(header("ES256", ""), claims(), es(crypto.SHA256, k.stranger))
	if _, err := v.Verify(t.Context(), raw); label(err) == "ok" {
		t.Fatal("accepted")
	}
	raw = sign(header("RS256", ""), claims(), rs(crypto.SHA256, k.rsa))
	first, err := v.Verify(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	second, err := v.Verify(t.Context(), fmt.Sprint(raw))
	if err != nil || first != second || first.KeyID != "rsa" {
		t.Errorf("%p and %p, kid %q, %v", first, second, first.KeyID, err)
	}
}

// One site's tokens are not another's (C2): each has its own verifier, and a name that only one accepts.
func TestC2_TwoSitesShareNothing(t *testing.T) {
	t.Parallel()
	keys := keySet(t, "public.jwks.json")
	ours := newVerifier(t, &accesstoken.Issuer{Name: provider, Keys: keys})
	theirs := newVerifier(t, &accesstoken.Issuer{Name: narrow, Keys: keys})
	raw := sign(header("ES256", "p256"), claims(), es(crypto.SHA256, loadKeys().p256))
	for range 2 {
		_, err := ours.Verify(t.Context(), raw)
		wantLabel(t, err, "ok")
		_, err = theirs.Verify(t.Context(), raw)
		wantLabel(t, err, "unknown_issuer")
	}
}
