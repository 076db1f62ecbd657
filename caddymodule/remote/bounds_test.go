package remote_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/remote"
)

func TestAnEndlessAnswerIsLeft(t *testing.T) {
	t.Parallel()
	var sent atomic.Int64
	server := quiet(t, func(w http.ResponseWriter, r *http.Request) {
		block := make([]byte, 64<<10)
		for sent.Load() < 10<<30 && r.Context().Err() == nil {
			n, err := w.Write(block)
			if sent.Add(int64(n)); err != nil {
				return
			}
		}
	})
	got, err := fetch(t, server.URL, remote.Options{Roots: rootsOf(server)})
	refused(t, server.Listener.Addr().String(), "too large", got, err)
	server.Close() // waits until the handler has ended
	if n := sent.Load(); n > 64<<20 {
		t.Errorf("%d bytes were sent", n)
	}
}

func TestASlowAnswerIsLeft(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"deny/before it begins": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"deny/byte by byte": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = w.Write([]byte("x"))
				_ = http.NewResponseController(w).Flush()
				time.Sleep(50 * time.Millisecond)
			}
			panic(http.ErrAbortHandler) // to return would be to end the body as it should
		},
		"deny/redirect by redirect": func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(400 * time.Millisecond)
			http.Redirect(w, r, "/", http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := quiet(t, answer)
			began := time.Now()
			got, err := fetch(t, server.URL, remote.Options{Roots: rootsOf(server), Timeout: 500 * time.Millisecond})
			refused(t, server.Listener.Addr().String(), context.DeadlineExceeded.Error(), got, err)
			if took := time.Since(began); took < 500*time.Millisecond || took > 4*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestNobodyIsThere(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := listener.Addr().String()
	_ = listener.Close()
	got, err := fetch(t, "https://"+host+"/"+secret, remote.Options{})
	refused(t, host, "connection refused", got, err)
}

func TestACertificateThatNobodyKnowsIsRefused(t *testing.T) {
	t.Parallel()
	server := quiet(t, func(http.ResponseWriter, *http.Request) { t.Error("it was asked") })
	host := server.Listener.Addr().String()
	got, err := fetch(t, server.URL, remote.Options{})
	refused(t, host, "certificate", got, err)

	other := fmt.Sprintf("localhost:%s", host[strings.LastIndex(host, ":")+1:]) // the certificate is for 127.0.0.1
	got, err = fetch(t, "https://"+other, remote.Options{Roots: rootsOf(server)})
	refused(t, other, "certificate", got, err)
}

func TestURLsThatAreNotFetched(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		url      string
		insecure bool
	}{
		"ok/https":                  {"https://id.example.com/keys", false},
		"ok/loopback said aloud":    {"http://127.0.0.1:80/keys", true},
		"ok/localhost said aloud":   {"http://localhost/keys", true},
		"ok/six said aloud":         {"http://[::1]/keys", true},
		"deny/http":                 {"http://id.example.com/keys", false},
		"deny/http on loopback":     {"http://127.0.0.1/keys", false},
		"deny/http elsewhere":       {"http://192.0.2.1/keys", true},
		"deny/localhost's neighbor": {"http://localhost.example.com/keys", true},
		"deny/file":                 {"file:///etc/passwd", true},
		"deny/no host":              {"https:///keys", false},
		"deny/opaque":               {"https:id.example.com", false},
		"deny/userinfo":             {"https://user@id.example.com/keys", false},
		"deny/fragment":             {"https://id.example.com/keys#a", false},
		"deny/relative":             {"/keys", false},
		"deny/empty":                {"", false},
		"deny/not a URL":            {"https://%zz/" + secret, false},
	} {
		_, err := remote.New(c.url, asIs, remote.Options{InsecureLoopback: c.insecure})
		if ok := strings.HasPrefix(name, "ok/"); ok != (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error says too much: %v", name, err)
		}
	}
}
