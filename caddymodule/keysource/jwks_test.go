package keysource_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/keysource"
	"github.com/botlatch/botlatch/caddymodule/remote"
)

// provider publishes a set that a test changes.
type provider struct {
	*httptest.Server

	body    atomic.Value // string
	fetches atomic.Int32
}

func newProvider(t *testing.T, body string) *provider {
	t.Helper()
	p := new(provider)
	p.body.Store(body)
	p.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		p.fetches.Add(1)
		_, _ = io.WriteString(w, p.body.Load().(string))
	}))
	t.Cleanup(p.Close)
	return p
}

// follow reads the set until the test ends.
func (p *provider) follow(t *testing.T, cooldown time.Duration, skipped func([]error)) *keysource.JWKS {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(p.Certificate())
	j, err := keysource.NewJWKS(p.URL, keysource.Options{Remote: remote.Options{Roots: roots, MinAge: cooldown}, Skipped: skipped})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { j.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return j
}

func key(t testing.TB) (public string, id string) {
	t.Helper()
	k, err := jose.GenerateKey(jose.EdDSA)
	if err != nil {
		t.Fatal(err)
	}
	set, err := k.PublicJWKS()
	if err != nil {
		t.Fatal(err)
	}
	return string(set), k.ID
}

func has(t *testing.T, j *keysource.JWKS, missing, id string) bool {
	t.Helper()
	set, err := j.Set(t.Context(), missing)
	if err != nil {
		t.Fatal(err)
	}
	return len(set.Find(jose.Header{KeyID: id, HasKeyID: true, Algorithm: jose.EdDSA})) == 1
}

func TestARotatedKeyIsFoundByATokenThatNamesIt(t *testing.T) {
	t.Parallel()
	old, oldID := key(t)
	next, nextID := key(t)
	p := newProvider(t, old)
	j := p.follow(t, time.Millisecond, nil)
	if !has(t, j, "", oldID) || has(t, j, "", nextID) {
		t.Fatal("not the published set")
	}
	p.body.Store(next)
	time.Sleep(5 * time.Millisecond)
	if has(t, j, "", nextID) {
		t.Error("a token without a reason causes a fetch")
	}
	if !has(t, j, nextID, nextID) || has(t, j, "", oldID) {
		t.Error("the rotated set is not read")
	}
}

func TestKeysThatNobodyPublishesCauseOneFetchACooldown(t *testing.T) {
	t.Parallel()
	set, id := key(t)
	p := newProvider(t, set)
	j := p.follow(t, time.Hour, nil)
	if !has(t, j, "", id) {
		t.Fatal("not read")
	}
	var all sync.WaitGroup
	for i := range 1000 {
		all.Go(func() { has(t, j, fmt.Sprint(i), fmt.Sprint(i)) })
	}
	all.Wait()
	if n := p.fetches.Load(); n != 2 { // the first one, and one for all of them
		t.Errorf("%d fetches, want 2", n)
	}
}

func TestWhatIsNoSetLeavesTheLastOneInForce(t *testing.T) {
	t.Parallel()
	set, id := key(t)
	p := newProvider(t, set)
	j := p.follow(t, time.Millisecond, nil)
	if !has(t, j, "", id) {
		t.Fatal("not read")
	}
	for _, body := range []string{"", "<html>", `{"keys":[]}`, `{"keys":"x"}`, `{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}`} {
		p.body.Store(body)
		time.Sleep(5 * time.Millisecond)
		if !has(t, j, "another", id) || j.State().Err == nil {
			t.Errorf("%q: the last set is gone, or nobody hears of it", body)
		}
	}
}

func TestEntriesThatCannotBeUsedAreToldOf(t *testing.T) {
	t.Parallel()
	set, id := key(t)
	theirs, theirID := key(t)
	theirs = strings.Replace(theirs[strings.Index(theirs, "[")+1:strings.LastIndex(theirs, "]")], "{", `{"issuer":"https://other.example",`, 1)
	told := make(chan int, 10)
	p := newProvider(t, set[:len(set)-len("]\n}")-1]+`,{"kty":"oct","k":"c2VjcmV0"},{"kty":"RSA","n":"AQAB","e":"AQAB"},`+theirs+`]}`)
	j := p.follow(t, time.Hour, func(skipped []error) { told <- len(skipped) })
	if !has(t, j, "", id) {
		t.Error("the good one is lost")
	}
	if has(t, j, "", theirID) {
		t.Error("a key of another issuer is taken")
	}
	if n := <-told; n != 3 {
		t.Errorf("told of %d entries, want 3", n)
	}
}
