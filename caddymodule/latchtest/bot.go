package latchtest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// Bot is an upstream that does whatever it is asked, answers 200 "bot", and remembers what reached it.
type Bot struct {
	*httptest.Server

	mu   sync.Mutex
	seen []*http.Request
}

// StartBot starts a bot on loopback; it ends with the test.
func StartBot(t testing.TB) *Bot {
	t.Helper()
	b := new(Bot)
	b.Server = httptest.NewServer(b)
	t.Cleanup(b.Close)
	return b
}

// ServeHTTP implements http.Handler.
func (b *Bot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // the trailer is there when the body was read
	b.mu.Lock()
	b.seen = append(b.seen, r.Clone(r.Context()))
	b.mu.Unlock()
	_, _ = w.Write([]byte("bot"))
}

// Address is where the bot listens, host:port.
func (b *Bot) Address() string { return strings.TrimPrefix(b.URL, "http://") }

// Hits is how many requests reached the bot.
func (b *Bot) Hits() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.seen)
}

// Last is the last request that reached the bot, without its body; nil: none did.
func (b *Bot) Last() *http.Request {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.seen) == 0 {
		return nil
	}
	return b.seen[len(b.seen)-1]
}
