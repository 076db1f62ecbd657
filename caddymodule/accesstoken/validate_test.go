package accesstoken_test

import (
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
)

// The moment and the site are asked of a cached token as of a new one (C1), so they are tried on the token alone.
func TestValidateAsksTheMoment(t *testing.T) {
	t.Parallel()
	now := time.Unix(arrival, 0)
	usual := accesstoken.Validation{Leeway: 5 * time.Second, MaxLifetime: time.Hour}
	exact := accesstoken.Validation{}
	at := func(expires, notBefore, issued time.Duration) *accesstoken.Token {
		t := &accesstoken.Token{Issuer: &accesstoken.Issuer{}, ExpiresAt: now.Add(expires)}
		if notBefore != 0 {
			t.NotBefore = now.Add(notBefore)
		}
		if issued != 0 {
			t.IssuedAt = now.Add(issued)
		}
		return t
	}
	const s, ns = time.Second, time.Nanosecond
	for name, test := range map[string]struct {
		v     accesstoken.Validation
		token *accesstoken.Token
		want  string
	}{
		"ok/a nanosecond left":                    {usual, at(ns, 0, 0), "ok"},
		"deny/exp is now":                         {usual, at(0, 0, 0), "expired"},
		"deny/exp within the leeway":              {usual, at(-s, 0, 0), "expired"},
		"deny/no exp":                             {usual, &accesstoken.Token{Issuer: &accesstoken.Issuer{}}, "expired"},
		"ok/nbf at the leeway":                    {usual, at(60*s, 5*s, 0), "ok"},
		"deny/nbf behind the leeway":              {usual, at(60*s, 5*s+ns, 0), "not_yet_valid"},
		"ok/iat at the leeway":                    {usual, at(60*s, 0, 5*s), "ok"},
		"deny/iat behind the leeway":              {usual, at(60*s, 0, 5*s+ns), "not_yet_valid"},
		"deny/nbf without a leeway":               {exact, at(60*s, ns, 0), "not_yet_valid"},
		"ok/an hour":                              {usual, at(1800*s, 0, -1800*s), "ok"},
		"deny/an hour and a second":               {usual, at(1801*s, 0, -1800*s), "lives_too_long"},
		"deny/nearly over, but made for too long": {usual, at(s, 0, -3600*s), "lives_too_long"},
		"ok/without iat, an hour from now":        {usual, at(3600*s, 0, 0), "ok"},
		"deny/without iat, more from now":         {usual, at(3601*s, 0, 0), "lives_too_long"},
		"ok/any lifetime":                         {exact, at(1e6*s, 0, -1e6*s), "ok"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantLabel(t, test.v.Validate(test.token, now), test.want)
		})
	}
}

func TestValidateAsksTheAudience(t *testing.T) {
	t.Parallel()
	now := time.Unix(arrival, 0)
	list := func(names ...string) []string { return names }
	for name, test := range map[string]struct {
		site, issuer, clients []string // configured
		aud                   []string // said
		client                string
		want                  string
	}{
		"ok/the issuer's":                          {nil, list("a"), nil, list("a"), "", "ok"},
		"ok/one of each":                           {nil, list("a", "b"), nil, list("c", "b"), "", "ok"},
		"deny/another":                             {nil, list("a"), nil, list("b"), "", "wrong_audience"},
		"deny/none said":                           {nil, list("a"), nil, nil, "", "wrong_audience"},
		"ok/the site's replaces the issuer's":      {list("b"), list("a"), nil, list("b"), "", "ok"},
		"deny/the issuer's beside the site's":      {list("b"), list("a"), nil, list("a"), "", "wrong_audience"},
		"ok/nobody said, nobody configured":        {nil, nil, nil, nil, "", "ok"},
		"deny/somebody said, nobody configured":    {nil, nil, nil, list("a"), "", "wrong_audience"},
		"ok/a client in place of an audience":      {nil, nil, list("x"), list("a"), "x", "ok"},
		"ok/a client, no aud":                      {nil, nil, list("x"), nil, "x", "ok"},
		"deny/meant for its client":                {nil, nil, list("x"), list("x"), "x", "wrong_audience"},
		"deny/meant for its client and others":     {nil, nil, list("x"), list("a", "x"), "x", "wrong_audience"},
		"ok/meant for its client, and told so":     {list("x"), nil, list("x"), list("x"), "x", "ok"},
		"deny/another client":                      {nil, nil, list("x"), nil, "y", "wrong_audience"},
		"deny/no client":                           {nil, nil, list("x"), nil, "", "wrong_audience"},
		"ok/client and audience":                   {nil, list("a"), list("x"), list("a"), "x", "ok"},
		"deny/client, another audience":            {nil, list("a"), list("x"), list("b"), "x", "wrong_audience"},
		"deny/audience, another client":            {nil, list("a"), list("x"), list("a"), "y", "wrong_audience"},
		"deny/the site's audience, another client": {list("a"), nil, list("x"), list("a"), "y", "wrong_audience"},
		"deny/client in place of aud, site asks":   {list("a"), nil, list("x"), nil, "x", "wrong_audience"},
		"deny/an empty audience configured":        {list(""), nil, nil, nil, "", "wrong_audience"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := accesstoken.Validation{Audience: test.site}
			err := v.Validate(&accesstoken.Token{
				Issuer:   &accesstoken.Issuer{Audience: test.issuer, ClientID: test.clients},
				Audience: test.aud, ClientID: test.client, ExpiresAt: now.Add(time.Minute),
			}, now)
			wantLabel(t, err, test.want)
		})
	}
}

func TestParseProfile(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]accesstoken.Profile{"": accesstoken.Compat, "compat": accesstoken.Compat, "strict": accesstoken.Strict} {
		if got, err := accesstoken.ParseProfile(word); got != want || err != nil {
			t.Errorf("%q: got %v, %v", word, got, err)
		}
	}
	for _, word := range []string{"Strict", "none", "compat ", "rfc9068"} {
		if _, err := accesstoken.ParseProfile(word); err == nil {
			t.Errorf("%q is taken", word)
		}
	}
}
