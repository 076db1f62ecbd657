package attacks_test

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// tokenParts are the parts of tokens by which one could recognise them: header, claims, signature.
func tokenParts(tokens ...string) (parts []string) {
	for _, token := range tokens {
		for part := range strings.SplitSeq(token, ".") {
			if len(part) > 8 {
				parts = append(parts, part)
			}
		}
	}
	return parts
}

// holdsNone asserts that no part of a token stands in a text.
func holdsNone(t *testing.T, where, text string, parts []string) {
	t.Helper()
	if len(parts) == 0 || text == "" {
		t.Errorf("%s: nothing to search, or nothing to search for", where)
	}
	if slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(text, part) }) {
		t.Errorf("%s holds a part of a token", where)
	}
}

// TestL1_NoTokenInLogsMetricsOrWhatAnErrorRouteGets logs all that Caddy can log, and gives errors to another service.
func TestL1_NoTokenInLogsMetricsOrWhatAnErrorRouteGets(t *testing.T) {
	t.Parallel()
	errors := startTap(t)
	text := strings.Replace(tapSites, "{\n", "{\n\tdebug\n", 1)
	text = strings.Replace(text, "\tbotlatch {\n\t\tpublic", "\tlog\n\thandle_errors {\n\t\treverse_proxy {$ERRORS}\n\t}\n\tbotlatch {\n\t\tpublic", 1)
	s := newTapped(t, text, "ERRORS="+errors.address)
	good, stranger := s.driver(t), (&tapped{key: latchtest.NewKey(t, jose.EdDSA)}).driver(t)
	short := s.key.Sign(t, "at+jwt", `{"iss":"`+issuerName+`","exp":1,"aud":"`+audience+`"}`)
	var bodies strings.Builder
	ask := func(line, token string, status int) {
		got := send(t, s.host(), line+" HTTP/1.1\nHost: "+s.host()+"\nAuthorization: Bearer "+token+"\nProxy-Authorization: Bearer "+token+"\nContent-Length: 0\n\n")
		if got.status != status {
			t.Errorf("%s: status %d, want %d", line, got.status, status)
		}
		bodies.WriteString(got.body)
		for name, values := range got.header {
			bodies.WriteString(name + ": " + strings.Join(values, ", ") + "\n")
		}
	}
	ask("POST /servo/10", good, 200)
	ask("POST /servo/10", stranger, 401)
	ask("POST /servo/10", short, 401)
	ask("POST /elsewhere", good, 403)
	ask("TRACE /servo/10", good, 403)
	s.latch.Rewrite(strings.ReplaceAll(text, "{$BOT}", "127.0.0.1:1"))
	if _, stderr, code := s.latch.Command(t.Context(), "", "reload", "--config", "Caddyfile"); code != 0 {
		t.Fatalf("reload: %s", stderr)
	}
	ask("POST /servo/10", good, 502)
	_, metrics := s.latch.Ask(t, http.MethodGet, "/metrics", "")
	parts := tokenParts(good, stranger, short)
	holdsNone(t, "the log", s.latch.Log(), parts)
	holdsNone(t, "an answer", bodies.String(), parts)
	holdsNone(t, "/metrics", metrics, parts)
	if len(errors.all()) > 0 {
		t.Errorf("the error route sent on\n%s", errors.all()[0])
	}
	if !strings.Contains(s.latch.Log(), "unknown_key") || !strings.Contains(s.latch.Log(), "upstream roundtrip") {
		t.Error("the log is not what this test wants to search")
	}
}

// TestL2_NoAnswerHoldsAToken: a bot that answers with all it heard gives none away, and the admin API neither.
func TestL2_NoAnswerHoldsAToken(t *testing.T) {
	t.Parallel()
	s := newTapped(t, tapSites)
	token := s.driver(t)
	parts := tokenParts(token)
	const head = " HTTP/1.1\nUser-Agent: probe\nHost: "
	for _, wire := range []string{
		"GET /servo/10" + head + s.host() + "\nAuthorization: Bearer " + token,
		"GET /open?access_token=" + token + "&a=1" + head + s.host() + "\nAuthorization: Bearer " + token,
		"GET /open?a=1;access%5ftoken=" + token + head + s.host() + "\nProxy_Authorization: Bearer " + token + "\nX-Access-Token: " + token,
		"GET /open" + head + s.host() + "\nX-ID-Token: " + token + "\nX_Auth_Token: " + token + "\nDPoP: " + token +
			"\nSec-WebSocket-Protocol: botlatch.bearer, " + token,
	} {
		got := send(t, s.host(), wire+"\n\n")
		if got.status != http.StatusOK || !strings.Contains(got.body, "User-Agent: probe") {
			t.Fatalf("status %d: %s", got.status, got.body)
		}
		holdsNone(t, "what the bot heard", got.body, parts)
	}
	for _, ask := range []struct{ method, path, body string }{
		{http.MethodPost, "/botlatch/inspect", `{"token":"` + token + `"}`},
		{http.MethodPost, "/botlatch/revocations", `{"token":"` + token + `","reason":"lost"}`},
		{http.MethodPost, "/botlatch/revocations", `{"token":"` + token + `x"}`},
		{http.MethodPost, "/botlatch/revocations", `{"tokens":"` + token + `"}`},
		{http.MethodGet, "/botlatch/revocations", ""},
		{http.MethodGet, "/botlatch/status", ""},
		{http.MethodGet, "/config/", ""},
	} {
		status, answer := s.latch.Ask(t, ask.method, ask.path, ask.body)
		if status == http.StatusNotFound {
			t.Errorf("%s: status %d", ask.path, status)
		}
		holdsNone(t, ask.path, answer, parts)
	}
}

