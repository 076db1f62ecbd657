package attacks_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// TestL5_ARefusalDoesNotSayWhatIsKnown: whoever guesses names of issuers, keys or callers gets one answer for all. What
// is compared with a secret, a MAC, is compared in constant time; that no test can measure through a network.
func TestL5_ARefusalDoesNotSayWhatIsKnown(t *testing.T) {
	t.Parallel()
	s, other := newRules(t)
	stranger := latchtest.NewKey(t, jose.EdDSA)
	revoked := s.signs(t, s.key, claims{"jti": "lost"})
	if status, answer := s.latch.Ask(t, http.MethodPost, "/botlatch/revocations", `{"token":"`+revoked+`"}`); status != http.StatusOK {
		t.Fatalf("revoking: status %d: %s", status, answer)
	}
	good := s.signs(t, s.key, nil)
	header, rest, _ := strings.Cut(good, ".")
	payload, _, _ := strings.Cut(rest, ".")
	var first string
	for name, token := range map[string]string{
		"an issuer that nobody knows":  s.signs(t, s.key, claims{"iss": "https://nobody.example/"}),
		"an issuer of another site":    s.signs(t, other, claims{"iss": "https://other.example/"}),
		"a key that nobody knows":      s.signs(t, stranger, nil),
		"a signature of nothing":       header + "." + payload + "." + strings.Repeat("A", 86),
		"a caller that nobody knows":   s.signs(t, stranger, claims{"sub": "nobody"}),
		"another audience":             s.signs(t, s.key, claims{"aud": "https://elsewhere.example"}),
		"not yet":                      s.signs(t, s.key, claims{"nbf": 9999999999}),
		"too long":                     s.signs(t, s.key, claims{"exp": 9999999999}),
		"revoked":                      revoked,
		"expired, and another's":       s.signs(t, stranger, claims{"exp": 1}),
		"an ID token":                  s.signs(t, s.key, claims{"nonce": "n"}),
		"bound to another key":         s.signs(t, s.key, claims{"cnf": claims{"jkt": "x"}}),
		"no token at all, but a shape": "e30.e30.AAAA",
	} {
		_, port, _ := strings.Cut(s.address(), ":")
		got := send(t, s.address(), "GET /any HTTP/1.1\nHost: 127.0.0.1:"+port+"\nAuthorization: Bearer "+token+"\n\n")
		got.header.Del("Date")
		var all []string
		for field, values := range got.header {
			all = append(all, field+": "+strings.Join(values, ", "))
		}
		slices.Sort(all)
		text := strings.Join(all, "\n") + "\n\n" + got.body
		if got.status != http.StatusUnauthorized || s.bot.Hits() > 0 {
			t.Errorf("%s: status %d, and the bot got %d requests", name, got.status, s.bot.Hits())
		}
		if first == "" {
			first = text
		}
		if text != first {
			t.Errorf("%s is answered otherwise:\n%s\nand not\n%s", name, text, first)
		}
	}
	if got := s.asked(t, "127.0.0.1", "/any", good); got != http.StatusOK {
		t.Errorf("the good one: status %d", got)
	}
}

// TestL7_NothingOfTLSStandsInForAToken: a token that is bound to a certificate or a key is refused, because nobody here
// checks the other half; and a name in the handshake that is not the request's does not bring another site's rules.
func TestL7_NothingOfTLSStandsInForAToken(t *testing.T) {
	t.Parallel()
	s, _ := newRules(t)
	for name, cnf := range map[string]any{
		"certificate": claims{"x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"}, "key": claims{"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"},
		"whole key": claims{"jwk": claims{"kty": "oct", "k": "AA"}}, "nothing": claims{}, "text": "none", "list": []string{},
	} {
		if got := s.asked(t, "127.0.0.1", "/any", s.signs(t, s.key, claims{"cnf": cnf})); got != http.StatusUnauthorized {
			t.Errorf("bound to a %s: status %d", name, got)
		}
	}
	forTLS := newStage(t, options+`
(tls) {
	bind 127.0.0.1
	tls {$CERT} {$KEY}
	reverse_proxy {$BOT}
}
https://localhost:{$TLS_PORT} {
	import tls
	botlatch {
		public GET /open
	}
}
https://lock.localhost:{$TLS_PORT} {
	import tls
	botlatch {
		allow GET /open scope drive
	}
}
`)
	client := forTLS.latch.TLSClient(true) // which asks for localhost in the handshake
	for host, want := range map[string]int{"localhost": http.StatusOK, "lock.localhost": http.StatusUnauthorized, "LOCK.localhost": http.StatusUnauthorized} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, forTLS.latch.TLSURL+"/open", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		before := forTLS.bot.Hits()
		_, port, _ := strings.Cut(req.URL.Host, ":")
		req.Host = host + ":" + port
		req.Header.Set("X-Ssl-Client-Verify", "SUCCESS")
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if reached := forTLS.bot.Hits() > before; res.StatusCode != want || reached != (want == http.StatusOK) {
			t.Errorf("%s: status %d, want %d; the bot was reached: %t", host, res.StatusCode, want, reached)
		}
	}
}
