package caddymodule_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
)

// lies are fields that some bot believes, all with a value that can be searched for.
func lies() (fields []string) {
	for _, name := range []string{
		"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-URL", "X-Rewrite-URL",
		"X-Forwarded-Uri", "X-Forwarded-Method", "X-Forwarded-Prefix", "Forwarded", "X-Real-IP", "True-Client-IP", "X-Client-IP", "DPoP",
		"X-Bot-Subject", "X-Bot-Anything", "X-User", "X-User-Id", "X-Username", "X-Auth-User", "X-Auth-Request-Email", "X-Authenticated-Userid",
		"X-WebAuth-User", "X-Remote-User", "Remote-User", "Remote-Groups", "X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups",
		"X-Forwarded-Preferred-Username", "X-Consumer-Username", "X-Token-Subject", "X-SSL-Client-Dn", "SSL-Client-Verify",
		"X-Client-Cert", "Tailscale-User-Login", "Cf-Access-Jwt-Assertion", "X-Pomerium-Claim-Email", "X-Amzn-Oidc-Identity",
		"X-Goog-Authenticated-User-Email", "X-MS-Client-Principal-Name", "X-My-Who", "Proxy-Authorization",
	} {
		for _, spelled := range []string{
			name, strings.ToLower(name), strings.ToUpper(name), strings.ReplaceAll(name, "-", "_"), strings.ReplaceAll(name, "-", "."),
			strings.Replace(name, "-", "_", 1), strings.ToLower(strings.Replace(name, "-", ".", 1)),
		} {
			fields = append(fields, spelled+": forged")
		}
	}
	return fields
}

// TestH2_H3_H4_H5_H9_NoSpellingOfALyingHeaderReachesTheBot sends them all, in every spelling, and searches the whole
// request that the bot got.
func TestH2_H3_H4_H5_H9_NoSpellingOfALyingHeaderReachesTheBot(t *testing.T) {
	t.Parallel()
	s := newTapped(t)
	token := s.mint(t, issue.Token{Subject: "ana", ClientID: "phone", Scope: []string{"a", "b"}})
	for _, field := range lies() {
		dump, header := s.ask(t, "/closed", token, field)
		if strings.Contains(dump, "forged") {
			t.Errorf("%s reached the bot:\n%s", field, dump)
		}
		identity(t, header, ana)
	}
	t.Run("all at once", func(t *testing.T) {
		for path, want := range map[string]map[string]string{"/closed": ana, "/open": nobody} {
			dump, header := s.ask(t, path, token, lies()...)
			if strings.Contains(dump, "forged") {
				t.Errorf("%s: a lie reached the bot:\n%s", path, dump)
			}
			identity(t, header, want)
		}
	})
	t.Run("H1 a claim that is not there", func(t *testing.T) {
		bareToken := s.key.Sign(t, "JWT", `{"iss":"`+issuerName+`","aud":"`+audience+`","exp":`+unix(time.Minute)+`}`)
		_, header := s.ask(t, "/closed", bareToken, "X-Bot-Subject: forged", "X-Bot-Client: forged", "X-Bot-Token: forged")
		identity(t, header, map[string]string{"X-Bot-Subject": "", "X-Bot-Client": "", "X-Bot-Token": "", "X-Bot-Issuer": issuerName})
	})
}

// TestH7_H8_ConnectionHeaderCannotDropIdentity lists our fields as hop-by-hop, which the proxy deletes.
func TestH7_H8_ConnectionHeaderCannotDropIdentity(t *testing.T) {
	t.Parallel()
	s := newTapped(t)
	token := s.mint(t, issue.Token{Subject: "ana", ClientID: "phone", Scope: []string{"a", "b"}})
	for _, fields := range [][]string{
		{"Connection: x-bot-subject"},
		{"Connection: X-Bot-Subject"},
		{"connection: X-BOT-SUBJECT"},
		{"Connection: close, X-Bot-Subject, x-bot-issuer"},
		{"Connection: keep-alive", "Connection: x-bot-subject ,X-Bot-Scope"},
		{"Connection: X-Bot-Subject", "X-Bot-Subject: forged"},
		{"Connection: x_bot_subject, x.bot.subject"},
		{"Connection: authorization"},
		{"Proxy-Connection: x-bot-subject"},
		{"Keep-Alive: x-bot-subject"},
		{"TE: trailers, x-bot-subject"},
	} {
		t.Run(strings.Join(fields, "; "), func(t *testing.T) {
			dump, header := s.ask(t, "/closed", token, fields...)
			identity(t, header, ana)
			if strings.Contains(dump, "forged") {
				t.Errorf("a lie reached the bot:\n%s", dump)
			}
		})
	}
}

