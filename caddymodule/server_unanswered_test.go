package caddymodule_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/botlatch/botlatch/caddymodule/app"
	"github.com/botlatch/botlatch/caddymodule/stream"
)

func init() {
	caddy.RegisterModule(late{})
	httpcaddyfile.RegisterHandlerDirective("late", func(httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) { return late{}, nil })
}

// late is a bot whose answer is cut right before it begins.
type late struct{}

func (late) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.late", New: func() caddy.Module { return new(late) }}
}

func (late) ServeHTTP(w http.ResponseWriter, _ *http.Request, _ caddyhttp.Handler) error {
	w.Header().Set("Content-Encoding", "gzip")
	w.Header().Set("Set-Cookie", "bot=1")
	w.Header().Set("Content-Length", "3")
	for _, s := range app.Streams().All() {
		s.End(stream.Held)
	}
	_, err := w.Write([]byte("bot"))
	return err
}

// TestARefusalSaysNothingOfTheAnswerThatIsNotSent.
func TestARefusalSaysNothingOfTheAnswerThatIsNotSent(t *testing.T) {
	server := startServer(t, t.TempDir(), "route {\nbotlatch {\nsecret 0123456789abcdef0123456789abcdef\npublic GET /bot\n}\nlate\n}")
	r, w := httptest.NewRequestWithContext(loopback, http.MethodGet, "http://127.0.0.1/bot", http.NoBody), httptest.NewRecorder()
	server.ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("status %d, %v", w.Code, w.Header())
	}
	for _, field := range []string{"Content-Encoding", "Set-Cookie"} {
		if got := w.Header().Get(field); got != "" {
			t.Errorf("%s: %s", field, got)
		}
	}
}
