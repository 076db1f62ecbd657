package attacks_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

func TestC1_CachedTokenIsAskedForScopeAudienceAndExpiryEachTime(t *testing.T) {
	t.Parallel()
	s := newRing(t)
	observer, a := s.token(t, "observe"), called("ES256")
	for range 3 {
		twice(t, s.address(), "/status", observer, http.StatusOK)
		twice(t, s.address(), "/servo/10", observer, http.StatusForbidden)
	}
	until := time.Now().Unix() + 3
	short := a.token(nil, map[string]any{"exp": until})
	twice(t, s.address(), "/servo/10", short, http.StatusOK)
	time.Sleep(time.Until(time.Unix(until, 0)))
	before := s.bot.Hits()
	twice(t, s.address(), "/servo/10", short, http.StatusUnauthorized)
	if s.bot.Hits() != before {
		t.Error("the bot was reached after the token's end")
	}
}

func TestC2_SitesOfOneLatchShareNoVerdict(t *testing.T) {
	t.Parallel()
	first, second := latchtest.NewKey(t, jose.EdDSA), latchtest.NewKey(t, jose.EdDSA)
	s := newStage(t, sites("keys static "+first.File, "keys static "+second.File))
	mine, others := issue.Token{Subject: "ana", Scope: []string{"drive"}}, issue.Token{Subject: "eve", Scope: []string{"drive"}}
	only(t, s, "the first site's", first.Mint(t, mine), 200, 401)
	only(t, s, "the second site's", second.Mint(t, others), 401, 200)

	named := newStage(t, sites("audience https://one.example.com", "audience https://two.example.com"))
	for name, c := range map[string]struct {
		audience []string
		one, two int
	}{
		"one": {[]string{"https://one.example.com"}, 200, 401}, "two": {[]string{"https://two.example.com"}, 401, 200},
		"both": {[]string{"https://one.example.com", "https://two.example.com"}, 200, 200}, "neither": {[]string{audience}, 401, 401},
	} {
		only(t, named, name, named.key.Mint(t, issue.Token{Issuer: issuerName, Subject: "ana", Audience: c.audience, Scope: []string{"drive"}}), c.one, c.two)
	}
}

func TestC3_NothingIsKeptUnderJoinedNames(t *testing.T) {
	t.Parallel()
	// One key, two names of which one continues the other: joined with a jti they can read the same.
	s := newStage(t, strings.Replace(options, "\tbotlatch {", "\tbotlatch {\n\t\tissuer "+issuerName+"a {\n\t\t\tkeys static {$RING}\n\t\t\taudience "+audience+"\n\t\t}", 1)+
		strings.Replace(site, "public", "accept "+issuerName+" "+issuerName+"a\n\t\tpublic", 1), "RING="+latchtest.WriteFile(t, "ring.json", ringSet()))
	long := called("EdDSA").token(nil, map[string]any{"iss": issuerName + "a", "jti": "b", "sub": "c"})
	short := s.key.Sign(t, "at+jwt", object(called("EdDSA").claims("ab"), map[string]any{"sub": "bc"}))
	both := map[string]string{"short": short, "long": long}
	s.opens(t, both)
	for name, entry := range map[string]string{"token": "ab", "subject": "bc", "session": "ab"} {
		body := `{"kind":"` + name + `","iss":"` + issuerName + `","value":"` + entry + `"}`
		s.revoke(t, body)
		s.opens(t, map[string]string{"long": long})
		if name != "session" {
			s.forbids(t, map[string]string{"short": short})
		}
		// Taking back what reads alike takes nothing back.
		s.restore(t, `{"kind":"`+name+`","iss":"`+issuerName+`a","value":"`+entry[1:]+`"}`)
		if name != "session" {
			s.forbids(t, map[string]string{"short": short})
		}
		s.restore(t, body)
		s.opens(t, both)
	}
	// A token is known by its whole spelling: the same characters with the dots elsewhere are another.
	moved := map[string]string{}
	parts := strings.Split(short, ".")
	for n := 1; n < 40; n++ {
		moved[fmt.Sprintf("first dot %d to the left", n)] = parts[0][:len(parts[0])-n] + "." + parts[0][len(parts[0])-n:] + parts[1] + "." + parts[2]
		moved[fmt.Sprintf("second dot %d to the right", n)] = parts[0] + "." + parts[1] + parts[2][:n] + "." + parts[2][n:]
		moved[fmt.Sprintf("%d characters shorter", n)] = short[:len(short)-n]
		moved[fmt.Sprintf("%d characters longer", n)] = short + short[:n]
	}
	s.forbids(t, moved)
}

func TestC4_KeysOfOneIssuerAreUsedAsEachSiteSays(t *testing.T) {
	t.Parallel()
	own := func(words string) string {
		return "issuer " + issuerName + " {\n keys static {$RING}\n audience " + audience + "\n " + words + "\n }"
	}
	s := newStage(t, sites(own("algorithms RS256 ES256 EdDSA"), own("algorithms PS256 EdDSA\n profile strict\n client_id phone")),
		"RING="+latchtest.WriteFile(t, "ring.json", ringSet()))
	only(t, s, "RS256", called("RS256").token(nil, nil), 200, 401)
	only(t, s, "PS256", called("PS256").token(nil, nil), 401, 200)
	only(t, s, "EdDSA", called("EdDSA").token(nil, nil), 200, 200)
	only(t, s, "not strict", called("EdDSA").token(map[string]any{"typ": "JWT"}, nil), 200, 401)
	only(t, s, "another client", called("EdDSA").token(nil, map[string]any{"client_id": "laptop"}), 200, 401)
}

