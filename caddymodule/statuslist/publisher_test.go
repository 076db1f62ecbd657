package statuslist

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/caddymodule/remote"
)

// publisher is an issuer's server of status lists, over TLS.
type publisher struct {
	*httptest.Server
	key latchtest.Key

	mu   sync.Mutex
	body string // empty: 500
	hits atomic.Int64
}

func startPublisher(t *testing.T) *publisher {
	t.Helper()
	p := &publisher{key: latchtest.NewKey(t, jose.ES256)}
	p.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.hits.Add(1)
		if got := r.Header.Get("Accept"); got != "application/statuslist+jwt" {
			t.Errorf("asked for %q", got)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.body == "" {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = w.Write([]byte(p.body))
	}))
	p.Config.ErrorLog = log.New(io.Discard, "", 0)
	p.StartTLS()
	t.Cleanup(p.Close)
	return p
}

// uri is that of its one list.
func (p *publisher) uri() string { return p.URL + "/lists/1" }

// publishes sets what is answered from now on; empty: 500.
func (p *publisher) publishes(body string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.body = body
}

// claims is a list of two bits an entry, valid now, with changes; null takes a member out.
func (p *publisher) claims(t *testing.T, changes map[string]any) string {
	t.Helper()
	claims := map[string]any{
		"sub": p.uri(), "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(), "ttl": 3600,
		"status_list": map[string]any{"bits": 2, "lst": deflate(t, []byte{0b11_10_01_00})}, // 0, 1, 2, 3
	}
	for name, v := range changes {
		if claims[name] = v; v == nil {
			delete(claims, name)
		}
	}
	b, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// list is a signed list.
func (p *publisher) list(t *testing.T, changes map[string]any) string {
	t.Helper()
	return p.key.Sign(t, "statuslist+jwt", p.claims(t, changes))
}

// keys is a source of keys that can be changed.
type keys struct{ set atomic.Pointer[jose.KeySet] }

func (k *keys) Set(context.Context, string) (*jose.KeySet, error) { return k.set.Load(), nil }

// follow runs lists of p until the test ends.
func follow(t *testing.T, p *publisher, config Config) (*Lists, *keys) {
	t.Helper()
	source := new(keys)
	source.set.Store(p.key.KeySet())
	roots := x509.NewCertPool()
	roots.AddCert(p.Certificate())
	config.Prefixes, config.Keys, config.Remote.Roots = []string{p.URL + "/lists"}, source, roots
	l, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { l.Run(ctx, time.Minute, nil) })
	t.Cleanup(func() { stop(); running.Wait() })
	for l.state(t) {
		time.Sleep(time.Millisecond)
	}
	return l, source
}

// state reports whether l does not run yet.
func (l *Lists) state(t *testing.T) bool {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.begin == nil
}

// ask asks for an entry of a list.
func ask(t *testing.T, l *Lists, uri string, index uint64) (bool, error) {
	t.Helper()
	return l.Revoked(t.Context(), &accesstoken.Token{Status: &accesstoken.StatusReference{URI: uri, Index: index}}, time.Now())
}

// often lets a test see refreshes.
var often = remote.Options{MinAge: 50 * time.Millisecond, MaxAge: 50 * time.Millisecond}
