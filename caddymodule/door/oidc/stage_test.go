package oidc_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/door/oidc"
	"github.com/botlatch/botlatch/examples/uno/npm"
)

const (
	site     = "https://lock.example.com"
	resource = "https://lock.example.com/api"
	secret   = "test-only:+ %client secret" // with what a careless client does not escape
	patience = time.Minute
)

// program is a real provider, npm oidc-provider.
var program = npm.Program{Source: os.DirFS("../../../examples/oidc-login")}

// sealing is the key that flows are sealed with.
func sealing() [32]byte { return [32]byte{1} }

// startProvider starts the real provider and returns its issuer; it ends with the test.
func startProvider(t *testing.T) (issuer string) {
	t.Helper()
	return program.Start(t, "provider.js", "PORT=0", "SITE="+site, "SECRET="+secret, "RESOURCE="+resource).URL
}

// newProvider is the library under test, with defaults for what c leaves open.
func newProvider(t *testing.T, c oidc.Config, check oidc.Check) *oidc.Provider {
	t.Helper()
	c.InsecureLoopback = true
	if c.ClientID == "" {
		c.ClientID = "lock-public"
	}
	p, err := oidc.New(c, sealing, check)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// phone is a browser: what it holds for the site, and a client that follows the provider's pages.
type phone struct {
	held     []*http.Cookie
	provider *http.Client
}

func newPhone(t *testing.T) *phone {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := new(http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	return &phone{provider: &http.Client{
		Jar: jar, Timeout: patience, Transport: transport,
		CheckRedirect: func(r *http.Request, _ []*http.Request) error {
			if strings.HasPrefix(r.URL.String(), site) {
				return http.ErrUseLastResponse // the way back: the test takes it from there
			}
			return nil
		},
	}}
}

// request is one of the phone to the site.
func (b *phone) request(t *testing.T, target string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, http.NoBody)
	for _, c := range b.held {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	return r
}

// set does what Set-Cookie does.
func (b *phone) set(cookies ...*http.Cookie) {
	for _, c := range cookies {
		b.held = slices.DeleteFunc(b.held, func(old *http.Cookie) bool { return old.Name == c.Name })
		if c.MaxAge >= 0 {
			b.held = append(b.held, c)
		}
	}
}

// begin starts a sign-in.
func (b *phone) begin(t *testing.T, p *oidc.Provider, now time.Time) (location *url.URL) {
	t.Helper()
	address, cookies, err := p.Begin(b.request(t, site+"/.botlatch/oidc"), site, now, "")
	if err != nil {
		t.Fatal(err)
	}
	b.set(cookies...)
	location, err = url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return location
}

// press follows location and is account there; it returns where the provider sends the browser back to.
func (b *phone) press(t *testing.T, location *url.URL, account string) (callback *url.URL) {
	t.Helper()
	res, page := b.get(t, location.String())
	if res.StatusCode != http.StatusOK || !strings.Contains(string(page), `value="`+account+`"`) {
		t.Fatalf("status %d, and no button for %q:\n%s", res.StatusCode, account, page)
	}
	res, err := b.provider.PostForm(res.Request.URL.String(), url.Values{"account": {account}})
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return back(t, res)
}

// get opens a page of the provider's.
func (b *phone) get(t *testing.T, address string) (res *http.Response, page []byte) {
	t.Helper()
	res, err := b.provider.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	page, err = io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, page
}

// back is where an answer sends the browser back to.
func back(t *testing.T, res *http.Response) *url.URL {
	t.Helper()
	u, err := res.Location()
	if err != nil {
		t.Fatalf("status %d, and the way does not lead back", res.StatusCode)
	}
	return u
}

// finish is the callback, and keeps what the answer sets.
func (b *phone) finish(t *testing.T, p *oidc.Provider, callback *url.URL, now time.Time) (*oidc.Person, error) {
	t.Helper()
	r := b.request(t, callback.String())
	if gone := oidc.Spent(r); gone != nil {
		b.set(gone)
	}
	return p.Finish(r, site, now)
}

// signIn is all of it.
func (b *phone) signIn(t *testing.T, p *oidc.Provider, account string) (*oidc.Person, error) {
	t.Helper()
	now := time.Now()
	return b.finish(t, p, b.press(t, b.begin(t, p, now), account), now)
}

// with is a URL with parameters replaced; no value: taken away, two: doubled.
func with(u *url.URL, name string, values ...string) *url.URL {
	changed := *u
	query := u.Query()
	delete(query, name)
	if len(values) > 0 {
		query[name] = values
	}
	changed.RawQuery = query.Encode()
	return &changed
}

// mustRefuse checks that nobody was signed in, for that reason, and that the error gives nothing away.
func mustRefuse(t *testing.T, person *oidc.Person, err, want error, hidden ...string) {
	t.Helper()
	if person != nil || !errors.Is(err, want) {
		t.Errorf("want %v, got %v (%v)", want, err, person != nil)
	}
	if err == nil {
		return
	}
	for _, canary := range append(hidden, "eyJhbGci", secret, "ana@example.com", "canary") {
		if strings.Contains(err.Error(), canary) {
			t.Errorf("the error shows %q", canary)
		}
	}
}
