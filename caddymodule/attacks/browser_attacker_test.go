package attacks_test

import (
	"crypto/tls"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// The places of attackers, by what they are to lock.home.test.
var attackers = map[string]string{
	"foreign": "https://evil.test",
	"sibling": "https://evil.home.test",
	"parent":  "https://home.test",
	"port":    "https://lock.home.test",
	"plain":   "http://lock.home.test",
}

// startAttackers is servers of pages that are not the bot's, and the URL of each: /bounce/ leads to what the rest of
// its path says in base64url, because a form replaces a query; /cookie sets cookies; all else is blank.
func (s *browserStage) startAttackers(t *testing.T) map[string]string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, blank)
	})
	for path, status := range map[string]int{"/bounce/": http.StatusFound, "/bounce-whole/": http.StatusTemporaryRedirect} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", s.origin)
			w.Header().Set("Access-Control-Allow-Credentials", "true")
			to, _ := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(r.URL.Path, path))
			http.Redirect(w, r, string(to), status)
		})
	}
	mux.HandleFunc("/cookie", func(w http.ResponseWriter, r *http.Request) {
		for _, value := range r.URL.Query()["set"] {
			w.Header().Add("Set-Cookie", value)
		}
		_, _ = io.WriteString(w, blank)
	})
	plain := httptest.NewServer(mux)
	t.Cleanup(plain.Close)
	cert, err := tls.LoadX509KeyPair(filepath.Join(s.latch.Dir, "cert.pem"), filepath.Join(s.latch.Dir, "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	secure := httptest.NewUnstartedServer(mux)
	secure.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	secure.StartTLS()
	t.Cleanup(secure.Close)
	at := make(map[string]string, len(attackers))
	for name, origin := range attackers {
		server := secure
		if name == "plain" {
			server = plain
		}
		_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
		at[name] = origin + ":" + port
	}
	return at
}
