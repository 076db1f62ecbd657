package caddymodule_test

import (
	"encoding/json"
	"net/http"
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
