package caddymodule_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"sync"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

const headerSites = options + `
(tapped) {
	bind 127.0.0.1
	botlatch {
		public GET,POST /open
		allow GET,POST /closed any_token
		identity_headers x_MY-who
	}
	reverse_proxy {$BOT} {
		header_up X-Bot-Subject {http.auth.user.id}
		header_up X-Bot-Issuer {http.botlatch.issuer}
		header_up X-Bot-Client {http.botlatch.client_id}
		header_up X-Bot-Scope {http.botlatch.scope}
		header_up X-Bot-Token {http.botlatch.token_id}
		header_up X-Bot-Same {http.botlatch.subject}
	}
}
http://127.0.0.1:{$PORT} {
	import tapped
}
https://localhost:{$TLS_PORT} {
	tls {$CERT} {$KEY}
	import tapped
}
`

// wiretap is a bot that keeps the whole of the last request as it came, trailers too.
type wiretap struct {
	*httptest.Server

	mu   sync.Mutex
	dump string
	last http.Header
}

func startWiretap(t *testing.T) *wiretap {
	t.Helper()
	w := new(wiretap)
	w.Server = httptest.NewServer(w)
	t.Cleanup(w.Close)
	return w
}

// ServeHTTP implements http.Handler.
func (w *wiretap) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	dump, err := httputil.DumpRequest(r, true)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dump, w.last = string(dump), r.Header
	for name, values := range r.Trailer {
		w.dump += name + ": " + strings.Join(values, ", ") + "\n"
	}
	if err != nil {
		w.dump += err.Error()
	}
	_, _ = rw.Write([]byte("bot"))
}

// heard is the last request, as it came and its header; the next one starts anew.
func (w *wiretap) heard(t *testing.T) (dump string, header http.Header) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.last == nil {
		t.Fatal("the bot was not reached")
	}
	dump, header = w.dump, w.last
	w.dump, w.last = "", nil
	return dump, header
}

// tapped is a latch in front of a wiretap.
type tapped struct {
	bot   *wiretap
	latch *latchtest.Latch
	key   latchtest.Key
}

func newTapped(t *testing.T) *tapped {
	t.Helper()
	s := &tapped{bot: startWiretap(t), key: latchtest.NewKey(t, jose.EdDSA)}
	s.latch = latchtest.Start(t, headerSites, "BOT="+trimScheme(s.bot.URL), "KEYS="+s.key.File, "TREASURE=leaked")
	return s
}

func (s *tapped) mint(t *testing.T, token issue.Token) string {
	t.Helper()
	token.Issuer, token.Audience = issuerName, []string{audience}
	return s.key.Mint(t, token)
}

// ask sends raw fields to a path and returns what the bot heard.
func (s *tapped) ask(t *testing.T, path, token string, fields ...string) (dump string, header http.Header) {
	t.Helper()
	client := dialRaw(t, s.latch.URL)
	if token != "" {
		fields = append([]string{"Authorization: Bearer " + token}, fields...)
	}
	client.send(handshake(path, trimScheme(s.latch.URL), append(fields, "X-Kept: kept")...)...)
	if res, body := client.answer("GET"); res.StatusCode != http.StatusOK {
		t.Fatalf("status %d: %s", res.StatusCode, body)
	}
	dump, header = s.bot.heard(t)
	if token != "" && strings.Contains(dump, token) {
		t.Errorf("the bot got the token:\n%s", dump)
	}
	if header.Get("X-Kept") != "kept" {
		t.Errorf("an honest field is gone:\n%s", dump)
	}
	return dump, header
}

// identity asserts what header_up told the bot, field by field, each once.
func identity(t *testing.T, header http.Header, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if got := header.Values(name); len(got) != 1 || got[0] != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
}

// ana is what the bot is told of a token of hers, besides its jti.
var ana = map[string]string{
	"X-Bot-Subject": "ana", "X-Bot-Same": "ana", "X-Bot-Issuer": issuerName, "X-Bot-Client": "phone", "X-Bot-Scope": "a b",
}

// nobody is what the bot is told under a public rule.
var nobody = map[string]string{
	"X-Bot-Subject": "", "X-Bot-Same": "", "X-Bot-Issuer": "", "X-Bot-Client": "", "X-Bot-Scope": "", "X-Bot-Token": "",
}
