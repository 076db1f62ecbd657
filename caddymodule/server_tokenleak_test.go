package caddymodule_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// newTalkative is newProduction, but everything is logged that Caddy and the latch have to say.
func newTalkative(t *testing.T) *stage {
	t.Helper()
	text, err := os.ReadFile("../Caddyfile")
	if err != nil {
		t.Fatal(err)
	}
	const global = "\tlog {\n\t\tformat filter"
	if strings.Count(string(text), global) != 1 {
		t.Fatal("the Caddyfile has no log filter")
	}
	s := &stage{bot: latchtest.StartBot(t), key: latchtest.NewKey(t, jose.EdDSA)}
	s.latch = latchtest.Prepare(t, strings.Replace(string(text), global, "\tlog {\n\t\tlevel DEBUG\n\t\tformat filter", 1),
		"BOTLATCH_BIND=127.0.0.1", "BOTLATCH_UPSTREAM="+s.bot.Address(), "BOTLATCH_ISSUER="+issuerName,
		"BOTLATCH_AUDIENCE="+audience, "BOTLATCH_KEYS="+s.key.File)
	s.latch.Setenv("BOTLATCH_SITE", s.latch.URL)
	s.latch.Setenv("BOTLATCH_ADMIN", "unix/"+s.latch.Admin+"|0600")
	s.latch.Run()
	return s
}

// spellings are how a client may write a token: as it is, with every byte encoded for a URL once and twice, in base64.
func spellings(token string) map[string]string {
	var once, twice strings.Builder
	for _, c := range []byte(token) {
		fmt.Fprintf(&once, "%%%02x", c)
		fmt.Fprintf(&twice, "%%25%02X", c)
	}
	return map[string]string{
		"plain": token, "encoded": once.String(), "encoded twice": twice.String(),
		"base64": strings.ReplaceAll(base64.StdEncoding.EncodeToString([]byte(token)), "/", "%2F"), "base64url": base64.RawURLEncoding.EncodeToString([]byte(token)),
		"no dots": strings.ReplaceAll(token, ".", ""), "slashes": strings.ReplaceAll(token, ".", "/"),
	}
}

// placed is requests with text in one place each, behind the target's method: target, fields and body.
func placed(host, text string) map[string][]string {
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("ana:"+text))
	all := map[string][]string{
		"path segment": {"/api/" + text}, "path segment, allowed": {"/api/arm/joints/" + text}, "whole path": {"/" + text},
		"path parameter": {"/api/arm;jwt=" + text}, "matrix": {"/api/arm/joints/base;" + text}, "fragment": {"/api/arm#" + text},
		"query": {"/api/arm?access_token=" + text}, "query, odd name": {"/api/arm?a=b&" + text}, "query, semicolon": {"/healthz?a;jwt=" + text},
		"user-info": {"http://ana:" + text + "@" + host + "/api/arm"}, "absolute-form": {"http://" + host + "/api/arm?" + text},
		"body":          {"/api/arm", "Content-Type: application/x-www-form-urlencoded", "", "access_token=" + text},
		"trailer":       {"/api/arm", "Transfer-Encoding: chunked", "Trailer: Authorization", "", "1\r\na\r\n0\r\nAuthorization: Bearer " + text + "\r\n\r\n"},
		"chunk":         {"/api/arm", "Transfer-Encoding: chunked", "", "1;t=" + text + "\r\na\r\n0\r\n\r\n"},
		"twice":         {"/api/arm", "Authorization: Bearer " + text, "Authorization: Bearer " + text},
		"basic":         {"/api/arm", "Authorization: " + basic},
		"other scheme":  {"/api/arm", "Authorization: Token token=" + text},
		"no scheme":     {"/api/arm", "Authorization: " + text},
		"comma":         {"/api/arm", "Authorization: Bearer " + text + ", Bearer x"},
		"field's name":  {"/healthz", text + ": x"},
		"in Connection": {"/healthz", "Connection: " + text},
	}
	for _, name := range []string{
		"Proxy-Authorization", "X-Api-Key", "X-Auth-Token", "X-Access-Token", "X-Bot-Token", "X-Forwarded-Access-Token", "X-Authorization",
		"X-Amz-Security-Token", "Cookie", "Cookie2", "Sec-WebSocket-Protocol", "Referer", "DPoP", "Origin", "From", "User-Agent",
		"Traceparent", "X-Forwarded-For", "Forwarded", "Via", "If-None-Match", "Accept-Language", "Last-Event-ID", "Token",
	} {
		all[name] = []string{"/api/arm", name + ": " + text}
		all[name+", public"] = []string{"/healthz", name + ": a=" + text}
	}
	return all
}

// place sends every request and returns what the answers of the latch said, status, header and body.
func (s *stage) place(t *testing.T, text string) string {
	t.Helper()
	var answers strings.Builder
	host := trimScheme(s.latch.URL)
	for name, x := range placed(host, text) {
		client := dialRaw(t, s.latch.URL)
		lines := []string{"POST " + x[0] + " HTTP/1.1", "Host: " + host, "Connection: close"}
		if !strings.Contains(strings.Join(x, "\n"), "Transfer-Encoding") && name != "body" {
			lines[0] = "GET " + x[0] + " HTTP/1.1"
		}
		head, body := x[1:], ""
		for i, field := range head {
			if field == "" {
				head, body = head[:i], head[i+1]
				break
			}
		}
		if name == "body" {
			head = append(head[:len(head):len(head)], "Content-Length: "+strconv.Itoa(len(body)))
		}
		client.send(append(append(lines, head...), "")...)
		client.write(body)
		res, answer := client.answer("POST")
		fmt.Fprintf(&answers, "%d %v %s\n", res.StatusCode, res.Header, answer)
	}
	return answers.String()
}

