package caddymodule_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/botlatch/botlatch/caddymodule"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// BenchmarkHandler is what the latch adds to a request: the handler alone, without Caddy around it and a bot behind it, in
// processor time of all threads, so that the garbage counts that it leaves. The same requests go by turns to the handler and
// past it, so that what slows the machine slows both. For tokens that must be verified it also tells what that takes with
// nothing around it, as bare-ns.
func BenchmarkHandler(b *testing.B) {
	dir := b.TempDir()
	var key latchtest.Key
	var directive string
	fresh := func() *caddymodule.Handler { return handlerOf(b, startServer(b, dir, directive)) }
	for _, alg := range []jose.Algorithm{jose.HS256, jose.RS256, jose.ES256, jose.EdDSA} {
		key, directive = benchLatch(b, alg)
		b.Run("repeated/"+alg.String(), func(b *testing.B) {
			comparison{tokens: mint(b, key, 1), handler: always(fresh()), status: http.StatusNoContent}.run(b)
		})
		b.Run("first-seen/"+alg.String(), func(b *testing.B) {
			// A new configuration has an empty cache.
			comparison{tokens: mint(b, key, turn), handler: fresh, status: http.StatusNoContent, key: &key}.run(b)
		})
		b.Run("bad/"+alg.String(), func(b *testing.B) {
			tokens := mint(b, key, 2)
			bad := tokens[0][:len(tokens[0])-20] + tokens[1][len(tokens[1])-20:]
			comparison{tokens: []string{bad}, handler: always(fresh()), status: http.StatusUnauthorized, key: &key}.run(b)
		})
	}
	// The last one, because what is revoked stays so as long as the process lives.
	b.Run("repeated, a million revoked/"+key.Algorithm.String(), func(b *testing.B) {
		var list strings.Builder
		for i := range 1_000_000 {
			fmt.Fprintf(&list, "jti:%d iss:bench\n", i)
		}
		file, longAgo := latchtest.WriteFile(b, "revoked.txt", list.String()), time.Now().Add(-time.Hour)
		if err := os.Chtimes(file, longAgo, longAgo); err != nil { // a new one is read again: it may still be written
			b.Fatal(err)
		}
		h := handlerOf(b, startServer(b, dir, directive, "revocation file "+file))
		comparison{tokens: mint(b, key, 1), handler: always(h), status: http.StatusNoContent}.run(b)
	})
}

func always(h *caddymodule.Handler) func() *caddymodule.Handler {
	return func() *caddymodule.Handler { return h }
}

// benchLatch is a latch of three rules, and the key that it knows.
func benchLatch(b *testing.B, alg jose.Algorithm) (key latchtest.Key, directive string) {
	b.Helper()
	key = latchtest.NewKey(b, alg)
	keys := "keys static " + key.File
	if alg.Symmetric() {
		keys = "keys secret_base64 {file." + key.File + "}"
	}
	return key, fmt.Sprintf("botlatch {\nissuer bench {\n%s\n}\nallow GET /api/door scope observe\n"+
		"allow POST /api/door/unlock scope door:unlock\nallow GET /api/arm scope observe\n}", keys)
}

// handlerOf finds the latch in a server's routes.
func handlerOf(b testing.TB, server http.Handler) *caddymodule.Handler {
	b.Helper()
	var find func(caddyhttp.RouteList) *caddymodule.Handler
	find = func(routes caddyhttp.RouteList) *caddymodule.Handler {
		for _, route := range routes {
			for _, handler := range route.Handlers {
				switch handler := handler.(type) {
				case *caddymodule.Handler:
					return handler
				case *caddyhttp.Subroute:
					if h := find(handler.Routes); h != nil {
						return h
					}
				}
			}
		}
		return nil
	}
	h := find(server.(*caddyhttp.Server).Routes)
	if h == nil {
		b.Fatal("no latch in these routes")
	}
	return h
}

// bot answers at once.
var bot = caddyhttp.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
})

// What is sent at a stretch, and how many stretches make one figure.
const turn, turns = 500, 20

// comparison sends requests, each with the next token, to the latch and past it.
type comparison struct {
	tokens  []string
	handler func() *caddymodule.Handler // asked before each turn
	status  int                         // that the latch answers
	key     *latchtest.Key              // verifies the tokens; nil: they are known
}

func (c comparison) run(b *testing.B) {
	h := c.handler()
	latch := caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error { return h.ServeHTTP(w, r, bot) })
	c.send(b, latch, c.status)
	var added, bare []float64
	for b.Loop() {
		var with, without, verifying time.Duration
		for range turns {
			h = c.handler()
			with += c.send(b, latch, c.status)
			without += c.send(b, bot, http.StatusNoContent)
			verifying += c.verify(b)
		}
		added = append(added, float64(with-without)/(turns*turn))
		bare = append(bare, float64(verifying)/(turns*turn))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(slices.Min(added), "min-ns-added")
	b.ReportMetric(median(added), "ns-added")
	b.ReportMetric(slices.Max(added), "max-ns-added")
	if c.key != nil {
		b.ReportMetric(median(bare), "bare-ns")
	}
}

func (c comparison) send(b *testing.B, to caddyhttp.Handler, status int) time.Duration {
	b.Helper()
	began := processTime(b)
	for i := range turn {
		r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/api/arm", nil)
		r.Header = http.Header{
			"Accept": {"*/*"}, "Accept-Encoding": {"gzip"}, "User-Agent": {"bench/1"}, "X-Request-Id": {"1"},
			"Authorization": {"Bearer " + c.tokens[i%len(c.tokens)]},
		}
		w := httptest.NewRecorder()
		r = caddyhttp.PrepareRequest(r.WithContext(loopback), caddy.NewReplacer(), w, nil)
		if err := to.ServeHTTP(w, r); err != nil || w.Code != status {
			b.Fatalf("status %d, %v, want %d", w.Code, err, status)
		}
	}
	return processTime(b) - began
}

// verify checks as many signatures, good or bad, and nothing else.
func (c comparison) verify(b *testing.B) time.Duration {
	b.Helper()
	if c.key == nil {
		return 0
	}
	token, err := jose.Parse(c.tokens[0])
	if err != nil {
		b.Fatal(err)
	}
	key := c.key.KeySet().Find(token.Header)[0]
	began := processTime(b)
	for range turn {
		_, _ = token.Verify(key)
	}
	return processTime(b) - began
}

func median(of []float64) float64 { return slices.Sorted(slices.Values(of))[len(of)/2] }
