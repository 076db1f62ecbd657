package issue_test

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
)

var now = time.Date(2026, 5, 1, 12, 0, 0, 999_000_000, time.UTC)

func key(t testing.TB, alg jose.Algorithm) *jose.SigningKey {
	t.Helper()
	k, err := jose.GenerateKey(alg)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// claims verifies raw as the latch would, and returns what it says.
func claims(t testing.TB, k *jose.SigningKey, raw string) jose.Object {
	t.Helper()
	c, err := jose.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	if c.Header.Type != "at+jwt" || c.Header.KeyID != k.ID {
		t.Errorf("header %+v", c.Header)
	}
	found := k.KeySet().Find(c.Header)
	if len(found) != 1 {
		t.Fatal("no key fits")
	}
	payload, err := c.Verify(found[0])
	if err != nil {
		t.Fatal(err)
	}
	o, err := jose.ParseObject(payload)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestIssuedTokenSays(t *testing.T) {
	t.Parallel()
	iat := json.Number(fmt.Sprint(now.Unix()))
	exp := func(d time.Duration) json.Number { return json.Number(fmt.Sprint(now.Add(d).Unix())) }
	for name, test := range map[string]struct {
		token issue.Token
		want  jose.Object // without jti
	}{
		"ok/the least": {
			issue.Token{Subject: "ana"},
			jose.Object{"sub": "ana", "client_id": "ana", "iat": iat, "exp": exp(15 * time.Minute)},
		},
		"ok/everything": {
			issue.Token{
				Issuer: "https://id.example", Subject: "ana", ClientID: "phone", Audience: []string{"https://lock.example"},
				Scope: []string{"door:open", "observe"}, TTL: time.Hour, Extra: map[string]any{"sid": "s", "n": math.MaxInt64},
			},
			jose.Object{
				"iss": "https://id.example", "sub": "ana", "client_id": "phone", "aud": "https://lock.example",
				"scope": "door:open observe", "iat": iat, "exp": exp(time.Hour), "sid": "s", "n": json.Number("9223372036854775807"),
			},
		},
		"ok/two audiences": {
			issue.Token{Subject: "ana", Audience: []string{"a", "b"}},
			jose.Object{"sub": "ana", "client_id": "ana", "aud": []any{"a", "b"}, "iat": iat, "exp": exp(15 * time.Minute)},
		},
		"ok/a day": {
			issue.Token{Subject: "ana", TTL: 24 * time.Hour},
			jose.Object{"sub": "ana", "client_id": "ana", "iat": iat, "exp": exp(24 * time.Hour)},
		},
		"ok/longer, when the site takes it": {
			issue.Token{Subject: "ana", TTL: 720 * time.Hour, MaxTTL: 720 * time.Hour},
			jose.Object{"sub": "ana", "client_id": "ana", "iat": iat, "exp": exp(720 * time.Hour)},
		},
		"ok/parts of a second are dropped": {
			issue.Token{Subject: "ana", TTL: 1999 * time.Millisecond},
			jose.Object{"sub": "ana", "client_id": "ana", "iat": iat, "exp": exp(time.Second)},
		},
		"ok/UTF-8, markup": {
			issue.Token{Subject: "Ana <é> & \u2028"},
			jose.Object{"sub": "Ana <é> & \u2028", "client_id": "Ana <é> & \u2028", "iat": iat, "exp": exp(15 * time.Minute)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := key(t, jose.EdDSA)
			issued, err := test.token.Issue(k, now)
			if err != nil {
				t.Fatal(err)
			}
			got := claims(t, k, issued.Raw)
			if got["jti"] != issued.ID || len(issued.ID) != 22 {
				t.Errorf("jti %v, said %q", got["jti"], issued.ID)
			}
			delete(got, "jti")
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got  %v\nwant %v", got, test.want)
			}
			if issued.IssuedAt.Unix() != now.Unix() || json.Number(fmt.Sprint(issued.ExpiresAt.Unix())) != got["exp"] {
				t.Errorf("said %s to %s", issued.IssuedAt, issued.ExpiresAt)
			}
		})
	}
}

func TestRefusesToIssue(t *testing.T) {
	t.Parallel()
	deep := any(1)
	for range 40 {
		deep = []any{deep}
	}
	for name, token := range map[string]issue.Token{
		"no subject":            {ClientID: "phone"},
		"negative TTL":          {Subject: "ana", TTL: -time.Second},
		"TTL below a second":    {Subject: "ana", TTL: time.Second - 1},
		"TTL above a day":       {Subject: "ana", TTL: 24*time.Hour + time.Second},
		"TTL above its maximum": {Subject: "ana", TTL: time.Hour, MaxTTL: time.Minute},
		"negative maximum":      {Subject: "ana", MaxTTL: -1},
		"empty audience":        {Subject: "ana", Audience: []string{"a", ""}},
		"empty scope":           {Subject: "ana", Scope: []string{""}},
		"two scopes in one":     {Subject: "ana", Scope: []string{"door:open observe"}},
		"scope with a quote":    {Subject: "ana", Scope: []string{`a"b`}},
		"scope, backslash":      {Subject: "ana", Scope: []string{`a\b`}},
		"scope beyond ASCII":    {Subject: "ana", Scope: []string{"tür"}},
		"scope with a newline":  {Subject: "ana", Scope: []string{"a\n"}},
		"subject not UTF-8":     {Subject: "a\xff"},
		"issuer not UTF-8":      {Subject: "ana", Issuer: "a\xff"},
		"audience not UTF-8":    {Subject: "ana", Audience: []string{"a\xff"}},
		"extra exp":             {Subject: "ana", Extra: map[string]any{"exp": 1}},
		"extra jti":             {Subject: "ana", Extra: map[string]any{"jti": "a"}},
		"extra sub":             {Subject: "ana", Extra: map[string]any{"sub": "mallory"}},
		"extra that is no JSON": {Subject: "ana", Extra: map[string]any{"f": func() {}}},
		"extra too deep":        {Subject: "ana", Extra: map[string]any{"a": deep}},
		"extra iss a number":    {Subject: "ana", Extra: map[string]any{"iss": 1}},
		"longer than 8 KiB":     {Subject: strings.Repeat("a", 8<<10)},
	} {
		t.Run("deny/"+name, func(t *testing.T) {
			t.Parallel()
			raw, err := token.Sign(key(t, jose.EdDSA), now)
			if err == nil || raw != "" {
				t.Fatal("issued")
			}
			if strings.Contains(err.Error(), "mallory") || len(err.Error()) > 200 {
				t.Errorf("the error quotes a value: %v", err)
			}
		})
	}
	t.Run("deny/no key", func(t *testing.T) {
		t.Parallel()
		if _, err := (issue.Token{Subject: "ana"}).Sign(nil, now); err == nil {
			t.Error("issued")
		}
	})
}

func TestEveryTokenHasAnotherID(t *testing.T) {
	t.Parallel()
	k, seen := key(t, jose.HS256), map[string]bool{}
	for range 1000 {
		issued, err := issue.Token{Subject: "ana"}.Issue(k, now)
		if err != nil {
			t.Fatal(err)
		}
		if seen[issued.ID] {
			t.Fatal("a jti twice")
		}
		seen[issued.ID] = true
	}
}
