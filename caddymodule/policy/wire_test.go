package policy

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"
)

// way is a bot behind a proxy behind ParseTarget, over real connections.
type way struct {
	address  string
	judged   chan Target
	received chan string // the request target that the bot got, as it stood in its request line
}

// newWay starts both servers.
func newWay(t *testing.T) *way {
	t.Helper()
	w := &way{judged: make(chan Target, 1), received: make(chan string, 1)}
	bot := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { w.received <- r.RequestURI }))
	t.Cleanup(bot.Close)
	to, err := url.Parse(bot.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host = to.Scheme, to.Host
	}}
	latch := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		target, err := ParseTarget(r)
		if err != nil {
			http.Error(rw, err.Error(), http.StatusTeapot)
			return
		}
		w.judged <- target
		proxy.ServeHTTP(rw, r)
	}))
	t.Cleanup(latch.Close)
	w.address = latch.Listener.Addr().String()
	return w
}

// send writes wire to a new connection and returns the status.
func (w *way) send(t *testing.T, wire string) int {
	t.Helper()
	conn, err := net.Dial("tcp", w.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, wire); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

func TestBotReceivesWhatWasJudged(t *testing.T) {
	t.Parallel()
	w := newWay(t)
	for _, target := range []string{
		"/", "/api/robots/r1", "/door/", "/my%20robot", "/front+door", "/caf%c3%a9", "/caf%C3%A9", "/café", "/a'b", `/a"b`,
		"/<a>|{b}^`", "/a%2Bb%40", "/a:b@c", "/a[1]", "/é!*'()[]", "/%21%2a", "/?", "/x?", "/x?a=%2F../b;c", "/x??", "/x?a?b",
		"/x?é", "http://HOST", "http://HOST/a", "HTTP://HOST/a?b", "/何？", "/👩‍🚀",
	} {
		target = strings.ReplaceAll(target, "HOST", w.address)
		status := w.send(t, fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", target, w.address))
		if status != http.StatusOK {
			t.Errorf("%s: status %d", target, status)
			continue
		}
		judged, received := <-w.judged, <-w.received
		if path, _, _ := strings.Cut(received, "?"); judged.Path != path {
			t.Errorf("%s: judged %q, sent %q", target, judged.Path, received)
		}
	}
}

func TestBotReceivesNothingThatWasRefused(t *testing.T) {
	t.Parallel()
	w := newWay(t)
	for _, wire := range []string{
		"GET /a/../b HTTP/1.1", "GET /a%2fb HTTP/1.1", "GET //a HTTP/1.1", `GET /a\b HTTP/1.1`, "GET /a;b HTTP/1.1",
		"GET /%61 HTTP/1.1", "GET /a#b HTTP/1.1", "GET /a?b#c HTTP/1.1", "GET * HTTP/1.1", "GET http:a HTTP/1.1",
		"GET /\xff HTTP/1.1", "GET /é%2Fb HTTP/1.1", "GET /a b HTTP/1.1", "GET /a\x00 HTTP/1.1", "GET /%zz HTTP/1.1",
		"GET a HTTP/1.1", "GET /a\x0b HTTP/1.1", "get /a HTTP/1.1", "WS /a HTTP/1.1", "CONNECT a:80 HTTP/1.1", "PRI * HTTP/2.0",
		"OPTIONS * HTTP/1.1", "GET ftp://a/b HTTP/1.1",
		"GET /a HTTP/1.1\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
		"GET /a HTTP/1.1\r\nUpgrade: h2c, websocket\r\nConnection: Upgrade",
		"GET /a HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 3",
		"GET /a HTTP/1.1\r\nUpgrade: websocket",
	} {
		status := w.send(t, wire+"\r\nHost: bot.test\r\n\r\nabc")
		if status != http.StatusTeapot && status != http.StatusBadRequest && !strings.HasPrefix(wire, "OPTIONS *") {
			t.Errorf("%q: status %d", wire, status)
		}
		select {
		case target := <-w.received:
			t.Fatalf("%q: the bot received %q", wire, target)
		default:
		}
	}
}
