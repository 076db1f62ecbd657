package caddymodule_test

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// smallHeader is CONFIG_HTTPD_MAX_REQ_HDR_LEN of ESP-IDF as it comes, in bytes.
const smallHeader = 512

// smallBot reads requests byte by byte, as a microcontroller does, and gives up on a header that does not fit. Unlike
// there, the empty line at the end counts. To a WebSocket handshake it says 101 and echoes.
type smallBot struct {
	address string

	mu      sync.Mutex
	headers []string // between the request line and the body
}

func startSmallBot(t *testing.T) *smallBot {
	t.Helper()
	b := new(smallBot)
	b.address = latchtest.Listen(t, b.serve)
	return b
}

func (b *smallBot) serve(conn net.Conn) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(rawPatience))
	in := bufio.NewReader(conn)
	if _, err := in.ReadString('\n'); err != nil { // the request line has a limit of its own
		return
	}
	var header strings.Builder
	for line := ""; line != "\r\n"; {
		var err error
		if line, err = in.ReadString('\n'); err != nil {
			return
		}
		header.WriteString(line)
	}
	b.mu.Lock()
	b.headers = append(b.headers, header.String())
	b.mu.Unlock()
	switch {
	case header.Len() > smallHeader:
		_, _ = io.WriteString(conn, "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	case strings.Contains(header.String(), "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"):
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		_, _ = io.Copy(conn, in)
	default:
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\non")
	}
}

// last is the newest header, and how many came.
func (b *smallBot) last() (header string, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.headers) == 0 {
		return "", 0
	}
	return b.headers[len(b.headers)-1], len(b.headers)
}

// readmeSnippet is a snippet of the README, so that what people copy is what is tested.
func readmeSnippet(t *testing.T, name string) string {
	t.Helper()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	snippet := regexp.MustCompile(`(?sm)^\(` + name + `\) \{\n.*?^\}\n`).FindString(string(readme))
	if snippet == "" {
		t.Fatalf("README has no snippet (%s)", name)
	}
	return snippet
}

// smallSites are the same site twice, without the snippet and with it.
const smallSites = `
(site) {
	bind 127.0.0.1
	botlatch {
		allow * /lamp scope lamp
		allow WS /live scope lamp
		public GET /
	}
}
http://plain.test:{$PORT} {
	import site
	reverse_proxy {$BOT}
}
http://small.test:{$PORT} {
	import site
	reverse_proxy {$BOT} {
		import small_bot
	}
}
`

// senders are requests as programs send them, behind Host and Authorization; in Chromium's the cookies of 2 KB too.
func senders(t *testing.T) map[string][]string {
	t.Helper()
	junk := make([]byte, 1024)
	_, _ = rand.Read(junk)
	chromium := []string{
		"Connection: keep-alive", "Content-Length: 11", "Cache-Control: max-age=0",
		`sec-ch-ua: "Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"`, "sec-ch-ua-mobile: ?0",
		`sec-ch-ua-platform: "Linux"`, `sec-ch-ua-full-version-list: "Chromium";v="142.0.7444.59", "Not_A Brand";v="99.0.0.0"`,
		"Upgrade-Insecure-Requests: 1", "Origin: http://small.test", "Content-Type: application/json",
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
		"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
		"Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: navigate", "Sec-Fetch-User: ?1", "Sec-Fetch-Dest: document", "Pragma: no-cache",
		"Referer: http://small.test/a/page/of/the/bot?with=a&long=query", "Accept-Encoding: gzip, deflate, br, zstd",
		"Accept-Language: es-ES,es;q=0.9,en-GB;q=0.8,en;q=0.7", "Priority: u=0, i", "DNT: 1", "Sec-GPC: 1",
	}
	return map[string][]string{
		"Chromium":                      chromium,
		"Chromium with 2 KB of cookies": append(chromium[:len(chromium):len(chromium)], "Cookie: session="+hex.EncodeToString(junk)),
		"Chromium behind a proxy": append(chromium[:len(chromium):len(chromium)],
			"X-Forwarded-For: 2001:db8:1234:5678:9abc:def0:1234:5678, 198.51.100.17", "X-Forwarded-Proto: https",
			"X-Forwarded-Host: small.example.com", "X-Forwarded-Port: 443", "X-Forwarded-Server: edge", "Via: 1.1 edge, 2 front"),
		"curl": {"User-Agent: curl/7.88.1", "Accept: */*", "Content-Length: 11", "Content-Type: application/x-www-form-urlencoded"},
		"Node": {
			"connection: keep-alive", "content-type: application/json", "accept: */*", "accept-language: *", "sec-fetch-mode: cors",
			"user-agent: node", "accept-encoding: gzip, deflate", "content-length: 11",
		},
		"Python": {
			"User-Agent: python-requests/2.32.5", "Accept-Encoding: gzip, deflate, br, zstd", "Accept: */*", "Connection: keep-alive",
			"Content-Length: 11", "Content-Type: application/json",
		},
		"Chromium's WebSocket": handshakeFields("Pragma: no-cache", "Cache-Control: no-cache", chromium[10], "Origin: http://small.test",
			"Accept-Encoding: gzip, deflate", "Accept-Language: es-ES,es;q=0.9,en-GB;q=0.8,en;q=0.7", "Cookie: session="+hex.EncodeToString(junk),
			"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits", "Sec-WebSocket-Protocol: rover"),
	}
}

