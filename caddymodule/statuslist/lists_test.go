package statuslist

import (
	"context"
	"crypto/x509"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/caddymodule/remote"
)

func TestEveryStatusButValidRevokes(t *testing.T) {
	t.Parallel()
	p := startPublisher(t)
	values := make([]byte, 256)
	for i := range values {
		values[i] = byte(i)
	}
	p.publishes(p.list(t, map[string]any{"status_list": map[string]any{"bits": 8, "lst": deflate(t, values)}}))
	l, _ := follow(t, p, Config{})
	for i := range uint64(256) {
		if revoked, err := ask(t, l, p.uri(), i); err != nil || revoked != (i != 0) {
			t.Errorf("status %d: revoked %v, %v", i, revoked, err)
		}
	}
	if revoked, err := ask(t, l, p.uri(), 256); err == nil {
		t.Errorf("beyond the list: revoked %v and no error", revoked)
	}
	if n := p.hits.Load(); n != 1 {
		t.Errorf("fetched %d times", n)
	}
}

func TestAlgorithmsOfTheIssuerBindItsLists(t *testing.T) {
	t.Parallel()
	p := startPublisher(t)
	p.publishes(p.list(t, nil))
	l, _ := follow(t, p, Config{Algorithms: []jose.Algorithm{jose.RS256}})
	if _, err := ask(t, l, p.uri(), 0); err == nil {
		t.Error("an ES256 list of an issuer that signs with RS256")
	}
}

func TestASecretSignsNoList(t *testing.T) {
	t.Parallel()
	p := startPublisher(t)
	p.key = latchtest.NewKey(t, jose.HS256)
	p.publishes(p.list(t, nil))
	l, _ := follow(t, p, Config{})
	if _, err := ask(t, l, p.uri(), 0); err == nil {
		t.Error("a list signed with a secret is believed")
	}
}

func TestFirstUseIsOneFetchForAll(t *testing.T) {
	t.Parallel()
	p := startPublisher(t)
	p.publishes(p.list(t, nil))
	l, _ := follow(t, p, Config{})
	var callers sync.WaitGroup
	for i := range 200 {
		callers.Go(func() {
			if revoked, err := ask(t, l, p.uri(), uint64(i%4)); err != nil || revoked != (i%4 != 0) {
				t.Errorf("entry %d: %v, %v", i%4, revoked, err)
			}
		})
	}
	callers.Wait()
	if n := p.hits.Load(); n != 1 {
		t.Errorf("%d fetches", n)
	}
}

func TestAURIThatNoPrefixCoversIsNotFetched(t *testing.T) {
	t.Parallel()
	p := startPublisher(t)
	p.publishes(p.list(t, nil))
	l, _ := follow(t, p, Config{})
	for _, uri := range []string{p.URL + "/other/1", p.URL + "/lists/../other", p.URL + "/lists/1?x"} {
		if l.Covers(uri) {
			t.Errorf("%s is covered", uri)
		}
		if _, err := ask(t, l, uri, 0); err == nil {
			t.Errorf("%s is asked", uri)
		}
	}
	if n := p.hits.Load(); n != 0 {
		t.Errorf("%d fetches", n)
	}
}

func TestNothingIsKnownBeforeItRunsAndAfterItEnds(t *testing.T) {
	t.Parallel()
	p := startPublisher(t)
	p.publishes(p.list(t, nil))
	roots := x509.NewCertPool()
	roots.AddCert(p.Certificate())
	l, err := New(Config{Prefixes: []string{p.URL}, Keys: source(p.key.KeySet()), Remote: remote.Options{Roots: roots}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ask(t, l, p.uri(), 0); err == nil {
		t.Error("known before it runs")
	}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { l.Run(ctx, time.Minute, nil) })
	for l.state(t) {
		time.Sleep(time.Millisecond)
	}
	if _, err := ask(t, l, p.uri(), 0); err != nil {
		t.Error(err)
	}
	stop()
	running.Wait()
	if _, err := ask(t, l, p.uri(), 0); err == nil {
		t.Error("known after its end")
	}
	if n := p.hits.Load(); n != 1 {
		t.Errorf("%d fetches", n)
	}
}

func TestSoManyListsAndNoMore(t *testing.T) {
	t.Parallel()
	p := startPublisher(t)
	p.publishes(p.list(t, nil))
	l, _ := follow(t, p, Config{})
	token := func(n int) *accesstoken.Token {
		return &accesstoken.Token{Status: &accesstoken.StatusReference{URI: p.URL + "/lists/" + strconv.Itoa(n)}}
	}
	now := time.Now()
	for n := range maxLists {
		if _, err := l.document(token(n).Status.URI, now); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Revoked(t.Context(), token(maxLists), now); err == nil || !strings.Contains(err.Error(), strconv.Itoa(maxLists)) {
		t.Errorf("one more: %v", err)
	}
	if _, err := l.document(token(1).Status.URI, now.Add(idle/2)); err != nil {
		t.Errorf("one in use: %v", err)
	}
	l.drop(now.Add(idle))
	if got := l.State(t.Context(), now); len(got) != 1 || got[0].Lists != 1 || got[0].Prefix != p.URL+"/lists" {
		t.Errorf("%+v", got)
	}
	if _, err := l.document(token(maxLists).Status.URI, now); err != nil {
		t.Errorf("there is room again: %v", err)
	}
}
