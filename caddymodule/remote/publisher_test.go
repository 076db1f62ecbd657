package remote

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// publisher is a real HTTP server behind pipes in memory, so that it lives in a synctest bubble.
type publisher struct {
	conns chan net.Conn
	close sync.Once

	mu     sync.Mutex
	answer http.HandlerFunc
	asked  []time.Time
}

// says is an answer of a body.
func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }
}

// fails is an answer of an outage.
func fails(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }

func startPublisher(t *testing.T, answer http.HandlerFunc) *publisher {
	t.Helper()
	p := &publisher{conns: make(chan net.Conn), answer: answer}
	server := &http.Server{Handler: p}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(p) })
	t.Cleanup(func() {
		_ = server.Shutdown(context.Background()) // it waits for whoever still answers
		serving.Wait()
	})
	return p
}

// ServeHTTP implements http.Handler.
func (p *publisher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked = append(p.asked, time.Now())
	answer := p.answer
	p.mu.Unlock()
	answer(w, r)
}

// changes sets what is answered from now on.
func (p *publisher) changes(answer http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = answer
}

// times are when it was asked, from the n-th time on.
func (p *publisher) times(n int) []time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked[n:]
}

// Accept implements net.Listener.
func (p *publisher) Accept() (net.Conn, error) {
	if conn, ok := <-p.conns; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}

// Close implements net.Listener.
func (p *publisher) Close() error {
	p.close.Do(func() { close(p.conns) })
	return nil
}

// Addr implements net.Listener.
func (p *publisher) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

func (p *publisher) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// A body "value 100s" is the value, fresh for 100 seconds.
func parse(_ context.Context, body []byte, _ http.Header) (string, time.Duration, error) {
	value, fresh, _ := strings.Cut(string(body), " ")
	if value == "rubbish" {
		return "", 0, errors.New("not understood")
	}
	if fresh == "" {
		return value, 0, nil
	}
	d, err := time.ParseDuration(fresh)
	return value, d, err
}

// keep runs a document of p until the test ends.
func keep(t *testing.T, p *publisher, options Options) *Document[string] {
	t.Helper()
	options.InsecureLoopback = true
	d, err := New("http://localhost/document", parse, options)
	if err != nil {
		t.Fatal(err)
	}
	d.transport.DialContext = p.dial
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { d.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
	return d
}

// gets asserts the value; empty: none.
func gets(t *testing.T, d *Document[string], want string) {
	t.Helper()
	got, err := d.Get(t.Context())
	if got != want || (err == nil) != (want != "") {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}