// smallStage is both sites in front of one small bot.
type smallStage struct {
	bot    *smallBot
	latch  *latchtest.Latch
	bearer string // the Authorization field, 2 KB of it
}

func newSmallStage(t *testing.T) *smallStage {
	t.Helper()
	s, key := &smallStage{bot: startSmallBot(t)}, latchtest.NewKey(t, jose.EdDSA)
	s.latch = latchtest.Start(t, options+readmeSnippet(t, "small_bot")+smallSites, "BOT="+s.bot.address, "KEYS="+key.File)
	s.bearer = "Authorization: Bearer " + key.Sign(t, "JWT", `{"iss":"`+issuerName+`","aud":"`+audience+`","scope":"lamp",`+
		`"exp":`+unix(time.Hour)+`,"note":"`+strings.Repeat("n", 1300)+`"}`)
	if len(s.bearer) < 1900 || len(s.bearer) > 2100 {
		t.Fatalf("the token has %d bytes, and should have 2 KB", len(s.bearer))
	}
	return s
}

// send makes a request of one body of 11 bytes, or a handshake, and returns the header that the bot received.
func (s *smallStage) send(t *testing.T, host string, fields []string) (status int, header string, client *rawClient) {
	t.Helper()
	request, body := "POST /lamp HTTP/1.1", `{"on":true}`
	if slices.Contains(fields, "Upgrade: WebSocket") {
		request, body = "GET /live HTTP/1.1", ""
	}
	_, before := s.bot.last()
	client = dialRaw(t, s.latch.URL)
	client.send(append(append([]string{request, "Host: " + host, s.bearer}, fields...), "")...)
	client.write(body)
	res, _ := client.answer("POST")
	header, after := s.bot.last()
	if after != before+1 {
		t.Fatalf("%d requests reached the bot, want 1", after-before)
	}
	return res.StatusCode, header, client
}

// TestSmallBotSnippetKeepsHeadersBelow512Bytes counts what a bot receives, with the snippet and without.
func TestSmallBotSnippetKeepsHeadersBelow512Bytes(t *testing.T) {
	t.Parallel()
	s := newSmallStage(t)
	for name, fields := range senders(t) {
		t.Run("without/"+name, func(t *testing.T) {
			status, header, _ := s.send(t, "plain.test", fields)
			large := strings.Contains(name, "Chromium")
			if (len(header) > smallHeader) != large || (status == http.StatusRequestHeaderFieldsTooLarge) != large {
				t.Errorf("status %d, a header of %d bytes:\n%s", status, len(header), header)
			}
			t.Logf("%d bytes", len(header))
		})
		t.Run("with/"+name, func(t *testing.T) {
			status, header, client := s.send(t, "small.test", fields)
			if len(header) >= smallHeader || strings.Contains(header, "Authorization") {
				t.Errorf("a header of %d bytes:\n%s", len(header), header)
			}
			t.Logf("%d bytes", len(header))
			if slices.Contains(fields, "Upgrade: WebSocket") {
				if status != http.StatusSwitchingProtocols || !strings.Contains(header, "Sec-WebSocket-Protocol: rover\r\n") {
					t.Fatalf("status %d:\n%s", status, header)
				}
				client.write("\x81\x83\x00\x00\x00\x00on!")
				client.read("\x81\x83\x00\x00\x00\x00on!")
			} else if status != http.StatusOK || !strings.Contains(header, "Content-Type: application/") ||
				!strings.Contains(header, "Content-Length: 11\r\n") {
				t.Errorf("status %d, and the bot cannot read the body:\n%s", status, header)
			}
		})
	}
}
