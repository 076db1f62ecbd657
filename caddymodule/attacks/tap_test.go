package attacks_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// tapSites tell the bot who is calling: on the plain port, and the same over TLS.
const tapSites = options + `
(tapped) {
	botlatch {
		public GET,POST /open
		public WS /feed
		allow GET,POST /servo/* scope drive
		allow WS /drive scope drive
		identity_headers X-Operator x_ODD.who-*
	}
	request_header X-Bot-Early {http.auth.user.id}
	reverse_proxy {$BOT} {
		header_up X-Bot-Subject {http.auth.user.id}
		header_up X-Bot-Issuer {http.botlatch.issuer}
		header_up X-Bot-Client {http.botlatch.client_id}
		header_up X-Bot-Scope {http.botlatch.scope}
		header_up X-Operator {http.auth.user.id}
	}
}
http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	import tapped
}
https://localhost:{$TLS_PORT} {
	bind 127.0.0.1
	tls {$CERT} {$KEY}
	import tapped
}
`

// aliasSites are tapSites whose Caddy was told to expect names with _ or with a dot. Otherwise it drops them by itself,
// and only one layer of two would be tried.
var aliasSites = strings.Replace(tapSites, "{\n", `{
	servers {
		expected_underscore_headers X_* Remote_* Proxy_* Ssl_* True_* Tailscale_* Cf_* Teleport_*
		expected_dot_headers X.* Remote.* Proxy.* Ssl.* True.* Tailscale.* Cf.* Teleport.*
	}
`, 1)

// tap is a bot on a bare socket. It keeps every request as the bytes came, because net/http would fold the names of the
// fields; and it answers with what it heard.
type tap struct {
	address string

	mu    sync.Mutex
	heard []string
}

func startTap(t *testing.T) *tap {
	t.Helper()
	b := new(tap)
	b.address = latchtest.Listen(t, b.serve)
	return b
}

// serve reads one request to its end, trailers too, and answers.
func (b *tap) serve(conn net.Conn) {
	defer conn.Close()
	var raw bytes.Buffer
	req, err := http.ReadRequest(bufio.NewReader(io.TeeReader(conn, &raw)))
	if err == nil {
		_, err = io.Copy(io.Discard, req.Body)
	}
	b.mu.Lock()
	b.heard = append(b.heard, raw.String())
	b.mu.Unlock()
	switch {
	case err != nil:
		_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	case req.Header.Get("Upgrade") != "":
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	default:
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", raw.Len(), raw.String())
	}
}

// all is every request so far.
func (b *tap) all() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.heard[:len(b.heard):len(b.heard)]
}

// tapped is a latch in front of a tap.
type tapped struct {
	bot   *tap
	latch *latchtest.Latch
	key   latchtest.Key
}

func newTapped(t *testing.T, caddyfile string, env ...string) *tapped {
	t.Helper()
	s := &tapped{bot: startTap(t), key: latchtest.NewKey(t, jose.EdDSA)}
	s.latch = latchtest.Start(t, caddyfile, append(env, "BOT="+s.bot.address, "KEYS="+s.key.File)...)
	return s
}

func (s *tapped) host() string { return strings.TrimPrefix(s.latch.URL, "http://") }

// driver is ana's token to drive with, from her phone.
func (s *tapped) driver(t *testing.T) string {
	t.Helper()
	return s.key.Mint(t, issue.Token{
		Issuer: issuerName, Subject: "ana", ClientID: "phone", Audience: []string{audience}, Scope: []string{"drive"},
	})
}

// words are what wires may say: {driver} is a token, {host} the address of the latch.
func (s *tapped) words(t *testing.T) *strings.Replacer {
	t.Helper()
	return strings.NewReplacer("{driver}", s.driver(t), "{host}", s.host())
}

// hears sends bytes that must get through, and returns what the bot heard.
func (s *tapped) hears(t *testing.T, wire string) string {
	t.Helper()
	before := len(s.bot.all())
	got := send(t, s.host(), s.words(t).Replace(wire))
	if got.status != http.StatusOK && got.status != http.StatusSwitchingProtocols {
		t.Fatalf("status %d: %s", got.status, got.body)
	}
	all := s.bot.all()
	if len(all) != before+1 {
		t.Fatalf("the bot heard %d requests, want one", len(all)-before)
	}
	return all[before]
}

// fields sends fields under a token rule that ana's token fits, and returns what the bot heard.
func (s *tapped) fields(t *testing.T, fields ...string) string {
	t.Helper()
	return s.hears(t, "GET /servo/10 HTTP/1.1\nHost: {host}\nAuthorization: Bearer {driver}\n"+strings.Join(fields, "\n")+"\n\n")
}

// says asserts that the bot heard exactly one field of a name, in whatever spelling, and that it reads name: value.
func says(t *testing.T, heard, name, value string) {
	t.Helper()
	var found []string
	for line := range strings.SplitSeq(heard, "\r\n") {
		if n, _, ok := strings.Cut(line, ":"); ok && folded(n) == folded(name) {
			found = append(found, line)
		}
	}
	if len(found) != 1 || found[0] != name+": "+value {
		t.Errorf("the bot heard %q, want %s: %s", found, name, value)
	}
}

// saysAna asserts that the bot knows ana by what the latch says, and heard nothing that is forged.
func saysAna(t *testing.T, heard string) {
	t.Helper()
	for name, value := range map[string]string{
		"X-Bot-Subject": "ana", "X-Operator": "ana", "X-Bot-Early": "ana", "X-Bot-Issuer": issuerName, "X-Bot-Client": "phone", "X-Bot-Scope": "drive",
	} {
		says(t, heard, name, value)
	}
	for line := range strings.SplitSeq(heard, "\r\n") {
		if strings.Contains(line, "forged") {
			t.Errorf("the bot heard %s", line)
		}
	}
}

// folded is a name as lighttpd hands it to CGI: what is neither a letter nor a digit is one character. Others fold less.
func folded(name string) string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' {
			return c
		}
		return '_'
	}, strings.ToLower(name))
}
