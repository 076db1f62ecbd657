package keysource_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/keysource"
	"github.com/botlatch/botlatch/caddymodule/remote"
)

// server answers by path, and counts. {} in an answer is its own URL; what is not named is not found.
type server struct {
	*httptest.Server

	mu      sync.Mutex
	answers map[string]string
	asked   map[string]int
}

func newServer(t testing.TB, answers map[string]string) *server {
	t.Helper()
	s := &server{answers: answers, asked: make(map[string]int)}
	s.Server = httptest.NewTLSServer(s)
	t.Cleanup(s.Close)
	return s
}

// ServeHTTP implements http.Handler.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[r.URL.Path]++
	answer, ok := s.answers[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	_, _ = fmt.Fprint(w, strings.ReplaceAll(answer, "{}", s.URL))
}

func (s *server) says(path, answer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[path] = answer
}

func (s *server) forgets(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.answers, path)
}

func (s *server) hits(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[path]
}

// discover finds the keys of an issuer, {} its URL, until the test ends.
func (s *server) discover(t testing.TB, issuer string, options keysource.Options) *keysource.Discovery {
	t.Helper()
	options.Remote.Roots = x509.NewCertPool()
	options.Remote.Roots.AddCert(s.Certificate())
	d, err := keysource.NewDiscovery(strings.ReplaceAll(issuer, "{}", s.URL), options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { d.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return d
}

// finds reports whether the key of an id is in the set.
func finds(t testing.TB, d *keysource.Discovery, missing, id string) (bool, error) {
	t.Helper()
	set, err := d.Set(t.Context(), missing)
	return len(set.Find(jose.Header{KeyID: id, HasKeyID: true, Algorithm: jose.EdDSA})) == 1, err
}

const (
	oidc  = "/.well-known/openid-configuration"
	oauth = "/.well-known/oauth-authorization-server"
)

func TestMetadataIsWhereTheStandardsPutIt(t *testing.T) {
	t.Parallel()
	set, id := key(t)
	const good, other = `{"issuer":"{}ISSUER","jwks_uri":"{}/keys"}`, `{"issuer":"https://other.example","jwks_uri":"{}/keys"}`
	for name, c := range map[string]struct {
		issuer  string            // behind the URL
		answers map[string]string // ISSUER is issuer
	}{
		"ok/OpenID Connect":               {"", map[string]string{oidc: good}},
		"ok/with a slash at the end":      {"/", map[string]string{oidc: good}},
		"ok/with a path":                  {"/realms/r", map[string]string{"/realms/r" + oidc: good}},
		"ok/with a path and a slash":      {"/realms/r/", map[string]string{"/realms/r" + oidc: good}},
		"ok/OAuth":                        {"", map[string]string{oauth: good}},
		"ok/OAuth with a path":            {"/realms/r", map[string]string{oauth + "/realms/r": good}},
		"ok/OAuth, path and slash":        {"/realms/r/", map[string]string{oauth + "/realms/r": good}},
		"ok/a page is no metadata":        {"", map[string]string{oidc: "<html>", oauth: good}},
		"ok/another issuer's comes first": {"", map[string]string{oidc: other, oauth: good}},
		"deny/nothing":                    {"", map[string]string{}},
		"deny/another issuer":             {"", map[string]string{oidc: other}},
		"deny/a slash too much":           {"", map[string]string{oidc: `{"issuer":"{}/","jwks_uri":"{}/keys"}`}},
		"deny/a slash missing":            {"/", map[string]string{oidc: `{"issuer":"{}","jwks_uri":"{}/keys"}`}},
		"deny/another case":               {"/R", map[string]string{"/R" + oidc: `{"issuer":"{}/r","jwks_uri":"{}/keys"}`}},
		"deny/no issuer":                  {"", map[string]string{oidc: `{"jwks_uri":"{}/keys"}`}},
		"deny/issuer is a list":           {"", map[string]string{oidc: `{"issuer":["{}"],"jwks_uri":"{}/keys"}`}},
		"deny/issuer twice":               {"", map[string]string{oidc: `{"issuer":"{}","issuer":"{}","jwks_uri":"{}/keys"}`}},
		"deny/no jwks_uri":                {"", map[string]string{oidc: `{"issuer":"{}"}`}},
		"deny/jwks_uri by http":           {"", map[string]string{oidc: `{"issuer":"{}","jwks_uri":"http://127.0.0.1/keys"}`}},
		"deny/jwks_uri is a file":         {"", map[string]string{oidc: `{"issuer":"{}","jwks_uri":"file:///etc/passwd"}`}},
		"deny/jwks_uri is a path":         {"", map[string]string{oidc: `{"issuer":"{}","jwks_uri":"/keys"}`}},
		"deny/jwks_uri with a password":   {"", map[string]string{oidc: `{"issuer":"{}","jwks_uri":"https://a:b@localhost/keys"}`}},
		"deny/jwks_uri without an end":    {"", map[string]string{oidc: `{"issuer":"{}","jwks_uri":"http://` + strings.Repeat("a", 1<<16) + `/keys"}`}},
		"deny/no JSON":                    {"", map[string]string{oidc: `<html>`}},
		"deny/metadata of the root":       {"/realms/r", map[string]string{oidc: good}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, map[string]string{"/keys": set})
			for path, answer := range c.answers {
				s.says(path, strings.ReplaceAll(answer, "ISSUER", c.issuer))
			}
			found, err := finds(t, s.discover(t, "{}"+c.issuer, keysource.Options{}), "", id)
			if err != nil && len(err.Error()) > 500 {
				t.Errorf("an error of %d bytes, which somebody else has said", len(err.Error()))
			}
			if ok := strings.HasPrefix(name, "ok/"); found != ok || (err == nil) != ok {
				t.Errorf("found %t, %v", found, err)
			}
			if strings.HasPrefix(name, "deny/") && s.hits("/keys") > 0 {
				t.Error("the set was fetched all the same")
			}
		})
	}
}

func TestDiscoveryNeedsAURLThatIsHTTPS(t *testing.T) {
	t.Parallel()
	for _, issuer := range []string{
		"", "me", "id.example.com", "/", "http://id.example.com", "http://127.0.0.1", "https://", "https://a:b@id.example.com", "https://id.example.com?x",
		"https://id.example.com#x", "kubernetes/serviceaccount", "file:///etc", "://",
	} {
		if _, err := keysource.NewDiscovery(issuer, keysource.Options{}); err == nil {
			t.Errorf("%q has metadata", issuer)
		}
	}
	if _, err := keysource.NewDiscovery("http://127.0.0.1:9000", keysource.Options{Remote: remote.Options{InsecureLoopback: true}}); err != nil {
		t.Error(err)
	}
}