// expanding is a site in which who is calling goes through everything of Caddy's that expands placeholders.
var expanding = strings.Replace(options+site, "reverse_proxy {$BOT}", `vars who {http.auth.user.id}
	map {http.auth.user.id} {mapped} {
		~(.*) "${1}"
		default none
	}
	log
	log_append who {http.auth.user.id}
	log_append mapped {mapped}
	header X-Who {http.auth.user.id}
	@away path /servo/away
	redir @away "/door?{http.auth.user.id}"
	@said path /servo/said
	respond @said "said {http.auth.user.id} {vars.who} {mapped}"
	reverse_proxy {$BOT} {
		header_up X-Bot-Subject {http.auth.user.id}
		header_up X-Bot-Client {http.botlatch.client_id}
		header_up X-Bot-Scope {http.botlatch.scope}
		header_up X-Var {vars.who}
		header_up X-Mapped {mapped}
		header_up X-Double "{{http.auth.user.id}}"
		header_down X-Down {http.auth.user.id}
	}`, 1)

// TestL3_ClaimsAreNeverExpanded in what goes to the bot, to the client or to the log.
func TestL3_ClaimsAreNeverExpanded(t *testing.T) {
	t.Parallel()
	file := latchtest.WriteFile(t, "treasure", "of-the-file")
	s := newTapped(t, expanding, "TREASURE=of-the-environment")
	for _, claim := range []string{
		"{env.TREASURE}", "{file." + file + "}", "{file./etc/passwd}", "{$TREASURE}", "{http.request.header.Authorization}",
		"{http.vars.who}", "{{env.TREASURE}}", "env.TREASURE", `{env.TREASURE\}`, "{http.auth.user.id}",
		"{system.hostname}" + "{env.TREASURE}", "a}{env.TREASURE}{b",
	} {
		token := s.key.Mint(t, issue.Token{
			Issuer: issuerName, Subject: claim, ClientID: claim, Audience: []string{audience}, Scope: []string{"drive", strings.ReplaceAll(claim, `\`, "")},
		})
		var said strings.Builder
		for _, path := range []string{"/servo/10", "/servo/away", "/servo/said"} {
			got := send(t, s.host(), "GET "+path+" HTTP/1.1\nHost: "+s.host()+"\nAuthorization: Bearer "+token+"\n\n")
			if got.status >= 400 {
				t.Errorf("%s, %s: status %d", claim, path, got.status)
			}
			said.WriteString(got.body)
			for name, values := range got.header {
				said.WriteString(name + ": " + strings.Join(values, "") + "\n")
			}
		}
		for _, leak := range []string{"of-the-environment", "of-the-file", "root:x:", token} {
			if strings.Contains(said.String(), leak) {
				t.Errorf("%s: expanded in an answer or in what the bot heard:\n%s", claim, said.String())
			}
		}
		if all := s.bot.all(); len(all) > 0 {
			says(t, all[len(all)-1], "X-Bot-Subject", claim)
		}
	}
	for _, leak := range []string{"of-the-environment", "of-the-file", "root:x:"} {
		if strings.Contains(s.latch.Log(), leak) {
			t.Error("expanded in the log")
		}
	}
	if !strings.Contains(s.latch.Log(), `"who"`) {
		t.Error("the log does not hold what this test wants to search")
	}
}

// TestL8_OnlyGobotOfTheSecondLineIsBuilt, whose MQTT checks certificates.
func TestL8_OnlyGobotOfTheSecondLineIsBuilt(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, "gobot.io/") || strings.Contains(line, "hybridgroup/gobot") {
			found = append(found, strings.TrimSpace(line))
		}
	}
	if len(found) != 1 || !strings.HasPrefix(strings.TrimPrefix(found[0], "require "), "gobot.io/x/gobot/v2 v2.") {
		t.Errorf("go.mod says %q", found)
	}
}
