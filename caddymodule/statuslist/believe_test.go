package statuslist

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/caddymodule/remote"
)

func TestListsThatAreNotBelieved(t *testing.T) {
	t.Parallel()
	p := startPublisher(t)
	stranger := latchtest.NewKey(t, jose.ES256)
	now := time.Now().Unix()
	stranger.ID = p.key.ID
	noise := make([]byte, 64<<10)
	_, _ = rand.Read(noise)
	noise[0] = 0
	for name, body := range map[string]string{
		"ok/a list":                       p.list(t, nil),
		"ok/application in front":         p.key.Sign(t, "application/statuslist+jwt", p.claims(t, nil)),
		"ok/in any case":                  p.key.Sign(t, "StatusList+JWT", p.claims(t, nil)),
		"ok/neither exp nor ttl":          p.list(t, map[string]any{"exp": nil, "ttl": nil}),
		"ok/larger than a client's token": p.list(t, map[string]any{"status_list": map[string]any{"bits": 8, "lst": deflate(t, noise)}}),
		"ok/a line's end":                 p.list(t, nil) + "\r\n",
		"deny/no typ":                     p.key.Sign(t, "", p.claims(t, nil)),
		"deny/typ JWT":                    p.key.Sign(t, "JWT", p.claims(t, nil)),
		"deny/an access token":            p.key.Sign(t, "at+jwt", p.claims(t, nil)),
		"deny/a list in CBOR":             p.key.Sign(t, "statuslist+cwt", p.claims(t, nil)),
		"deny/about another list":         p.list(t, map[string]any{"sub": p.URL + "/lists/2"}),
		"deny/about nothing":              p.list(t, map[string]any{"sub": nil}),
		"deny/expired":                    p.list(t, map[string]any{"exp": now - 1}),
		"deny/expired just now":           p.list(t, map[string]any{"exp": now}),
		"deny/of the future":              p.list(t, map[string]any{"iat": now + 120}),
		"deny/no iat":                     p.list(t, map[string]any{"iat": nil}),
		"deny/signed by a stranger":       stranger.Sign(t, "statuslist+jwt", p.claims(t, nil)),
		"deny/signed with the public key": p.confused(t),
		"deny/not signed":                 p.claims(t, nil),
		"deny/signature changed":          changeAt(p.list(t, nil), -20),
		"deny/payload changed":            changeAt(p.list(t, nil), 200),
		"deny/rubbish":                    "rubbish",
		"deny/a page":                     "<html>Please sign in</html>",
		"deny/two tokens":                 p.list(t, nil) + "\n" + p.list(t, nil),
		"deny/an algorithm that is not":   strings.Replace(p.list(t, nil), ".", ".e30", 1),
		"deny/too large":                  strings.Repeat("x", 2<<20),
		"deny/bits that there are not":    p.list(t, map[string]any{"status_list": map[string]any{"bits": 3, "lst": "eNrbuRgAAhcBXQ"}}),
		"deny/a bomb":                     p.list(t, map[string]any{"status_list": map[string]any{"bits": 1, "lst": deflate(t, make([]byte, 64<<20))}}),
		"deny/none":                       "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			own := startPublisher(t) // one list each, and the key and URI of p
			own.publishes(body)
			l, _ := follow(t, own, Config{})
			l.config.Keys = source(p.key.KeySet())
			r := &reader{lists: l, uri: p.uri()}
			d, err := remote.New(own.uri(), r.parse, l.config.Remote)
			if err != nil {
				t.Fatal(err)
			}
			l.mu.Lock()
			l.lists[p.uri()] = &followed{document: d, stop: l.begin(d)}
			l.mu.Unlock()
			revoked, err := ask(t, l, p.uri(), 0)
			if ok := strings.HasPrefix(name, "ok/"); (err == nil) != ok || revoked {
				t.Errorf("revoked %v, %v", revoked, err)
			}
			if told := d.State().Err != nil; told == strings.HasPrefix(name, "ok/") {
				t.Errorf("the fetch ended with %v", d.State().Err)
			}
			if err != nil && (strings.Contains(err.Error(), "rubbish") || strings.Contains(err.Error(), "/lists/")) {
				t.Errorf("the error says too much: %v", err)
			}
		})
	}
}

func source(set *jose.KeySet) *keys {
	k := new(keys)
	k.set.Store(set)
	return k
}

// changeAt changes one character of s, from the end when i is negative.
func changeAt(s string, i int) string {
	if i < 0 {
		i += len(s)
	}
	c := byte('A')
	if s[i] == c {
		c = 'B'
	}
	return s[:i] + string(c) + s[i+1:]
}

// confused is a list whose signature is an HMAC keyed with the public key, which everybody knows.
func (p *publisher) confused(t *testing.T) string {
	t.Helper()
	public, err := p.key.PublicJWKS()
	if err != nil {
		t.Fatal(err)
	}
	input := encode([]byte(`{"alg":"HS256","typ":"statuslist+jwt","kid":"`+p.key.ID+`"}`)) + "." + encode([]byte(p.claims(t, nil)))
	mac := hmac.New(sha256.New, public)
	mac.Write([]byte(input))
	return input + "." + encode(mac.Sum(nil))
}
