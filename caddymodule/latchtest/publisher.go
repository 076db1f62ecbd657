package latchtest

import (
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// Publisher publishes the keys of an issuer over HTTPS as an authorization server does: its metadata at
// /.well-known/openid-configuration, and the key set that this names at /keys. What it publishes, and how badly, may change.
type Publisher struct {
	*httptest.Server

	// CA is a file with the certificate that vouches for it: trusted_ca.
	CA string

	mu      sync.Mutex
	keys    []Key
	answer  http.Handler // nil: as it should
	slow    func(*http.Request)
	control string // Cache-Control
	fetches int
}

// StartPublisher starts a publisher of keys on loopback; it ends with the test. The issuer's name is its URL.
func StartPublisher(t testing.TB, keys ...Key) *Publisher {
	t.Helper()
	p := &Publisher{keys: keys}
	p.Server = httptest.NewTLSServer(p)
	t.Cleanup(p.Close)
	t.Cleanup(p.CloseClientConnections) // before Close, which waits for answers that never end
	p.CA = WriteFile(t, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate().Raw})))
	return p
}

// Publish replaces the keys.
func (p *Publisher) Publish(keys ...Key) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = keys
}

// Answer lets h answer in place of the publisher; nil: no more.
func (p *Publisher) Answer(h http.Handler) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = h
}

// Slow lets wait pass the time of every request before it is answered; nil: none.
func (p *Publisher) Slow(wait func(*http.Request)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slow = wait
}

// CacheControl sets the field of that name; empty: none.
func (p *Publisher) CacheControl(value string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.control = value
}

// Fetches is how often the key set was asked for.
func (p *Publisher) Fetches() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fetches
}

// ServeHTTP implements http.Handler.
func (p *Publisher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	answer, slow, keys, control := p.answer, p.slow, p.keys, p.control
	if r.URL.Path == "/keys" {
		p.fetches++
	}
	p.mu.Unlock()
	if slow != nil {
		slow(r)
	}
	if control != "" {
		w.Header().Set("Cache-Control", control)
	}
	switch {
	case answer != nil:
		answer.ServeHTTP(w, r)
	case r.URL.Path == "/.well-known/openid-configuration":
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": p.URL, "jwks_uri": p.URL + "/keys"})
	case r.URL.Path == "/keys":
		w.Header().Set("Content-Type", "application/jwk-set+json")
		_, _ = w.Write(JWKS(keys...))
	default:
		http.NotFound(w, r)
	}
}

// JWKS is the set of the public halves of keys.
func JWKS(keys ...Key) []byte {
	type set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	all := set{Keys: []json.RawMessage{}}
	for _, key := range keys {
		var one set
		b, err := key.PublicJWKS()
		if err == nil {
			err = json.Unmarshal(b, &one)
		}
		if err != nil {
			panic(err) // a secret, which no test publishes
		}
		all.Keys = append(all.Keys, one.Keys...)
	}
	b, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	return b
}
