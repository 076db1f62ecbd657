package login_test

import (
	"net"
	"net/http"
	"testing"
	"time"
)

// down asserts that the page says that the provider is, and that nobody is in.
func (s *stage) down(b *tab) {
	b.t.Helper()
	b.becomes(title+" + "+status, s.host()+" does not answer as it should502")
	b.becomes(`document.querySelectorAll('`+toProvider+`').length`, "1") // to try again
}

// TestTheProviderIsDown before anybody has signed in, and while somebody is on the way back. Nothing is lost by it, and the latch goes on
// by itself when it is up again.
func TestTheProviderIsDown(t *testing.T) {
	t.Parallel()
	s := prepareStage(t)
	s.killProvider()
	s.latch.Run()
	b := s.browse(t)
	b.open(s.origin + "/")
	b.press(toProvider)
	s.down(b)
	s.restartProvider(t)
	time.Sleep(3 * time.Second) // that it is down is remembered so long
	s.toTheProvider(b)
	callback := b.caught(button("ana"))
	s.killProvider()
	b.open(callback)
	s.down(b)
	s.isOut(b)

	s.restartProvider(t) // it has forgotten everybody, and its key is the same
	s.signIn(b, "ana")
	b.press("#open")
	b.becomes(acts, "1")
	s.killProvider()
	b.press("#open")
	b.becomes(acts, "2") // who is in needs no provider
	if n := s.sessions(t); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

// TestTheProviderAnswersNonsense before anybody has signed in, and instead of tokens.
func TestTheProviderAnswersNonsense(t *testing.T) {
	t.Parallel()
	for name, nonsense := range map[string]http.HandlerFunc{
		"deny/a page": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<h1>It works!</h1>"))
		},
		"deny/another issuer": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"issuer":"https://evil.example.com","access_token":"x","token_type":"Bearer","id_token":"x.y.z"}`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := prepareStage(t)
			s.killProvider()
			other := s.impersonate(t, nonsense)
			s.latch.Run()
			b := s.browse(t)
			b.open(s.origin + "/")
			b.press(toProvider)
			s.down(b)
			_ = other.Close()

			s.restartProvider(t)
			time.Sleep(3 * time.Second) // see above
			s.toTheProvider(b)
			callback := b.caught(button("ana"))
			s.killProvider()
			s.impersonate(t, nonsense)
			b.open(callback)
			b.becomes(`String(`+status+` >= 400) + document.querySelectorAll('`+toProvider+`').length`, "true1")
			s.isOut(b)
			if n := s.sessions(t); n != 0 {
				t.Errorf("%d sessions", n)
			}
		})
	}
}

// impersonate answers where the provider was.
func (s *stage) impersonate(t *testing.T, answer http.HandlerFunc) *http.Server {
	t.Helper()
	listener, err := net.Listen("tcp", s.host())
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: answer, ReadHeaderTimeout: patience}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close(); <-ended })
	return server
}
