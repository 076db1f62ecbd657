package policy

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// command is the one act of the bots in this file: their robot "r 1" unlocks.
const (
	robotName   = "r 1"
	commandName = "unlock"
)

// routers say whether a bot acts on a request that the latch let through. Each reads its path as one that is out there
// does.
var routers = map[string]func(r *http.Request) bool{
	"stock Gobot": gobotActs, "Express": expressActs, "http.ServeMux": muxActs, "raw path": rawActs,
}

// gobotActs: github.com/bmizerany/pat compares the escaped path byte for byte and takes + and %20 in a name for a space.
func gobotActs(r *http.Request) bool {
	parts := strings.Split(r.URL.EscapedPath(), "/")
	if len(parts) != 6 || parts[1] != "api" || parts[2] != "robots" || parts[4] != "commands" {
		return false
	}
	robot, err := url.QueryUnescape(parts[3])
	if err != nil {
		return false
	}
	command, err := url.QueryUnescape(parts[5])
	return err == nil && robot == robotName && command == commandName
}

// express is path-to-regexp's /api/robots/:robot/commands/:command: any case, a slash at the end, names decoded once.
var express = regexp.MustCompile(`^(?i:/api/robots)/([^/]+?)(?i:/commands)/([^/]+?)/?$`)

func expressActs(r *http.Request) bool {
	names := express.FindStringSubmatch(r.URL.EscapedPath())
	if names == nil {
		return false
	}
	robot, err := url.PathUnescape(names[1])
	if err != nil {
		return false
	}
	command, err := url.PathUnescape(names[2])
	return err == nil && robot == robotName && command == commandName
}

// muxActs asks net/http's own.
func muxActs(r *http.Request) (acts bool) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/robots/{robot}/commands/{command}", func(_ http.ResponseWriter, r *http.Request) {
		acts = r.PathValue("robot") == robotName && r.PathValue("command") == commandName
	})
	mux.ServeHTTP(httptest.NewRecorder(), r)
	return acts
}

// rawActs compares what stands in the request line, or what that decodes to, with nothing between.
func rawActs(r *http.Request) bool {
	const decoded = "/api/robots/" + robotName + "/commands/" + commandName
	path, _, _ := strings.Cut(r.URL.RequestURI(), "?")
	return path == "/api/robots/r%201/commands/unlock" || r.URL.Path == decoded
}

// FuzzRouters: whatever a client writes as a target, none of four bots acts on one that the latch let through by another
// rule than the command's.
func FuzzRouters(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Add("/api/robots/r%201/commands/unlock")
	f.Add("/API/robots/r+1/commands/unlock/")
	p, err := compile("* /api/robots/r%201/commands/unlock scope command", "* /** scope observe")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, target string) {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader("GET " + target + " HTTP/1.1\r\nHost: bot.test\r\n\r\n")))
		if err != nil {
			return
		}
		judged, err := ParseTarget(r)
		if err != nil {
			return
		}
		rule, err := p.Match(judged)
		if err != nil {
			return
		}
		// What the proxy writes, and the bot reads.
		uri := r.URL.RequestURI()
		sent, err := http.ReadRequest(bufio.NewReader(strings.NewReader("GET " + uri + " HTTP/1.1\r\nHost: bot.test\r\n\r\n")))
		if err != nil {
			t.Fatalf("%q is sent as %q, which nobody can read: %v", target, uri, err)
		}
		for name, acts := range routers {
			if rule.Scope[0] == "observe" && acts(sent) {
				t.Errorf("%s unlocks on %q with the scope to observe", name, target)
			}
		}
	})
}

// TestRoutersAct: a model that acts on nothing would let everything pass.
func TestRoutersAct(t *testing.T) {
	t.Parallel()
	for name, acts := range routers {
		if !acts(get(t, "/api/robots/r%201/commands/unlock")) || acts(get(t, "/api/robots/r%201/commands/lock")) {
			t.Errorf("%s is no model of a bot", name)
		}
	}
	if !gobotActs(get(t, "/api/robots/r+1/commands/unlock")) || !expressActs(get(t, "/API/Robots/r%201/commands/unlock/")) {
		t.Error("the models do not differ as the bots do")
	}
}

// optionUpgrade finds the connection option by the list grammar of RFC 9110 §5.6.1.
var optionUpgrade = regexp.MustCompile(`(?:^|,)[ \t]*(?i:upgrade)[ \t]*(?:,|$)`)

// FuzzUpgrade: what a proxy or a bot may take for an upgrade is refused, or is one WebSocket handshake and judged as such.
func FuzzUpgrade(f *testing.F) {
	f.Add("GET", "1", "Connection: Upgrade\nUpgrade: websocket")
	f.Add("GET", "0", "Connection: keep-alive, Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAMA")
	f.Fuzz(func(t *testing.T, method, minor, fields string) {
		wire := method + " /drive HTTP/1." + minor + "\r\nHost: bot.test\r\n" + strings.ReplaceAll(fields, "\n", "\r\n") + "\r\n\r\n"
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(wire)))
		if err != nil {
			return
		}
		target, err := ParseTarget(r)
		if err != nil {
			return
		}
		asked := false
		for _, field := range r.Header.Values("Connection") {
			asked = asked || optionUpgrade.MatchString(field)
		}
		protocols := r.Header.Values("Upgrade")
		handshake := asked && len(protocols) == 1 && regexp.MustCompile(`^[wW][eE][bB][sS][oO][cC][kK][eE][tT]$`).MatchString(protocols[0]) &&
			r.Method == http.MethodGet && r.Proto == "HTTP/1.1" && r.ContentLength == 0 && len(r.TransferEncoding) == 0
		if handshake != (target.Method == WebSocket) {
			t.Errorf("judged as %s: %q", target.Method, wire)
		}
		if !handshake && (asked || len(protocols) > 0 || r.Header.Values("HTTP2-Settings") != nil || r.Method == http.MethodConnect) {
			t.Errorf("let through, and perhaps tunnelled: %q", wire)
		}
	})
}
