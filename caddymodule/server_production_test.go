package caddymodule_test

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// newProduction starts the Caddyfile at the root of the project as it is, with everything else from the environment.
func newProduction(t *testing.T) *stage {
	t.Helper()
	return startProduction(t, "BOTLATCH_ISSUER="+issuerName)
}

func startProduction(t *testing.T, env ...string) *stage {
	t.Helper()
	text, err := os.ReadFile("../Caddyfile")
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{bot: latchtest.StartBot(t), key: latchtest.NewKey(t, jose.EdDSA)}
	s.latch = latchtest.Prepare(t, string(text), append(env,
		"BOTLATCH_BIND=127.0.0.1", "BOTLATCH_UPSTREAM="+s.bot.Address(), "BOTLATCH_AUDIENCE="+audience, "BOTLATCH_KEYS="+s.key.File)...)
	s.latch.Setenv("BOTLATCH_SITE", s.latch.URL)
	s.latch.Setenv("BOTLATCH_ADMIN", "unix/"+s.latch.Admin+"|0600")
	s.latch.Run()
	return s
}

// TestProductionCaddyfileNamesNobodyWhoGivesTokensByItself: nobody is at an address that was made up.
func TestProductionCaddyfileNamesNobodyWhoGivesTokensByItself(t *testing.T) {
	t.Parallel()
	s := startProduction(t)
	s.silent = true
	s.check(t, http.DefaultClient, s.latch.URL, exchange{method: "POST", path: unlock, status: 401, challenge: `Bearer realm="botlatch", scope="door:operate"`})
	s.check(t, http.DefaultClient, s.latch.URL, exchange{method: "GET", path: wellKnown, status: 403})
}

func TestProductionCaddyfileGuardsADoorAnArmAndARover(t *testing.T) {
	t.Parallel()
	s := newProduction(t)
	client := &http.Client{Timeout: rawPatience}
	for name, x := range map[string]exchange{
		"deny/no token":     {method: "POST", path: unlock, status: 401, challenge: `Bearer realm="botlatch", scope="door:operate"`},
		"deny/observer":     {method: "POST", path: unlock, token: s.mint(t, "observe"), status: 403, challenge: `Bearer realm="botlatch", error="insufficient_scope", scope="door:operate"`},
		"deny/GET acts":     {method: "GET", path: unlock, token: s.mint(t, "door:operate"), status: 403},
		"deny/the root":     {method: "GET", path: "/", token: s.mint(t, "observe"), status: 403},
		"ok/door":           {method: "POST", path: unlock, token: s.mint(t, "door:operate"), status: 200},
		"ok/arm":            {method: "PUT", path: "/api/arm/joints/base", token: s.mint(t, "arm:move"), status: 200},
		"deny/drive by GET": {method: "GET", path: "/api/drive", token: s.mint(t, "rover:drive"), status: 403},
		"deny/stop":         {method: "POST", path: "/api/drive/stop", token: s.mint(t, "rover:drive"), status: 403},
		"ok/observer":       {method: "GET", path: "/api/arm", token: s.mint(t, "observe"), status: 200},
		"ok/health, public": {method: "GET", path: "/healthz", status: 200},
	} {
		t.Run(name, func(t *testing.T) { s.check(t, client, s.latch.URL, x) })
	}
	for name, token := range map[string]issue.Token{
		"deny/other issuer":   {Issuer: "https://id.example.com", Subject: "ana", Audience: []string{audience}},
		"deny/other audience": {Issuer: issuerName, Subject: "ana", Audience: []string{audience + "/"}},
		"deny/no audience":    {Issuer: issuerName, Subject: "ana"},
		"deny/no issuer":      {Subject: "ana", Audience: []string{audience}},
	} {
		t.Run(name, func(t *testing.T) {
			token.Scope = []string{"door:operate"}
			s.check(t, client, s.latch.URL, exchange{method: "POST", path: unlock, token: s.key.Mint(t, token), status: 401, challenge: notAccepted})
		})
	}
}

// TestT33_ProductionCaddyfileLogsNoToken puts a token wherever one turns up, in requests that are allowed, refused, and
// that fail behind the latch, and searches what was really logged.
func TestT33_ProductionCaddyfileLogsNoToken(t *testing.T) {
	t.Parallel()
	s := newProduction(t)
	token := s.mint(t, "door:operate", "observe")
	requests := []string{
		"GET /healthz", "GET /healthz?access_token=" + token, "GET /api/arm", "POST " + unlock, "GET /elsewhere?x=" + token,
		"POST " + unlock + "?access_token=" + token, "POST " + unlock + "?a=b;access_token=" + token, "POST " + unlock + "?access%5Ftoken=" + token,
		"POST " + unlock + "?ACCESS_TOKEN=" + token + "&a=" + token, "GET /healthz?" + token, "GET /healthz?a=%0A" + token,
		"GET /healthz?a=b%3F" + token + "?c=" + token, "GET http://elsewhere.example/healthz?access_token=" + token, "TRACE /?access_token=" + token,
	}
	for _, request := range requests {
		s.tell(t, request, token)
	}
	s.bot.Close() // 502: the error log has the request too
	for _, request := range requests {
		s.tell(t, request, token)
	}
	log := s.latch.Log()
	s.searchTokens(t, []string{token}, map[string]string{"the log": log})
	access, failed := 0, 0
	for text := range strings.Lines(log) {
		var l struct {
			Logger, Msg string
			Request     struct{ URI string }
		}
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Errorf("not a line of JSON: %s", text)
		}
		if strings.HasPrefix(l.Logger, "http.log.access") && l.Request.URI != "" {
			access++
		}
		if l.Logger == "http.log.error" || strings.HasPrefix(l.Logger, "http.log.error") {
			failed++
		}
	}
	if access < len(requests) || failed == 0 || !strings.Contains(log, "?REDACTED") {
		t.Errorf("%d access lines, %d error lines: the test searched the wrong thing:\n%s", access, failed, log)
	}
}

// tell sends a request that has the token in every header field where one may stand.
func (s *stage) tell(t *testing.T, request, token string) {
	t.Helper()
	for _, fields := range [][]string{
		{"Authorization: Bearer " + token},
		{"Authorization: Bearer " + token, "DPoP: " + token, "Referer: https://elsewhere.example/?access_token=" + token, "Cookie: session=" + token},
		{"Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io." + token + ", rover", "Proxy-Authorization: Bearer " + token},
		{"dpop: " + token, "referer: " + token, "sec-websocket-protocol: " + token, "authorization: " + token, "Authorization: Basic " + token},
	} {
		client := dialRaw(t, s.latch.URL)
		client.send(append(append([]string{request + " HTTP/1.1", "Host: " + trimScheme(s.latch.URL)}, fields...), "Content-Length: 0", "Connection: close", "")...)
		if _, body := client.answer("GET"); strings.Contains(body, token[:20]) {
			t.Errorf("%s: the answer shows the token", request)
		}
	}
}
