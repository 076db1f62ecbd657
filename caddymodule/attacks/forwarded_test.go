package attacks_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// deniedFrom is the client IP in the last line of a denial in the log.
func deniedFrom(t *testing.T, log string) (ip string) {
	t.Helper()
	for text := range strings.Lines(log) {
		var line struct {
			Logger   string
			ClientIP string `json:"client_ip"`
		}
		if err := json.Unmarshal([]byte(text), &line); err == nil && line.Logger == "http.handlers.botlatch" && line.ClientIP != "" {
			ip = line.ClientIP
		}
	}
	return ip
}

// TestF9_AnAddressIsBelievedFromTrustedProxiesOnly: the log line that fail2ban reads, and what the bot is told, name who
// really connected, unless Caddy was told to trust whoever did.
func TestF9_AnAddressIsBelievedFromTrustedProxiesOnly(t *testing.T) {
	t.Parallel()
	const trusting = "{\n\tservers {\n\t\ttrusted_proxies static 127.0.0.1/32\n\t}\n"
	const forwarded = "X-Forwarded-For: 192.0.2.7\nX-Real-IP: 192.0.2.8\nForwarded: for=192.0.2.9;proto=https;host=evil.example\n" +
		"X-Forwarded-Proto: https\nX-Forwarded-Port: 443\nX-Forwarded-Prefix: /healthz\nX_Forwarded_For: 192.0.2.10\n"
	for name, c := range map[string]struct{ options, ip, forwardedFor, proto string }{
		"nobody is trusted":   {"{\n", "127.0.0.1", "127.0.0.1", "http"},
		"the peer is trusted": {trusting, "192.0.2.7", "192.0.2.7, 127.0.0.1", "https"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTapped(t, strings.Replace(tapSites, "{\n", c.options, 1))
			got := send(t, s.host(), s.words(t).Replace("GET /servo/10 HTTP/1.1\nHost: {host}\n"+forwarded+"\n"))
			if got.status != http.StatusUnauthorized || len(s.bot.all()) > 0 {
				t.Fatalf("status %d, and the bot heard %d requests", got.status, len(s.bot.all()))
			}
			ip := ""
			for deadline := time.Now().Add(patience); ip == "" && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
				ip = deniedFrom(t, s.latch.Log()) // which a pipe brings
			}
			if ip != c.ip {
				t.Errorf("the log says %q, want %q", ip, c.ip)
			}
			heard := s.fields(t, strings.TrimSpace(forwarded))
			saysAna(t, heard)
			says(t, heard, "X-Forwarded-For", c.forwardedFor)
			says(t, heard, "X-Forwarded-Proto", c.proto)
			for _, lie := range []string{"192.0.2.8", "192.0.2.9", "192.0.2.10", "443", "/healthz", "evil.example"} {
				if strings.Contains(heard, lie) {
					t.Errorf("the bot heard %s:\n%s", lie, heard)
				}
			}
		})
	}
}

// TestF10_NothingOfARequestComesBackInARefusal, and no refusal sends anybody elsewhere.
func TestF10_NothingOfARequestComesBackInARefusal(t *testing.T) {
	t.Parallel()
	s := newStage(t, strings.Replace(options+site, "http://127.0.0.1:{$PORT}", "http://:{$PORT}", 1))
	for name, wire := range map[string]string{
		"401":             "GET {act}?x=canary HTTP/1.1\nHost: canary.example\n",
		"401, bad token":  "GET {act} HTTP/1.1\nHost: canary.example\nAuthorization: Bearer canary.canary.canary\n",
		"403":             "GET {act} HTTP/1.1\nHost: canary.example\nAuthorization: Bearer {observer}\n",
		"403, no rule":    "DELETE /canary HTTP/1.1\nHost: canary.example\n",
		"400, path":       "GET /canary/..%2fcanary HTTP/1.1\nHost: canary.example\n",
		"400, two":        "GET {act}?access_token=canary HTTP/1.1\nHost: canary.example\nAuthorization: Bearer canary\n",
		"401, other host": "GET http://canary.example{act} HTTP/1.1\nHost: other.example\n",
		"400, upgrade":    "GET {act} HTTP/1.1\nHost: canary.example\nConnection: Upgrade\nUpgrade: canary\n",
	} {
		wire += "X-Forwarded-Host: canary.example\nX-Forwarded-Proto: canary\nX-Forwarded-Prefix: /canary\nOrigin: http://canary.example\n" +
			"Referer: http://canary.example/\nAccept: text/html\nUser-Agent: canary\n\n"
		got := send(t, s.address(), s.words(t).Replace(wire))
		if got.header.Get("Location") != "" || strconv.Itoa(got.status) != name[:3] {
			t.Errorf("%s: status %d, Location %q", name, got.status, got.header.Get("Location"))
		}
		for field, values := range got.header {
			if strings.Contains(field+strings.Join(values, " "), "canary") {
				t.Errorf("%s: %s says %q", name, field, values)
			}
		}
		if strings.Contains(got.body, "canary") || s.bot.Hits() > 0 {
			t.Errorf("%s: the bot got %d requests: %s", name, s.bot.Hits(), got.body)
		}
	}
	s.honest(t)
}
