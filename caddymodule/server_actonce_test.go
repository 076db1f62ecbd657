package caddymodule_test

import (
	"bufio"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// dyingBot answers what ends in /warm and keeps the connection; whatever else comes on a connection that was used
// before is carried out, and the connection dropped without an answer, or in the middle of one.
type dyingBot struct {
	address string

	mu   sync.Mutex
	acts map[string]int // by path
}

func startDyingBot(t *testing.T) *dyingBot {
	t.Helper()
	b := &dyingBot{acts: make(map[string]int)}
	b.address = latchtest.Listen(t, b.serve)
	return b
}

func (b *dyingBot) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	in := bufio.NewReader(c)
	for used := false; ; used = true {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		_ = r.Body.Close() // reads to the end
		if strings.HasSuffix(r.URL.Path, "/warm") {
			_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
			continue
		}
		b.mu.Lock()
		b.acts[r.URL.Path]++
		again := b.acts[r.URL.Path] > 1
		b.mu.Unlock()
		switch {
		case again: // a second time it answers, as a bot that came back does: the client would see one 200
			_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
		case strings.HasSuffix(r.URL.Path, "/partly"):
			_, _ = c.Write([]byte("HTTP/1.1 2"))
			return
		case strings.HasSuffix(r.URL.Path, "/informed"):
			_, _ = c.Write([]byte("HTTP/1.1 103 Early Hints\r\n\r\n"))
			return
		case used:
			return
		default:
			_, _ = c.Write([]byte("HTTP/1.1 500 the connection was new\r\nContent-Length: 0\r\n\r\n"))
		}
	}
}

func (b *dyingBot) actsOf(path string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.acts[path]
}

const actOnceSite = `{
	admin {$ADMIN}
	botlatch {
		issuer own {
			keys static {$KEYS}
		}
	}
}
http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		allow *,WS /replayable/** any_token {
			replayable
		}
		allow * /** any_token
	}
	handle /buffered/* {
		reverse_proxy {$BOT} {
			request_buffers 1MB
		}
	}
	handle /retries/* {
		reverse_proxy {$BOT} {
			lb_retries 3
		}
	}
	handle /duration/* {
		reverse_proxy {$BOT} {
			lb_try_duration 2s
			lb_try_interval 10ms
		}
	}
	handle /asked/* {
		forward_auth {$GATE} {
			uri /gate
		}
		reverse_proxy {$BOT}
	}
	handle {
		reverse_proxy {$BOT}
	}
	handle_errors {
		reverse_proxy {$BOT}
	}
}
`

func TestActsOnceWhenTheBotDropsTheConnection(t *testing.T) {
	t.Parallel()
	key := latchtest.NewKey(t, jose.EdDSA)
	token := key.Mint(t, issue.Token{Issuer: "own", Subject: "ana"})
	bot, gate := startDyingBot(t), latchtest.StartBot(t)
	l := latchtest.Start(t, actOnceSite, "KEYS="+key.File, "BOT="+bot.address, "GATE="+gate.Address())
	send := func(t *testing.T, method, path string, idempotent bool) int {
		t.Helper()
		var body *strings.Reader = strings.NewReader("")
		if method == http.MethodPost {
			body = strings.NewReader(`{"angle":90}`)
		}
		r, err := http.NewRequestWithContext(t.Context(), method, l.URL+path, body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		if idempotent {
			r.Header.Set("Idempotency-Key", "1")
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res.StatusCode
	}
	for name, c := range map[string]struct {
		method, path string
		idempotent   bool
		acts, status int
	}{
		"GET":                       {http.MethodGet, "/plain/get", false, 1, http.StatusBadGateway},
		"HEAD":                      {http.MethodHead, "/plain/head", false, 1, http.StatusBadGateway},
		"POST":                      {http.MethodPost, "/buffered/post", false, 1, http.StatusBadGateway},
		"POST with Idempotency-Key": {http.MethodPost, "/plain/key", true, 1, http.StatusBadGateway},
		"POST with key, buffered":   {http.MethodPost, "/buffered/key", true, 1, http.StatusBadGateway},
		"lb_retries":                {http.MethodGet, "/retries/get", false, 1, http.StatusBadGateway},
		"lb_retries, half a line":   {http.MethodGet, "/retries/partly", false, 1, http.StatusBadGateway},
		"lb_retries, early hints":   {http.MethodGet, "/retries/informed", false, 1, http.StatusBadGateway},
		"lb_try_duration":           {http.MethodGet, "/duration/get", false, 1, http.StatusBadGateway},
		"behind forward_auth":       {http.MethodGet, "/asked/get", false, 1, http.StatusBadGateway},
		"replayable":                {http.MethodGet, "/replayable/get", false, 2, http.StatusOK}, // what happens otherwise
	} {
		t.Run(name, func(t *testing.T) {
			if got := send(t, http.MethodGet, c.path+"/warm", false); got != http.StatusOK {
				t.Fatalf("warming up: status %d", got)
			}
			status := send(t, c.method, c.path, c.idempotent)
			if acts := bot.actsOf(c.path); acts != c.acts || status != c.status {
				t.Errorf("%d acts, status %d; want %d, %d", acts, status, c.acts, c.status)
			}
		})
	}
	if gate.Hits() < 2 {
		t.Errorf("forward_auth asked %d times", gate.Hits())
	}
}