func TestC5_NobodyIsTakenForAnother(t *testing.T) {
	t.Parallel()
	var mixed, acts sync.Map
	bot := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		who := strings.TrimPrefix(r.URL.Path, "/servo/")
		acts.Store(who, true)
		if got := r.Header.Get("X-Bot-Subject") + r.Header.Get("X-Bot-Token"); got != who+"jti-"+who {
			mixed.Store(who, true)
		}
	}))
	defer bot.Close()
	s := newStage(t, strings.Replace(identifyingSite, "{$BOT}", "{$ECHO}", 1), "ECHO="+strings.TrimPrefix(bot.URL, "http://"), "ACCESS="+os.DevNull)
	const people = 8
	var workers sync.WaitGroup
	for n := range people {
		who := fmt.Sprintf("p%d", n)
		token := s.key.Sign(t, "at+jwt", object(called("EdDSA").claims("jti-"+who), map[string]any{"sub": who}))
		workers.Go(func() {
			client := http.Client{Transport: &http.Transport{}, Timeout: patience}
			defer client.CloseIdleConnections()
			for range 100 {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.latch.URL+"/servo/"+who, http.NoBody)
				if err != nil {
					t.Error(err)
					return
				}
				req.Header.Set("Authorization", "Bearer "+token)
				res, err := client.Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				if res.StatusCode != http.StatusOK {
					t.Errorf("%s: status %d", who, res.StatusCode)
				}
			}
		})
	}
	workers.Wait()
	mixed.Range(func(who, _ any) bool { t.Errorf("the bot took %s for somebody else", who); return true })
	for n := range people {
		if _, acted := acts.Load(fmt.Sprintf("p%d", n)); !acted {
			t.Errorf("p%d was not there: the test showed nothing", n)
		}
	}
}

func TestC6_RotationTakesOldTokensOut(t *testing.T) {
	t.Parallel()
	set := latchtest.WriteFile(t, "rotating.json", ringSet())
	caddyfile := strings.Replace(twoSites, "keys static {$KEYS}", "keys static {$SET}", 1)
	caddyfile = strings.NewReplacer("{$ONE}", "audience "+audience, "{$TWO}", "{$OWN}").Replace(caddyfile)
	before := map[string]string{"127.0.0.1": called("ES256").token(nil, nil), "localhost": nameless(secret())}
	s := newStage(t, strings.Replace(caddyfile, "{$OWN}", "secret "+b64(secret()), 1), "SET="+set)
	for host, token := range before {
		for range 2 {
			if got := at(t, s, host, token); got != http.StatusOK {
				t.Fatalf("%s before the rotation: status %d", host, got)
			}
		}
	}
	// Another key under the same kid, another secret in the same place.
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	rotated := called("ES256")
	rotated.sign = es(crypto.SHA256, key)
	other := jwk(key.Public())
	other["kid"] = "p256"
	if err := os.WriteFile(set, must(json.Marshal(map[string]any{"keys": []any{other}})), 0o600); err != nil {
		t.Fatal(err)
	}
	s.latch.Rewrite(strings.Replace(caddyfile, "{$OWN}", "secret "+b64(secret()[:40]), 1))
	if _, stderr, code := s.latch.Command(t.Context(), "", "reload", "--config", "Caddyfile", "--force"); code != 0 {
		t.Fatalf("reload: %s", stderr)
	}
	hits := s.bot.Hits()
	for host, token := range before {
		if got := at(t, s, host, token); got != http.StatusUnauthorized {
			t.Errorf("%s: a token of the old key: status %d", host, got)
		}
	}
	if s.bot.Hits() != hits {
		t.Error("the bot was reached")
	}
	for host, token := range map[string]string{"127.0.0.1": rotated.token(nil, nil), "localhost": nameless(secret()[:40])} {
		if got := at(t, s, host, token); got != http.StatusOK {
			t.Errorf("%s: a token of the new key: status %d", host, got)
		}
	}
}

func TestC7_RevocationBeatsTheCacheAtOnce(t *testing.T) {
	t.Parallel()
	s := newRing(t)
	for _, a := range algorithms() {
		token := a.token(nil, map[string]any{"jti": "c7-" + a.name, "sub": "c7-" + a.name, "sid": "c7-" + a.name})
		known := map[string]string{a.name: token}
		for kind, value := range map[string]string{"token": "c7-" + a.name, "subject": "c7-" + a.name, "session": "c7-" + a.name} {
			body := `{"kind":"` + kind + `","iss":"` + a.issuer + `","value":"` + value + `"}`
			s.opens(t, known)
			s.opens(t, known)
			s.revoke(t, body)
			s.forbids(t, known)
			s.restore(t, body)
		}
	}
	whole := map[string]string{}
	for _, a := range algorithms() {
		whole[a.name] = a.token(nil, nil)
	}
	s.opens(t, whole)
	s.revoke(t, `{"kind":"key","kid":"rsa","iss":"`+issuerName+`"}`)
	s.revoke(t, `{"kind":"issuer","iss":"`+hmacIssuer+`"}`)
	out := map[string]string{}
	for name, token := range whole {
		if strings.HasPrefix(name, "HS") || name[1:2] == "S" && name[0] != 'E' {
			out[name] = token
			delete(whole, name)
		}
	}
	s.forbids(t, out)
	s.opens(t, whole)
	s.revoke(t, `{"kind":"all","issued_before":"now"}`)
	for name, token := range whole {
		if got := tryToken(t, s.address(), token); got.status != http.StatusUnauthorized {
			t.Errorf("%s after all were revoked: status %d", name, got.status)
		}
	}
}
