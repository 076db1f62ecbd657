package oidc_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/door/oidc"
)

// taking is a check that takes any access token.
func taking(scopes ...string) oidc.Check {
	return func(context.Context, string) (*oidc.Access, error) { return &oidc.Access{Scopes: scopes}, nil }
}

// halfHash is an at_hash with SHA-256 (OpenID Connect Core §3.1.3.6).
func halfHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// B27: what a grant takes for its claim.
func TestGrantsFitLiterally(t *testing.T) {
	t.Parallel()
	type claims = map[string]any
	byMail := oidc.Grant{Claim: "email", Value: "ana@example.com"}
	byGroup := oidc.Grant{Claim: "groups", Value: "family"}
	byPhone := oidc.Grant{Claim: "phone_number", Value: "+15550100"}
	for name, c := range map[string]struct {
		grant  oidc.Grant
		claims claims
		ok     bool
	}{
		"ok/verified email":            {byMail, claims{"email": "ana@example.com", "email_verified": true}, true},
		"ok/group as a string":         {byGroup, claims{"groups": "family"}, true},
		"ok/group of several":          {byGroup, claims{"groups": []string{"guests", "family"}}, true},
		"ok/sub":                       {oidc.Grant{Claim: "sub", Value: "ana"}, nil, true},
		"ok/claim that looks nested":   {oidc.Grant{Claim: "realm.role", Value: "x"}, claims{"realm.role": "x"}, true},
		"ok/verified phone":            {byPhone, claims{"phone_number": "+15550100", "phone_number_verified": true}, true},
		"deny/unverified email":        {byMail, claims{"email_verified": false}, false},
		"deny/email_verified missing":  {byMail, claims{"email_verified": nil}, false},
		"deny/email_verified a string": {byMail, claims{"email_verified": "true"}, false},
		"deny/email_verified a number": {byMail, claims{"email_verified": 1}, false},
		"deny/email_verified an array": {byMail, claims{"email_verified": []bool{true}}, false},
		"deny/email in other case":     {byMail, claims{"email": "Ana@example.com"}, false},
		"deny/email longer":            {byMail, claims{"email": "ana@example.com.evil.example"}, false},
		"deny/email in front":          {byMail, claims{"email": "banana@example.com"}, false},
		"deny/email with space":        {byMail, claims{"email": "ana@example.com "}, false},
		"deny/email an array":          {byMail, claims{"email": []string{"ana@example.com"}}, false},
		"deny/email missing":           {byMail, claims{"email": nil}, false},
		"deny/name of the claim":       {byMail, claims{"email": nil, "Email": "ana@example.com"}, false},
		"deny/unverified phone":        {byPhone, claims{"phone_number": "+15550100"}, false},
		"deny/group missing":           {byGroup, nil, false},
		"deny/group null":              {byGroup, claims{"groups": []any{nil}}, false},
		"deny/group part":              {byGroup, claims{"groups": []string{"family-friends", "fam"}}, false},
		"deny/group with a list":       {byGroup, claims{"groups": "guests family"}, false},
		"deny/group in other case":     {byGroup, claims{"groups": []string{"Family"}}, false},
		"deny/group array inside":      {byGroup, claims{"groups": []any{[]string{"family"}}}, false},
		"deny/group beside no string":  {byGroup, claims{"groups": []any{"family", 1}}, false},
		"deny/group object":            {byGroup, claims{"groups": claims{"family": "family"}}, false},
		"deny/path into an object":     {oidc.Grant{Claim: "realm.role", Value: "x"}, claims{"realm": claims{"role": "x"}}, false},
		"deny/number":                  {oidc.Grant{Claim: "level", Value: "1"}, claims{"level": 1}, false},
		"deny/boolean":                 {oidc.Grant{Claim: "email_verified", Value: "true"}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.claims = c.claims
			config := f.config()
			c.grant.Scopes = []string{"observe", "door:open"}
			config.Grants = []oidc.Grant{c.grant, c.grant}
			who, err := f.signIn(t, newProvider(t, config, nil), time.Now())
			if !c.ok {
				mustRefuse(t, who, err, oidc.ErrNothingGranted)
			} else if err != nil || !slices.Equal(who.Scopes, c.grant.Scopes) {
				t.Errorf("%+v, %v", who, err)
			}
		})
	}
}

func TestNothingIsGrantedByDefault(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	config := f.config()
	config.Grants = nil
	who, err := f.signIn(t, newProvider(t, config, nil), time.Now())
	mustRefuse(t, who, err, oidc.ErrNothingGranted)
}

func TestNamesAndPicturesAreFitToBeShown(t *testing.T) {
	t.Parallel()
	type claims = map[string]any
	for name, c := range map[string]struct {
		claims        claims
		shown, source string
	}{
		"ok/both":                  {claims{"name": "Ana Núñez", "picture": "https://example.com/a.png?s=1"}, "Ana Núñez", "https://example.com/a.png?s=1"},
		"ok/neither":               {nil, "", ""},
		"ok/user name instead":     {claims{"preferred_username": "ana"}, "ana", ""},
		"ok/name cut":              {claims{"name": strings.Repeat("ä", 200)}, strings.Repeat("ä", 100), ""},
		"deny/control characters":  {claims{"name": "A\x1b[31mna\r\n\u202eX "}, "A[31mnaX", ""},
		"deny/nothing to read":     {claims{"name": "\u200b\n", "preferred_username": "ana"}, "ana", ""},
		"deny/name no string":      {claims{"name": []string{"Ana"}}, "", ""},
		"deny/picture by http":     {claims{"picture": "http://example.com/a.png"}, "", ""},
		"deny/picture of a script": {claims{"picture": "javascript:alert(1)"}, "", ""},
		"deny/picture as data":     {claims{"picture": "data:image/png;base64,AAAA"}, "", ""},
		"deny/picture userinfo":    {claims{"picture": "https://a:b@example.com/"}, "", ""},
		"deny/picture no host":     {claims{"picture": "https:///a.png"}, "", ""},
		"deny/picture too long":    {claims{"picture": "https://example.com/" + strings.Repeat("a", 2000)}, "", ""},
		"deny/picture quotes":      {claims{"picture": `https://example.com/" onload="x`}, "", "https://example.com/%22%20onload=%22x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.claims = c.claims
			who, err := f.signIn(t, newProvider(t, f.config(), nil), time.Now())
			if err != nil || who.Name != c.shown || who.Picture != c.source {
				t.Errorf("%+v, %v", who, err)
			}
		})
	}
}