// piece is how many characters of a token in a row are taken for one.
const piece = 16

// searchPieces asserts that no text shows a piece of a token in any spelling. Case counts for nothing: a token that is sent as
// a field's name is kept in small letters, claims and all.
func searchPieces(t *testing.T, tokens []string, texts map[string]string) {
	t.Helper()
	for where, text := range texts {
		text = strings.ToLower(text)
		for _, token := range tokens {
			for how, spelled := range spellings(token) {
				spelled = strings.ToLower(spelled)
				for i := 0; i+piece <= len(spelled); i++ {
					at := strings.Index(text, spelled[i:i+piece])
					if at < 0 {
						continue
					}
					line := text[strings.LastIndex(text[:at], "\n")+1 : at]
					t.Errorf("%s shows a token (%s) behind %q", where, how, line[max(0, len(line)-300):])
					break
				}
			}
		}
	}
}

// TestNothingThatIsKeptShowsAToken puts tokens, good, altered and expired, wherever a client can, and searches all that
// the process wrote and answered.
func TestNothingThatIsKeptShowsAToken(t *testing.T) {
	t.Parallel()
	s := newTalkative(t)
	good := s.mint(t, "observe", "arm:move")
	tokens := []string{good, good[:len(good)-20] + strings.Repeat("Q", 19) + good[len(good)-1:], s.mintAt(t, time.Now().Add(-time.Hour), "observe")}
	var answers strings.Builder
	for _, text := range spellings(good) {
		answers.WriteString(s.place(t, text))
	}
	for _, text := range tokens[1:] {
		answers.WriteString(s.place(t, text))
	}
	s.bot.Close() // 502: the error log has the request too
	answers.WriteString(s.place(t, good))
	texts := map[string]string{"an answer": answers.String()}
	for _, path := range []string{"/botlatch/status", "/botlatch/ready", "/botlatch/revocations", "/config/", "/reverse_proxy/upstreams"} {
		_, texts[path] = s.latch.Ask(t, "GET", path, "")
	}
	for path, body := range map[string]any{"/botlatch/inspect": map[string]string{"token": good}, "/botlatch/revocations": map[string]string{"token": good}} {
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		_, texts["POST "+path] = s.latch.Ask(t, "POST", path, string(b))
	}
	texts["/metrics"], _ = s.metrics(t)
	texts["the log"] = s.latch.Log()
	searchPieces(t, tokens, texts)
	for _, want := range []string{`"logger":"http.log.access`, `"logger":"http.log.error`, `"logger":"http.handlers.botlatch"`, `"level":"debug"`, "REDACTED"} {
		if !strings.Contains(texts["the log"], want) {
			t.Errorf("no %s in the log: the test searched the wrong thing", want)
		}
	}
	for where, text := range texts {
		if text == "" {
			t.Errorf("%s says %q: the test searched the wrong thing", where, text)
		}
	}
}

// TestLogFilterLeavesWhatAnOperatorNeeds reads the access log of ordinary requests.
func TestLogFilterLeavesWhatAnOperatorNeeds(t *testing.T) {
	t.Parallel()
	s := newTalkative(t)
	var wanted []string
	for path, want := range map[string]string{
		"/healthz":         "/healthz",
		"/healthz?a=b&c=d": "/healthz?REDACTED",
		"/healthz?a=/b?c":  "/healthz?REDACTED",
		// The latch writes these itself, and the filter holds for them, too.
		"/healthz?access_token=x&a=b":                            "/healthz",
		"/" + strings.Repeat("y", 41) + "/on?a;access%5Ftoken=x": "/REDACTED/on",
		"/api/robots/0b5f2b1e-7b0d-4a53-9d3e-2f4a1c9e8d77/stop":  "/api/robots/0b5f2b1e-7b0d-4a53-9d3e-2f4a1c9e8d77/stop",
		"/" + strings.Repeat("x", 41) + "/on?y":                  "/REDACTED/on?REDACTED",
	} {
		client := dialRaw(t, s.latch.URL)
		client.send("GET "+path+" HTTP/1.1", "Host: "+trimScheme(s.latch.URL), "Connection: close", "")
		client.answer("GET")
		wanted = append(wanted, want)
	}
	s.latch.Stop() // the last line may come behind the answer
	got := accessURIs(t, s.latch.Log())
	slices.Sort(got)
	slices.Sort(wanted)
	if !slices.Equal(got, wanted) {
		t.Errorf("logged are\n%v, want\n%v", got, wanted)
	}
}

// accessURIs are those of the access log.
func accessURIs(t *testing.T, log string) (uris []string) {
	t.Helper()
	for text := range strings.Lines(log) {
		var l struct {
			Logger  string
			Request struct{ URI string }
		}
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Errorf("not a line of JSON: %s", text)
		}
		if strings.HasPrefix(l.Logger, "http.log.access") {
			uris = append(uris, l.Request.URI)
		}
	}
	return uris
}
