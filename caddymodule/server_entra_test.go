package caddymodule_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// entraSite is a bot whose tokens come from one tenant of Entra, and have a uti in place of a jti.
const entraSite = `{
	admin {$ADMIN}
	auto_https off
}
http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		issuer https://login.microsoftonline.com/72f988bf/v2.0 {
			keys static {$KEYS}
			audience ` + audience + `
		}
		allow POST /door scope door:open {
			once
		}
		allow GET /status any_token
	}
	reverse_proxy {$BOT}
}
`

func TestATokenIsRevokedAndUsedUpByItsUti(t *testing.T) {
	t.Parallel()
	s := &stage{bot: latchtest.StartBot(t), key: latchtest.NewKey(t, jose.EdDSA)}
	s.latch = latchtest.Start(t, entraSite, "BOT="+s.bot.Address(), "KEYS="+s.key.File)
	token := func(uti, jti string) string {
		return s.key.Sign(t, "JWT", `{"iss":"https://login.microsoftonline.com/72f988bf/v2.0","tid":"72f988bf","aud":"`+audience+`",`+
			`"scp":"door:open","sub":"ana","uti":"`+uti+`"`+jti+`,"iat":`+unix(0)+`,"exp":`+unix(time.Hour)+`}`)
	}
	client := &http.Client{Timeout: rawPatience}
	ask := func(method, path, token string, status int) {
		t.Helper()
		challenge := ""
		if status == http.StatusUnauthorized {
			challenge = notAccepted
		}
		s.check(t, client, s.latch.URL, exchange{method: method, path: path, token: token, status: status, challenge: challenge})
	}
	first, again, other := token("one", ""), token("one", `,"x":1`), token("two", "")
	ask("POST", "/door", first, 200)
	ask("POST", "/door", first, 403)
	ask("POST", "/door", again, 403) // another spelling of what has the same name
	ask("POST", "/door", other, 200)
	ask("GET", "/status", first, 200)

	status, answer := s.latch.Ask(t, http.MethodPost, "/botlatch/revocations", `{"token":"`+first+`"}`)
	var entry struct{ Kind, Value string }
	if err := json.Unmarshal([]byte(answer), &entry); err != nil || status >= 300 || entry.Kind != "token" || entry.Value != "one" {
		t.Errorf("status %d, revoked a %s, %v", status, entry.Kind, err)
	}
	ask("GET", "/status", first, 401)
	ask("GET", "/status", again, 401)
	ask("GET", "/status", other, 200)
	// A jti is the name of a token that has both.
	ask("GET", "/status", token("one", `,"jti":"three"`), 200)
}

// TestKeysServeTheirIssuerAlone gives the latch Entra's set for all tenants, which holds the keys of personal accounts, too.
func TestKeysServeTheirIssuerAlone(t *testing.T) {
	t.Parallel()
	const ours, theirs = "https://login.microsoftonline.com/{tenantid}/v2.0", "https://login.microsoftonline.com/9188040d/v2.0"
	own, foreign := latchtest.NewKey(t, jose.EdDSA), latchtest.NewKey(t, jose.EdDSA)
	set := latchtest.WriteFile(t, "keys.json", `{"keys":[`+publicJWK(t, own, ours)+`,`+publicJWK(t, foreign, theirs)+`]}`)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, set) }))
	t.Cleanup(server.Close)
	for name, keys := range map[string]string{
		"file": "static " + set,
		"jwks": "jwks " + server.URL + " {\n insecure_loopback\n }",
	} {
		t.Run(name, func(t *testing.T) {
			s := &stage{bot: latchtest.StartBot(t)}
			s.latch = latchtest.Start(t, strings.Replace(entraSite, "static {$KEYS}", keys, 1), "BOT="+s.bot.Address())
			client := &http.Client{Timeout: rawPatience}
			for _, test := range []struct {
				key       latchtest.Key
				status    int
				challenge string
			}{{own, 200, ""}, {foreign, 401, notAccepted}} {
				token := test.key.Sign(t, "JWT", `{"iss":"https://login.microsoftonline.com/72f988bf/v2.0","tid":"72f988bf","azp":"phone","aud":"`+audience+`","exp":`+unix(time.Hour)+`}`)
				s.check(t, client, s.latch.URL, exchange{method: "GET", path: "/status", token: token, status: test.status, challenge: test.challenge})
			}
			if log := s.latch.Log(); !strings.Contains(log, "key skipped") || !strings.Contains(log, "another issuer's") {
				t.Errorf("the key that is left out is not told of:\n%s", log)
			}
			if _, answer := s.latch.Ask(t, http.MethodGet, "/botlatch/status", ""); strings.Contains(answer, foreign.ID) || !strings.Contains(answer, own.ID) {
				t.Errorf("the status lists other keys than the issuer's:\n%s", answer)
			}
		})
	}
	t.Run("deny/nobody's keys", func(t *testing.T) {
		set := latchtest.WriteFile(t, "keys.json", `{"keys":[`+publicJWK(t, foreign, theirs)+`]}`)
		site := strings.NewReplacer("{$KEYS}", set, "{$BOT}", "127.0.0.1:1", "http://127.0.0.1:{$PORT}", "http://127.0.0.1:0", "admin {$ADMIN}", "admin off")
		if err := validate(t, site.Replace(entraSite)); err == nil || !strings.Contains(err.Error(), "no usable key") {
			t.Errorf("a latch that could verify nothing starts: %v", err)
		}
	})
}

// publicJWK is the public half of key, with what Entra writes beside it.
func publicJWK(t *testing.T, key latchtest.Key, issuer string) string {
	t.Helper()
	b, err := key.PublicJWKS()
	if err != nil {
		t.Fatal(err)
	}
	jwk := string(b[strings.Index(string(b), "[")+1 : strings.LastIndex(string(b), "]")])
	return strings.Replace(jwk, "{", `{"issuer":"`+issuer+`",`, 1)
}