func TestTrailersCarryNoIdentityToTheBot(t *testing.T) {
	t.Parallel()
	s := newTapped(t)
	token := s.mint(t, issue.Token{Subject: "ana", ClientID: "phone", Scope: []string{"a", "b"}})
	for _, announced := range []string{
		"Trailer: X-Bot-Subject, Forwarded", "Trailer: x-bot-subject", "Trailer: X-Harmless", "TE: trailers", "Trailer: X_Bot.Subject, Forwarded",
	} {
		t.Run("HTTP/1.1, "+announced, func(t *testing.T) {
			client := dialRaw(t, s.latch.URL)
			client.send("POST /closed HTTP/1.1", "Host: "+trimScheme(s.latch.URL), "Authorization: Bearer "+token, announced,
				"Transfer-Encoding: chunked", "", "2", "ok", "0",
				"X-Bot-Subject: forged", "x-bot-subject: forged", "X_Bot.Subject: forged", "Forwarded: forged", "Authorization: forged", "")
			res, body := client.answer("POST")
			s.heardNoLie(t, res, body)
		})
	}
	for name, client := range map[string]*http.Client{"HTTP/2": s.latch.TLSClient(false), "HTTP/1.1 over TLS": s.latch.TLSClient(true)} {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.latch.TLSURL+"/closed", io.NopCloser(strings.NewReader("ok")))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+token)
			req.Trailer = http.Header{"X-Bot-Subject": {"forged"}, "X-Harmless": {"yes"}, "Forwarded": {"forged"}}
			res, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			s.heardNoLie(t, res, "")
		})
	}
}

// heardNoLie asserts that the request came through with ana's identity, and without its trailer.
func (s *tapped) heardNoLie(t *testing.T, res *http.Response, body string) {
	t.Helper()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("status %d: %s", res.StatusCode, body)
	}
	dump, header := s.bot.heard(t)
	identity(t, header, ana)
	if strings.Contains(dump, "forged") {
		t.Errorf("a lie reached the bot:\n%s", dump)
	}
}

// TestL3_PlaceholdersInClaimsStayLetters: what a token says is never expanded.
func TestL3_PlaceholdersInClaimsStayLetters(t *testing.T) {
	t.Parallel()
	s := newTapped(t)
	for _, subject := range []string{
		"{env.HOME}", "{env.TREASURE}", "{file./etc/passwd}", "{http.request.host}", "{$TREASURE}", "{http.botlatch.issuer}", "\\{env.HOME\\}",
	} {
		t.Run(subject, func(t *testing.T) {
			token := s.mint(t, issue.Token{Subject: subject, ClientID: subject, Scope: []string{"{env.TREASURE}"}})
			dump, header := s.ask(t, "/closed", token)
			identity(t, header, map[string]string{
				"X-Bot-Subject": subject, "X-Bot-Same": subject, "X-Bot-Client": subject, "X-Bot-Scope": "{env.TREASURE}",
			})
			if strings.Contains(dump, "leaked") || strings.Contains(dump, "root:") {
				t.Errorf("a placeholder was expanded:\n%s", dump)
			}
		})
	}
	t.Run("a line break is no second field", func(t *testing.T) {
		client := dialRaw(t, s.latch.URL)
		token := s.mint(t, issue.Token{Subject: "ana\r\nX-Bot-Scope: root", ClientID: "x"})
		client.send(handshake("/closed", trimScheme(s.latch.URL), "Authorization: Bearer "+token)...)
		res, _ := client.answer("GET")
		if res.StatusCode == http.StatusOK {
			if dump, header := s.bot.heard(t); header.Get("X-Bot-Scope") == "root" {
				t.Errorf("the subject wrote a field:\n%s", dump)
			}
		}
	})
}

func TestPublicRuleTellsNobodysIdentity(t *testing.T) {
	t.Parallel()
	s := newTapped(t)
	token := s.mint(t, issue.Token{Subject: "ana", ClientID: "phone", Scope: []string{"a", "b"}})
	for name, field := range map[string]string{
		"no token": "X-Other: 1", "a token": "Authorization: Bearer " + token, "basic": "Authorization: Basic YTpi", "lies": "X-Bot-Subject: forged",
	} {
		t.Run(name, func(t *testing.T) {
			dump, header := s.ask(t, "/open?access_token="+token, "", field)
			identity(t, header, nobody)
			for _, bad := range []string{"Authorization", "eyJ", "forged", "http.auth", "http.botlatch"} {
				if strings.Contains(dump, bad) {
					t.Errorf("%q reached the bot:\n%s", bad, dump)
				}
			}
		})
	}
}

func TestTokenIDAndIssuerStandBesideTheSubject(t *testing.T) {
	t.Parallel()
	s := newTapped(t)
	issued, err := issue.Token{
		Issuer: issuerName, Subject: "ana", ClientID: "phone", Audience: []string{audience}, Scope: []string{"a", "b"},
	}.Issue(s.key.SigningKey, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	_, header := s.ask(t, "/closed", issued.Raw)
	identity(t, header, ana)
	identity(t, header, map[string]string{"X-Bot-Token": issued.ID})
}
