package fail2ban_test

import (
	"bufio"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// line is what a client would like to see in the file.
const line = `{"level":"info","ts":1764000000.5,"logger":"http.handlers.botlatch","msg":"denied: bad_signature",` +
	`"reason":"bad_signature","status":401,"client_ip":"` + somebody + `","method":"GET"}`

// raw sends text from an address, and returns the status.
func (s *stage) raw(t *testing.T, from, text string) int {
	t.Helper()
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	conn, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(s.latch.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// forgeries are requests that carry the line wherever a client can write something.
func forgeries(host string) map[string]string {
	breaks := []string{"", "\\n", "\\u000a", "%0A", "%0D%0A", "\u2028", "\u0085", "\v", "\f", `"}`, `","client_ip":"` + somebody + `","x":"`}
	escape := strings.NewReplacer(`"`, "%22", " ", "%20", "{", "%7B", "}", "%7D", "\\", "%5C", "\u2028", "%E2%80%A8", "\u0085", "%C2%85", "\v", "%0B", "\f", "%0C")
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	quoted := strings.ReplaceAll(line, `"`, `\"`)
	all := make(map[string]string)
	add := func(name, target string, fields ...string) {
		all[name] = "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + strings.Join(append(fields, "", ""), "\r\n")
	}
	for _, b := range breaks {
		add("user agent "+b, "/door", "User-Agent: a"+b+line)
		add("token "+b, "/door", "Authorization: Bearer "+b+line)
		add("path "+b, "/door/"+escape.Replace(b+line))
		add("path, as it is "+b, "/door/"+strings.ReplaceAll(b+line, " ", ""))
		add("query "+b, "/door?"+escape.Replace(b+line))
		add("address "+b, "/door", "X-Forwarded-For: "+somebody+b+line, "X-Real-IP: "+somebody, "Client-IP: "+somebody)
	}
	add("kid", "/door", "Authorization: Bearer "+part(`{"alg":"EdDSA","kid":"\n`+quoted+`"}`)+"."+part(`{"iss":"me"}`)+"."+part("x"))
	add("iss", "/door", "Authorization: Bearer "+part(`{"alg":"EdDSA"}`)+"."+part(`{"iss":"\n`+quoted+`","exp":9999999999}`)+"."+part(strings.Repeat("x", 64)))
	all["host"] = "GET /door HTTP/1.1\r\nHost: " + somebody + "\r\nConnection: close\r\n\r\n"
	all["method"] = somebody + " /door HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"
	all["folded"] = "GET /door HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: a\r\n " + line + "\r\nConnection: close\r\n\r\n"
	return all
}

// TestNobodyIsBannedForSomebodyElse also has everything else in the same file: the access log with what clients wrote, at
// DEBUG.
func TestNobodyIsBannedForSomebodyElse(t *testing.T) {
	t.Parallel()
	program(t, "fail2ban-regex")
	const from = "127.0.0.77"
	for name, change := range map[string][]string{
		"the latch's lines alone": nil,
		"one file for all": {
			"\t\tinclude http.handlers.botlatch\n", "\t\tlevel DEBUG\n",
			"\tbind \"{$BOT_BIND}\"\n", "\tbind \"{$BOT_BIND}\"\n\tlog\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, change...)
			for name, text := range forgeries(strings.TrimPrefix(s.latch.URL, "http://")) {
				if status := s.raw(t, from, text); status < 400 && name != "host" {
					t.Errorf("%s: status %d", name, status)
				}
			}
			if s.bot.Hits() != 0 {
				t.Errorf("%d requests reached the bot", s.bot.Hits())
			}
			s.send(t, request{from: from, token: s.forged(t), status: http.StatusUnauthorized})
			got := s.failures(t)
			if !slices.Contains(got, from) || slices.ContainsFunc(got, func(ip string) bool { return ip != from }) {
				t.Errorf("fail2ban counts %v, want %s alone", got, from)
			}
			written, err := os.ReadFile(s.denials)
			if err != nil {
				t.Fatal(err)
			}
			if change != nil && strings.Count(string(written), somebody) < 20 {
				t.Error("hardly a forgery is in the file: the test looks at the wrong thing")
			}
		})
	}
}
