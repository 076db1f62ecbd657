package latchtest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// Browser asks as browsers do: it keeps cookies, and says where a request began. It runs no page. Tests of what only a real
// browser does use Chromium.
type Browser struct {
	// Client keeps the cookies, and follows redirects.
	*http.Client

	origin string
}

// NewBrowser is a browser at the TLS site of a latch that runs.
func (l *Latch) NewBrowser(t testing.TB) *Browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := l.TLSClient(true)
	client.Jar, client.CheckRedirect = jar, nil
	return &Browser{client, l.TLSURL}
}

// Answer is an answer, and all of its body.
type Answer struct {
	*http.Response

	Text string
}

// The header fields of a browser, by where a request began.
var (
	Typed    = map[string]string{"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-User": "?1"}
	Followed = map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
	Fetch    = map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
	External = map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
)

// Ask sends a request with those fields. A form makes it a POST.
func (b *Browser) Ask(t testing.TB, path string, fields map[string]string, form url.Values) Answer {
	t.Helper()
	method, body := http.MethodGet, io.Reader(http.NoBody)
	if form != nil {
		method, body = http.MethodPost, strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(t.Context(), method, b.origin+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", b.origin)
	}
	r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	r.Header.Set("User-Agent", "Mozilla/5.0 (a test)")
	for name, value := range fields {
		r.Header.Set(name, value)
	}
	res, err := b.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return Answer{res, string(text)}
}

// Cookies are those that it would send.
func (b *Browser) Cookies() []*http.Cookie {
	u, _ := url.Parse(b.origin)
	return b.Jar.Cookies(u)
}

// Take opens the link of an invitation and takes it, as a person does.
func (b *Browser) Take(t testing.TB, link string) Answer {
	t.Helper()
	page, secret, ok := strings.Cut(link, "#")
	if !ok || !strings.HasPrefix(page, b.origin) {
		t.Fatal("no link of this site")
	}
	path := strings.TrimPrefix(page, b.origin)
	b.Ask(t, path, Typed, nil)
	return b.Ask(t, path, Followed, url.Values{"secret": {secret}})
}

// TakeAt is Take at a site that is known by another origin than the latch's, and returns the session's cookie, as it would be sent.
func (b *Browser) TakeAt(t testing.TB, link, origin string) (cookie string) {
	t.Helper()
	_, secret, _ := strings.Cut(link, "#")
	b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	b.Ask(t, "/.botlatch/in", Typed, nil)
	a := b.Ask(t, "/.botlatch/in", map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": origin}, url.Values{"secret": {secret}})
	for _, c := range a.Cookies() {
		if c.MaxAge > 0 {
			return c.Name + "=" + c.Value
		}
	}
	t.Fatalf("no session: status %d", a.StatusCode)
	return ""
}

// Invite asks the latch for an invitation to its TLS site, and returns its link.
func (l *Latch) Invite(t testing.TB, name string, scope ...string) (link string) {
	t.Helper()
	return l.InviteTo(t, l.TLSURL, name, scope...)
}

// InviteTo is Invite to a site of another origin.
func (l *Latch) InviteTo(t testing.TB, origin, name string, scope ...string) (link string) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"site": origin, "name": name, "scope": scope})
	if err != nil {
		t.Fatal(err)
	}
	status, answer := l.Ask(t, http.MethodPost, "/botlatch/invitations", string(body))
	var invited struct {
		Link string `json:"link"`
	}
	if status != http.StatusCreated || json.Unmarshal([]byte(answer), &invited) != nil || invited.Link == "" {
		t.Fatalf("no invitation: status %d", status)
	}
	return invited.Link
}
