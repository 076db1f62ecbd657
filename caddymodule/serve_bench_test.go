package caddymodule_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// BenchmarkServe is one request through a Caddy server in this process, from the parsed request to the written answer,
// without sockets: plain, with a handler that only removes Authorization, and with the latch, for a token that was seen
// before and for one that was not. What the latch costs is the difference to plain in the same run.
func BenchmarkServe(b *testing.B) {
	dir := b.TempDir() // one revocation file for all: a process knows a bounded number of them
	b.Run("plain", func(b *testing.B) { serve(b, startServer(b, dir, ""), []string{""}, nil, http.StatusNoContent) })
	b.Run("strip", func(b *testing.B) {
		serve(b, startServer(b, dir, "request_header -Authorization"), []string{""}, nil, http.StatusNoContent)
	})
	for _, alg := range []jose.Algorithm{jose.HS256, jose.RS256, jose.ES256, jose.EdDSA} {
		key, latch := benchLatch(b, alg)
		b.Run("repeated/"+alg.String(), func(b *testing.B) { serve(b, startServer(b, dir, latch), mint(b, key, 1), nil, http.StatusNoContent) })
		b.Run("first-seen/"+alg.String(), func(b *testing.B) {
			// A new configuration has an empty cache.
			fresh := func() http.Handler { return startServer(b, dir, latch) }
			serve(b, fresh(), mint(b, key, 1000), fresh, http.StatusNoContent)
		})
		b.Run("bad/"+alg.String(), func(b *testing.B) {
			bad := mint(b, key, 1)
			other := mint(b, key, 1)[0] // a signature of another token
			bad[0] = bad[0][:len(bad[0])-20] + other[len(other)-20:]
			serve(b, startServer(b, dir, latch), bad, nil, http.StatusUnauthorized)
		})
	}
}

// startServer loads a site with a directive before a fixed answer, with its files in dir, and returns its server. stores are
// further ones of revocations.
func startServer(b testing.TB, dir, directive string, stores ...string) http.Handler {
	b.Helper()
	caddyfile := fmt.Sprintf("{\nadmin off\npersist_config off\nstorage file_system %s\nbotlatch {\nrevocation bolt %s\n%s\n}\n"+
		"log {\noutput discard\n}\n}\nhttp://127.0.0.1:0 {\nbind 127.0.0.1\n%s\nrespond 204\n}\n",
		dir, filepath.Join(dir, "revocations.db"), strings.Join(stores, "\n"), directive)
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(caddyfile), map[string]any{"filename": "Caddyfile"})
	if err != nil {
		b.Fatal(err)
	}
	if err := caddy.Load(config, true); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = caddy.Stop() })
	app, err := caddy.ActiveContext().App("http")
	if err != nil {
		b.Fatal(err)
	}
	for _, server := range app.(*caddyhttp.App).Servers {
		return server
	}
	b.Fatal("no server")
	return nil
}

func mint(b *testing.B, key latchtest.Key, n int) []string {
	b.Helper()
	tokens := make([]string, n)
	for i := range tokens {
		tokens[i] = key.Mint(b, issue.Token{Issuer: "bench", Subject: "ana", Scope: []string{"observe"}, TTL: 12 * time.Hour})
	}
	return tokens
}

// serve sends requests, each with the next token, which must be answered with status; fresh makes another server when
// all tokens were used.
func serve(b *testing.B, server http.Handler, tokens []string, fresh func() http.Handler, status int) {
	b.Helper()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if i == len(tokens) {
			i = 0
			if fresh != nil {
				b.StopTimer()
				server = fresh()
				b.StartTimer()
			}
		}
		r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/api/arm", nil)
		r.Header = http.Header{
			"Accept": {"*/*"}, "Accept-Encoding": {"gzip"}, "User-Agent": {"bench/1"}, "X-Request-Id": {"1"},
			"Authorization": {"Bearer " + tokens[i]},
		}
		r = r.WithContext(loopback)
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		if w.Code != status {
			b.Fatalf("status %d, want %d", w.Code, status)
		}
		i++
	}
}
