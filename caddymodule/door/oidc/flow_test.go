package oidc_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/door/oidc"
	"github.com/botlatch/botlatch/caddymodule/session"
)

func TestAFlowIsAskedForAndKeptAsItShould(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	config := f.config()
	config.Scopes, config.Resource = []string{"profile", "openid", "profile"}, resource
	p := newProvider(t, config, taking())
	phone := newPhone(t)
	first, second := phone.begin(t, p, time.Now()).Query(), phone.begin(t, p, time.Now()).Query()
	for name, want := range map[string]string{
		"response_type": "code", "client_id": "lock-public", "redirect_uri": site + oidc.CallbackPath, "scope": "openid profile",
		"code_challenge_method": "S256", "resource": resource,
	} {
		if got := first[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if a, b := first.Get(name), second.Get(name); len(a) < 22 || a == b {
			t.Errorf("%s is %q, then %q", name, a, b)
		}
	}
	for _, c := range phone.held {
		if !regexp.MustCompile(`^__Host-Http-botlatch-flow-[0-9a-f]{8}$`).MatchString(c.Name) || !c.Secure || !c.HttpOnly ||
			c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 600 || len(c.String()) > 1024 {
			t.Errorf("%v", c)
		}
		if c.Valid() != nil || strings.Contains(c.Value, first.Get("state")) {
			t.Errorf("value %q", c.Value)
		}
	}
	r := phone.request(t, site)
	if session.Remove(r); r.Header.Get("Cookie") != "" {
		t.Error("a flow would reach the bot")
	}
}

func TestAFlowIsWhatItWasAndOfNow(t *testing.T) {
	t.Parallel()
	other := func() [32]byte { return [32]byte{2} }
	now := time.Now()
	for name, c := range map[string]struct {
		after  time.Duration
		change func(phone *phone)
		key    oidc.Key // when it comes back
		ok     bool
	}{
		"ok/at once":         {0, func(*phone) {}, sealing, true},
		"ok/almost too late": {10*time.Minute - time.Second, func(*phone) {}, sealing, true},
		"deny/over":          {10 * time.Minute, func(*phone) {}, sealing, false},
		"deny/of tomorrow":   {-24 * time.Hour, func(*phone) {}, sealing, false},
		"deny/another key":   {0, func(*phone) {}, other, false},
		"deny/no cookie":     {0, func(b *phone) { b.held = nil }, sealing, false},
		"deny/two of them":   {0, func(b *phone) { b.held = append(b.held, b.held[0]) }, sealing, false},
		"deny/empty":         {0, func(b *phone) { b.held[0].Value = "" }, sealing, false},
		"deny/cut":           {0, func(b *phone) { b.held[0].Value = b.held[0].Value[:20] }, sealing, false},
		"deny/first bit":     {0, func(b *phone) { b.held[0].Value = turned(b.held[0].Value, 0) }, sealing, false},
		"deny/middle":        {0, func(b *phone) { b.held[0].Value = turned(b.held[0].Value, 100) }, sealing, false},
		"deny/last": {0, func(b *phone) {
			b.held[0].Value = turned(b.held[0].Value, len(b.held[0].Value)-2)
		}, sealing, false},
		"deny/of another flow": {0, func(b *phone) {
			f, another := newFake(t), newPhone(t)
			another.begin(t, newProvider(t, f.config(), nil), now)
			b.held[0].Value = another.held[0].Value
		}, sealing, false},
		"deny/a session":     {0, func(b *phone) { b.held[0].Value = "eyJhbGciOiJIUzI1NiJ9.e30.AAAA" }, sealing, false},
		"deny/in other case": {0, func(b *phone) { b.held[0].Name = strings.ToLower(b.held[0].Name) }, sealing, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, phone, key := newFake(t), newPhone(t), oidc.Key(sealing)
			f.claims = map[string]any{"exp": now.Add(time.Hour).Unix()}
			config := f.config()
			config.InsecureLoopback = true
			p, err := oidc.New(config, func() [32]byte { return key() }, nil)
			if err != nil {
				t.Fatal(err)
			}
			callback := f.answer(phone.begin(t, p, now))
			c.change(phone)
			key = c.key
			who, err := phone.finish(t, p, callback, now.Add(c.after))
			if !c.ok {
				mustRefuse(t, who, err, oidc.ErrNoFlow)
			} else if err != nil {
				t.Error(err)
			}
			if asked := f.asked("/token") == 1; asked != c.ok {
				t.Error("a code was redeemed, or none")
			}
		})
	}
}

// turned is s with one character changed.
func turned(s string, at int) string {
	to := "A"
	if s[at] == 'A' {
		to = "Q"
	}
	return s[:at] + to + s[at+1:]
}

func TestABrowserHoldsFourFlows(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	p, phone, now := newProvider(t, f.config(), nil), newPhone(t), time.Now()
	var callbacks []string
	for i := range 6 {
		callbacks = append(callbacks, f.answer(phone.begin(t, p, now.Add(time.Duration(i)*time.Second))).String())
	}
	if len(phone.held) != 4 {
		t.Fatalf("%d flows are held", len(phone.held))
	}
	now = now.Add(10 * time.Second)
	for i, callback := range callbacks {
		_, err := oidc.FlowIssuer(phone.request(t, callback), site, sealing, now)
		if (err == nil) != (i >= 2) {
			t.Errorf("flow %d: %v", i, err)
		}
	}
	strange := &http.Cookie{Name: "__Host-Http-botlatch-flow-00000000", Value: "of-another-latch"}
	ours := &http.Cookie{Name: "__Host-Http-botlatch-01234567", Value: "session"}
	phone.held = append([]*http.Cookie{phone.held[0], phone.held[1]}, strange, ours)
	phone.begin(t, p, now)
	if len(phone.held) != 5 {
		t.Errorf("%d cookies are held: there was room", len(phone.held))
	}
	phone.begin(t, p, now) // no room: what cannot be read goes first
	if len(phone.held) != 5 || holdsCookie(phone, strange.Name) || !holdsCookie(phone, ours.Name) {
		t.Errorf("%d cookies are held", len(phone.held))
	}
	phone.begin(t, p, now.Add(time.Hour)) // all are over
	if len(phone.held) != 2 || !holdsCookie(phone, ours.Name) {
		t.Errorf("%d cookies are held after an hour", len(phone.held))
	}
}

func holdsCookie(b *phone, name string) bool {
	for _, c := range b.held {
		if c.Name == name {
			return true
		}
	}
	return false
}

func TestNoFlowIsSealedWithoutAKey(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	config := f.config()
	config.InsecureLoopback = true
	p, err := oidc.New(config, func() (none [32]byte) { return none }, nil)
	if err != nil {
		t.Fatal(err)
	}
	if location, cookies, err := p.Begin(newPhone(t).request(t, site), site, time.Now(), ""); err == nil {
		t.Errorf("%q, %v", location, cookies)
	}
}
