package attacks_test

import (
	"net/http"
	"strings"
	"testing"
)

// twoSites are two sites of one latch: {$ONE} and {$TWO} are their words.
const twoSites = `{
	admin {$ADMIN}
	auto_https off
	botlatch {
		issuer ` + issuerName + ` {
			keys static {$KEYS}
			audience ` + audience + `
		}
	}
}
http://127.0.0.1:{$PORT}, http://localhost:{$PORT} {
	bind 127.0.0.1
	@one host 127.0.0.1
	@two host localhost
	route @one {
		botlatch {
			{$ONE}
			allow GET,POST /** scope drive
		}
		reverse_proxy {$BOT}
	}
	route @two {
		botlatch {
			{$TWO}
			allow GET,POST /** scope drive
		}
		reverse_proxy {$BOT}
	}
}
`

// sites writes twoSites with words for each.
func sites(one, two string) string {
	return strings.NewReplacer("{$ONE}", one, "{$TWO}", two).Replace(twoSites)
}

// at asks a site of twoSites, which has the same address and another name.
func at(t *testing.T, s *stage, host, token string) int {
	t.Helper()
	_, port, _ := strings.Cut(s.address(), ":")
	return send(t, s.address(), "GET /servo/1 HTTP/1.1\nHost: "+host+":"+port+"\nAuthorization: Bearer "+token+"\n\n").status
}

// only demands that a token is good at one of the two sites, however often and in whatever order they are asked.
func only(t *testing.T, s *stage, name, token string, one, two int) {
	t.Helper()
	before, want := s.bot.Hits(), 0
	for range 3 {
		for host, status := range map[string]int{"127.0.0.1": one, "localhost": two} {
			if got := at(t, s, host, token); got != status {
				t.Errorf("%s at %s: status %d, want %d", name, host, got, status)
			}
			if status == http.StatusOK {
				want++
			}
		}
	}
	if got := s.bot.Hits() - before; got != want {
		t.Errorf("%s: %d acts, want %d", name, got, want)
	}
}

// twice sends a token twice, because the second answer may come from a cache, and demands one status.
func twice(t *testing.T, address, path, token string, want int) {
	t.Helper()
	for range 2 {
		if got := getWith(t, address, path, token); got.status != want {
			t.Errorf("%s: status %d, want %d", path, got.status, want)
		}
	}
}
