package attacks_test

import (
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// lure is an address that nobody has a reason to connect to, and how many did.
func lure(t *testing.T) (address string, visits *atomic.Int64) {
	t.Helper()
	visits = new(atomic.Int64)
	return latchtest.Listen(t, func(net.Conn) { visits.Add(1) }), visits
}

func TestS1_KeysAreReadFromFilesAndNotFetched(t *testing.T) {
	t.Parallel()
	address, visits := lure(t)
	for _, url := range []string{"http://" + address + "/jwks.json", "https://" + address + "/", "//" + address + "/jwks.json", "http://169.254.169.254/latest"} {
		refusesToStart(t, url, "no such file", strings.Replace(options+site, "{$KEYS}", url, 1))
	}
	if n := visits.Load(); n != 0 {
		t.Errorf("%d connections", n)
	}
}

func TestS2_NoTokenMakesTheLatchConnectAnywhere(t *testing.T) {
	t.Parallel()
	address, visits := lure(t)
	s := newRing(t)
	forged := map[string]string{}
	for _, a := range algorithms() {
		for _, scheme := range []string{"http://", "https://", "//", ""} {
			url := scheme + address + "/keys"
			for _, member := range []string{"jku", "x5u", "iss", "kid_url", "url", "jwks_uri"} {
				if member != "iss" && member != "jku" && member != "x5u" { // unknown members are ignored, and no place to look
					s.opens(t, map[string]string{a.name + " " + member: a.token(map[string]any{member: url}, map[string]any{member: url})})
					continue
				}
				if member != "iss" {
					forged[a.name+" "+member+" "+scheme] = a.token(map[string]any{member: url}, nil)
				}
			}
			forged[a.name+" iss "+scheme] = a.token(nil, map[string]any{"iss": url})
			if a.kid != "" {
				forged[a.name+" kid "+scheme] = a.token(map[string]any{"kid": url}, nil)
			}
			forged[a.name+" aud "+scheme] = a.token(nil, map[string]any{"aud": url})
			forged[a.name+" status "+scheme] = a.token(nil, map[string]any{"status": map[string]any{"status_list": map[string]any{"idx": 0, "uri": url}}})
		}
		forged[a.name+" brings its own key"] = a.token(map[string]any{"jwk": jwk(edKey().Public())}, nil)
		forged[a.name+" brings its own certificate"] = a.token(map[string]any{"x5c": []string{"MIIB"}}, nil)
	}
	s.forbids(t, forged)
	time.Sleep(200 * time.Millisecond)
	if n := visits.Load(); n != 0 {
		t.Errorf("%d connections to an address that only tokens name", n)
	}
	if conn, err := net.Dial("tcp", address); err == nil { // the lure does catch
		_ = conn.Close()
	}
	for deadline := time.Now().Add(patience); visits.Load() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the lure does not count")
		}
	}
}

func TestS3_HostChoosesNoUpstream(t *testing.T) {
	t.Parallel()
	address, visits := lure(t)
	s := newStage(t, options+strings.Replace(site, "http://127.0.0.1:{$PORT}", "http://:{$PORT}", 1))
	driver := s.token(t, "drive")
	for _, field := range []string{"Host: " + address, "Host: " + address + "\nX-Forwarded-Host: " + address, "Host: x\nForwarded: host=" + address, "Host: x\nX-Original-URL: http://" + address} {
		before := s.bot.Hits()
		got := send(t, s.address(), "GET /servo/10 HTTP/1.1\n"+field+"\nAuthorization: Bearer "+driver+"\n\n")
		if got.status != http.StatusOK || s.bot.Hits() != before+1 {
			t.Errorf("%q: status %d, and the bot got %d requests", field, got.status, s.bot.Hits()-before)
		}
	}
	// RFC 9112 §3.2.2: the host of an absolute target is the request's, and Host is not looked at.
	if got := send(t, s.address(), "GET http://"+address+"/servo/10 HTTP/1.1\nHost: x\nAuthorization: Bearer "+driver+"\n\n"); got.body != "bot" {
		t.Errorf("an absolute target: status %d: %s", got.status, got.body)
	}
	s.refuses(t, attack{"CONNECT", "CONNECT " + address + " HTTP/1.1\nHost: " + address + "\nAuthorization: Bearer {driver}\n\n", 0})
	if n := visits.Load(); n != 0 {
		t.Errorf("%d connections to the host of a header", n)
	}
}
