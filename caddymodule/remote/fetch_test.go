package remote_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/remote"
)

// secret stands in the path and the query of every URL, and must not stand in an error.
const secret = "s3cret"

func asIs(_ context.Context, body []byte, _ http.Header) (string, time.Duration, error) {
	return string(body), 0, nil
}

// fetch asks for a document once, and returns what it says.
func fetch(t *testing.T, url string, options remote.Options) (string, error) {
	t.Helper()
	fetched := make(chan struct{}, 10)
	options.Fetched = func(error) { fetched <- struct{}{} }
	d, err := remote.New(url, asIs, options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { d.Run(ctx) })
	defer running.Wait()
	defer stop()
	select {
	case <-fetched:
	case <-time.After(10 * time.Second):
		t.Fatal("the fetch does not end")
	}
	return d.Get(ctx)
}

func rootsOf(server *httptest.Server) *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return roots
}

// quiet is a TLS server whose own log nobody reads.
func quiet(t *testing.T, answer http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(answer)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func gzipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}

// raw takes the connection over and writes an answer as it stands.
func raw(t *testing.T, w http.ResponseWriter, answer string) {
	t.Helper()
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	_, _ = conn.Write([]byte(answer))
	_ = conn.Close()
}

func TestFetch(t *testing.T) {
	t.Parallel()
	bomb := gzipped(make([]byte, 64<<20))
	full := strings.Repeat("x", 1<<20)
	elsewhere := quiet(t, func(http.ResponseWriter, *http.Request) { t.Error("a redirect led to another host") })
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect led to http") }))
	t.Cleanup(plain.Close)
	redirect := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusFound)
		}
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string // the body; of a refusal, a part of the error
	}{
		"ok/plain":     {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) }, "hello"},
		"ok/the limit": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(full)) }, full},
		"ok/gzip": {func(w http.ResponseWriter, r *http.Request) {
			if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
				t.Error("gzip is not asked for")
			}
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(gzipped([]byte("hello")))
		}, "hello"},
		"ok/accept": {func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(r.Header.Get("Accept"))) }, "text/x-test"},
		"ok/three redirects": {func(w http.ResponseWriter, r *http.Request) {
			if n := len(r.URL.Query().Get("n")); n < 3 {
				http.Redirect(w, r, "/"+secret+"?n="+strings.Repeat("x", n+1), http.StatusTemporaryRedirect)
				return
			}
			_, _ = w.Write([]byte("hello"))
		}, "hello"},
		"deny/a loop":       {redirect("/" + secret), "too many redirects"},
		"deny/another host": {redirect(elsewhere.URL + "/" + secret), "another host"},
		"deny/to http":      {redirect(plain.URL + "/" + secret), "another host or another scheme"},
		"deny/http on the same host": {func(w http.ResponseWriter, r *http.Request) {
			redirect("http://"+r.Host+"/"+secret)(w, r)
		}, "another scheme"},
		"deny/redirect with userinfo": {func(w http.ResponseWriter, r *http.Request) {
			redirect("https://"+secret+"@"+r.Host+"/")(w, r)
		}, "a redirect"},
		"deny/redirect to nowhere":   {redirect("https://%zz/" + secret), "a redirect"},
		"deny/redirect without a to": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusFound) }, "a redirect"},
		"deny/500":                   {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, secret, http.StatusInternalServerError) }, "status 500"},
		"deny/404":                   {http.NotFound, "status 404"},
		"deny/no content":            {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, "status 204"},
		"deny/partial":               {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusPartialContent) }, "status 206"},
		"deny/empty":                 {func(http.ResponseWriter, *http.Request) {}, "empty"},
		"deny/one byte too many":     {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(full + "x")) }, "too large"},
		"deny/gzip bomb": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb)
		}, "too large"},
		"deny/gzip that is none": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write([]byte(strings.Repeat(secret, 10)))
		}, "not HTTP"},
		"deny/gzip cut off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(gzipped([]byte("hello hello"))[:12])
		}, "unexpected EOF"},
		"deny/cut off": {func(w http.ResponseWriter, _ *http.Request) {
			raw(t, w, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")
		}, "unexpected EOF"},
		"deny/chunks cut off": {func(w http.ResponseWriter, _ *http.Request) {
			raw(t, w, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
		}, "unexpected EOF"},
		"deny/not HTTP in a chunk": {func(w http.ResponseWriter, _ *http.Request) {
			raw(t, w, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+secret+"\r\nhello\r\n")
		}, "not HTTP"},
		"deny/not HTTP in a trailer": {func(w http.ResponseWriter, _ *http.Request) {
			raw(t, w, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"+secret+"\r\n\r\n")
		}, "not HTTP"},
		"deny/dropped":  {func(w http.ResponseWriter, _ *http.Request) { raw(t, w, "") }, "EOF"},
		"deny/not HTTP": {func(w http.ResponseWriter, _ *http.Request) { raw(t, w, secret+"\r\n\r\n") }, "not HTTP"},
		"deny/an endless header": {func(w http.ResponseWriter, _ *http.Request) {
			raw(t, w, "HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 1<<20)+"\r\n\r\nhello")
		}, "not HTTP"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := quiet(t, c.answer)
			got, err := fetch(t, server.URL+"/"+secret+"?q="+secret, remote.Options{Roots: rootsOf(server), Accept: "text/x-test"})
			if strings.HasPrefix(name, "ok/") {
				if err != nil || got != c.want {
					t.Errorf("%d bytes, %v", len(got), err)
				}
				return
			}
			refused(t, server.Listener.Addr().String(), c.want, got, err)
		})
	}
}

// refused asserts an error that names the host and the cause, and neither path nor query nor what the server said.
func refused(t *testing.T, host, want, got string, err error) {
	t.Helper()
	switch {
	case err == nil || got != "":
		t.Errorf("%q was taken", got)
	case !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), host):
		t.Errorf("%v; want %s and %s in it", err, want, host)
	case strings.Contains(err.Error(), secret):
		t.Errorf("the error says too much: %v", err)
	}
}
