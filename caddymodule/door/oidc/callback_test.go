package oidc_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/door/oidc"
)

// B18: mix-up and injection, each with a code that a real provider has just given.
func TestOnlyTheWholeAnswerOfARealProviderCounts(t *testing.T) {
	t.Parallel()
	issuer := startProvider(t)
	p := newProvider(t, oidc.Config{Issuer: issuer, Scopes: []string{"email"}, Grants: owners}, nil)
	same := func(u *url.URL) *url.URL { return u }
	for name, c := range map[string]struct {
		change func(u *url.URL) *url.URL
		want   error
	}{
		"ok/as it came":      {same, nil},
		"ok/and a parameter": {func(u *url.URL) *url.URL { return with(u, "session_state", "x", "y") }, nil},
		"deny/iss missing":   {func(u *url.URL) *url.URL { return with(u, "iss") }, oidc.ErrMixUp},
		"deny/iss empty":     {func(u *url.URL) *url.URL { return with(u, "iss", "") }, oidc.ErrMixUp},
		"deny/iss changed":   {func(u *url.URL) *url.URL { return with(u, "iss", "https://canary.example.com") }, oidc.ErrMixUp},
		"deny/iss longer":    {func(u *url.URL) *url.URL { return with(u, "iss", issuer+"/") }, oidc.ErrMixUp},
		"deny/iss doubled":   {func(u *url.URL) *url.URL { return with(u, "iss", issuer, issuer) }, oidc.ErrMixUp},
		"deny/iss doubled, other second": {
			func(u *url.URL) *url.URL { return with(u, "iss", issuer, "https://canary.example.com") }, oidc.ErrMixUp,
		},
		"deny/code doubled":  {func(u *url.URL) *url.URL { return with(u, "code", u.Query().Get("code"), "canary") }, oidc.ErrMixUp},
		"deny/code missing":  {func(u *url.URL) *url.URL { return with(u, "code") }, oidc.ErrProvider},
		"deny/code made up":  {func(u *url.URL) *url.URL { return with(u, "code", "canary") }, oidc.ErrRefused},
		"deny/error, too":    {func(u *url.URL) *url.URL { return with(u, "error", "login_required") }, oidc.ErrRefused},
		"deny/error made up": {func(u *url.URL) *url.URL { return with(u, "error", "canary") }, oidc.ErrRefused},
		"deny/error of theirs": {
			func(u *url.URL) *url.URL { return with(u, "error", "temporarily_unavailable") }, oidc.ErrProvider,
		},
		"deny/error of another": {
			func(u *url.URL) *url.URL {
				return with(with(u, "error", "access_denied"), "iss", "https://canary.example.com")
			}, oidc.ErrMixUp,
		},
		"deny/error doubled": {func(u *url.URL) *url.URL { return with(u, "error", "a", "b") }, oidc.ErrMixUp},
		"deny/state missing": {func(u *url.URL) *url.URL { return with(u, "state") }, oidc.ErrNoFlow},
		"deny/state empty":   {func(u *url.URL) *url.URL { return with(u, "state", "") }, oidc.ErrNoFlow},
		"deny/state changed": {func(u *url.URL) *url.URL { return with(u, "state", u.Query().Get("state")+"x") }, oidc.ErrNoFlow},
		"deny/state doubled": {
			func(u *url.URL) *url.URL { return with(u, "state", u.Query().Get("state"), u.Query().Get("state")) }, oidc.ErrNoFlow,
		},
		"deny/not a query": {
			func(u *url.URL) *url.URL { v := *u; v.RawQuery += ";canary"; return &v }, oidc.ErrNoFlow,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			phone, now := newPhone(t), time.Now()
			callback := phone.press(t, phone.begin(t, p, now), "ana")
			who, err := phone.finish(t, p, c.change(callback), now)
			if c.want != nil {
				mustRefuse(t, who, err, c.want, callback.Query().Get("code"), callback.Query().Get("state"))
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

// B17: login CSRF.
func TestACallbackInAnotherBrowserSignsNobodyIn(t *testing.T) {
	t.Parallel()
	p := newProvider(t, oidc.Config{Issuer: startProvider(t), Scopes: []string{"email"}, Grants: owners}, nil)
	attacker, victim, now := newPhone(t), newPhone(t), time.Now()
	callback := attacker.press(t, attacker.begin(t, p, now), "ana")
	who, err := victim.finish(t, p, callback, now)
	mustRefuse(t, who, err, oidc.ErrNoFlow)
	victim.begin(t, p, now) // a flow of the victim's own does not help
	who, err = victim.finish(t, p, callback, now)
	mustRefuse(t, who, err, oidc.ErrNoFlow)
	if _, err = attacker.finish(t, p, callback, now); err != nil {
		t.Errorf("where it began: %v", err) // or the refusals above say nothing
	}
}

func TestACallbackCountsOnce(t *testing.T) {
	t.Parallel()
	p := newProvider(t, oidc.Config{Issuer: startProvider(t), Scopes: []string{"email"}, Grants: owners}, nil)
	phone, now := newPhone(t), time.Now()
	callback := phone.press(t, phone.begin(t, p, now), "ana")
	kept := slices.Clone(phone.held)
	if _, err := phone.finish(t, p, callback, now); err != nil {
		t.Fatal(err)
	}
	who, err := phone.finish(t, p, callback, now)
	mustRefuse(t, who, err, oidc.ErrNoFlow)
	phone.held = kept // somebody who had read the cookie: the provider takes no code twice
	who, err = phone.finish(t, p, callback, now)
	mustRefuse(t, who, err, oidc.ErrRefused)
}

func TestACodeOfAnotherFlowSignsNobodyIn(t *testing.T) {
	t.Parallel()
	p := newProvider(t, oidc.Config{Issuer: startProvider(t), Scopes: []string{"email"}, Grants: owners}, nil)
	attacker, victim, now := newPhone(t), newPhone(t), time.Now()
	stolen := victim.press(t, victim.begin(t, p, now), "ana").Query().Get("code")
	own := attacker.press(t, attacker.begin(t, p, now), "ben")
	who, err := attacker.finish(t, p, with(own, "code", stolen), now) // the verifier is another's (RFC 7636 §4.6)
	mustRefuse(t, who, err, oidc.ErrRefused, stolen)
}

func TestAFlowIsOfOneProviderAndOneSite(t *testing.T) {
	t.Parallel()
	ours, theirs := newFake(t), newFake(t)
	a, b := newProvider(t, ours.config(), nil), newProvider(t, theirs.config(), nil)
	phone, now := newPhone(t), time.Now()
	callback := ours.answer(phone.begin(t, a, now))
	r := phone.request(t, callback.String())
	if issuer, err := oidc.FlowIssuer(r, site, sealing, now); err != nil || issuer != ours.URL {
		t.Errorf("issuer %q, %v", issuer, err)
	}
	for _, u := range []*url.URL{callback, with(callback, "iss"), with(callback, "iss", theirs.URL)} {
		who, err := b.Finish(phone.request(t, u.String()), site, now)
		mustRefuse(t, who, err, oidc.ErrMixUp)
	}
	who, err := a.Finish(r, "https://other.example.com", now)
	mustRefuse(t, who, err, oidc.ErrNoFlow)
	if theirs.asked("/token") != 0 || ours.asked("/token") != 0 {
		t.Error("a code was sent somewhere")
	}
	if _, err := a.Finish(r, site, now); err != nil {
		t.Error(err)
	}
	bare := newPhone(t).request(t, callback.String())
	if issuer, err := oidc.FlowIssuer(bare, site, sealing, now); err == nil || issuer != "" || oidc.Spent(bare) != nil {
		t.Errorf("a flow of issuer %q without a cookie", issuer)
	}
	if c := oidc.Spent(r); c == nil || c.MaxAge >= 0 || c.Value != "" || !c.Secure || c.Path != "/" || c.SameSite != http.SameSiteLaxMode {
		t.Errorf("%v", c)
	}
}
