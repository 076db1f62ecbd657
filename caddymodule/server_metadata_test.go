package caddymodule_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

const wellKnown = "/.well-known/oauth-protected-resource"

// metadataRules let everybody read all that no other rule guards, the path of the document too.
const metadataRules = `
		allow GET,POST /door scope door:open observe
		allow GET /arm any_scope arm:move observe
		allow GET /home any_token
		public GET /**
`

func newToldStage(t *testing.T) *stage {
	t.Helper()
	return newStage(t, toldSites, "SECRET=0123456789abcdef0123456789abcdef")
}

// answer is what a client gets, and how often the bot did.
type answer struct {
	*http.Response

	body string
	hits int
}

func (s *stage) asks(t *testing.T, client *http.Client, method, url, host string, fields ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = host
	for i := 0; i < len(fields); i += 2 {
		req.Header.Set(fields[i], fields[i+1])
	}
	before := s.bot.Hits()
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res, string(body), s.bot.Hits() - before}
}

// pointerOf is where an answer says that its metadata is, as a client reads it that follows RFC 9110 to the letter.
func pointerOf(t *testing.T, a answer) string {
	t.Helper()
	all, err := readChallenges(strings.Join(a.Header["Www-Authenticate"], ", "))
	if err != nil || len(all) != 1 || all[0].scheme != "bearer" || all[0].params["realm"] != "botlatch" {
		t.Fatalf("status %d, challenge %q: %v", a.StatusCode, a.Header["Www-Authenticate"], err)
	}
	return all[0].params["resource_metadata"]
}

// checkDocument asks for a document in every way.
func (s *stage) checkDocument(t *testing.T, client *http.Client, host, path, resource string) {
	t.Helper()
	want := `{"resource":"` + resource + `","authorization_servers":["` + issuerName + `"],"scopes_supported":["arm:move","door:open","observe"],` +
		`"bearer_methods_supported":["header"]}`
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		a := s.asks(t, client, method, s.latch.TLSURL+path, host, "Authorization", "Bearer x")
		body := map[string]string{http.MethodGet: want}[method]
		if a.StatusCode != http.StatusOK || a.body != body || a.hits != 0 || a.ContentLength != int64(len(want)) {
			t.Errorf("%s %s: status %d, %d bytes, %d requests reached the bot\n got %s\nwant %s", method, path, a.StatusCode, a.ContentLength, a.hits, a.body, body)
		}
		for field, value := range map[string]string{
			"Content-Type": "application/json", "Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff", "Www-Authenticate": "",
		} {
			if got := a.Header.Get(field); got != value {
				t.Errorf("%s %s: %s %q, want %q", method, path, field, got, value)
			}
		}
		if got := a.Header.Get("Access-Control-Allow-Origin"); (got == "*") == (host == "page.test:4711") { // cors names its pages
			t.Errorf("%s %s: Access-Control-Allow-Origin %q", method, path, got)
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions} {
		a := s.asks(t, client, method, s.latch.TLSURL+path, host)
		if a.StatusCode != http.StatusMethodNotAllowed || a.Header.Get("Allow") != "GET, HEAD" || a.body != "" || a.hits != 0 {
			t.Errorf("%s %s: status %d, Allow %q, %q, %d requests reached the bot", method, path, a.StatusCode, a.Header.Get("Allow"), a.body, a.hits)
		}
	}
	variant := strings.Replace(path, "oauth", "OAuth", 1)
	if a := s.asks(t, client, http.MethodGet, s.latch.TLSURL+variant, host); a.StatusCode != http.StatusBadRequest || a.hits != 0 {
		t.Errorf("%s: status %d, %d requests reached the bot", variant, a.StatusCode, a.hits)
	}
}

// TestNoSpellingOfTheDocumentReachesTheBot although a rule opens everything.
func TestNoSpellingOfTheDocumentReachesTheBot(t *testing.T) {
	t.Parallel()
	s := newToldStage(t)
	client := s.latch.TLSClient(true)
	for path, status := range map[string]int{
		wellKnown:         200,
		wellKnown + "?":   200,
		wellKnown + "?/x": 200,
		wellKnown + "/":   400,
		"/.well-known/oauth%2Dprotected-resource":       400,
		"/.WELL-KNOWN/oauth-protected-resource":         400,
		"/.well-known//oauth-protected-resource":        400,
		"/x/../.well-known/oauth-protected-resource":    400,
		"/.well-known%2foauth-protected-resource":       400,
		"/.well-known/oauth-protected-resource;x":       400,
		"/.well-known/oauth-protected-resource%20":      400,
		"/.well-known/oauth-protected-resource/../door": 400,
	} {
		a := s.asks(t, client, http.MethodGet, s.latch.TLSURL+path, "one.test")
		if a.StatusCode != status || a.hits != 0 || (status == 200) != strings.HasPrefix(a.body, `{"resource":`) {
			t.Errorf("%s: status %d, want %d: %s", path, a.StatusCode, status, a.body)
		}
	}
	for _, path := range []string{"/.well-known/oauth-protected-resource/api", "/.well-known/oauth-protected-resource2", "/.well-known"} {
		if a := s.asks(t, client, http.MethodGet, s.latch.TLSURL+path, "one.test"); a.StatusCode != http.StatusOK || a.body != "bot" {
			t.Errorf("%s is not the document's, and was answered %d: %s", path, a.StatusCode, a.body)
		}
	}
}

// TestTheDocumentIsThereOnHoldAndCountedNowhere.
func TestTheDocumentIsThereOnHoldAndCountedNowhere(t *testing.T) {
	t.Parallel()
	s := newToldStage(t)
	client := s.latch.TLSClient(false)
	s.press(t, http.MethodPost)
	_, before := s.metrics(t)
	if a := s.asks(t, client, http.MethodGet, s.latch.TLSURL+wellKnown, "one.test"); a.StatusCode != http.StatusOK || a.hits != 0 {
		t.Errorf("status %d, %d requests reached the bot", a.StatusCode, a.hits)
	}
	_, after := s.metrics(t)
	for counter, n := range after {
		if before[counter] != n {
			t.Errorf("%s was %s, and is %s", counter, before[counter], n)
		}
	}
	if a := s.asks(t, client, http.MethodGet, s.latch.TLSURL+"/door", "one.test"); a.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("there is no hold: status %d", a.StatusCode)
	}
}

// TestReportOnlyTellsNothing: the path is the bot's.
func TestReportOnlyTellsNothing(t *testing.T) {
	t.Parallel()
	s := newToldStage(t)
	for _, path := range []string{wellKnown, "/door"} {
		a := s.asks(t, s.latch.TLSClient(false), http.MethodGet, s.latch.TLSURL+path, "report.test")
		if a.StatusCode != http.StatusOK || a.hits != 1 || a.Header["Www-Authenticate"] != nil {
			t.Errorf("%s: status %d, %d requests reached the bot", path, a.StatusCode, a.hits)
		}
	}
}

// TestATokenInTheQueryIsAMethodWhereItIsTaken, and what comes with one is kept by nobody.
func TestATokenInTheQueryIsAMethodWhereItIsTaken(t *testing.T) {
	t.Parallel()
	s := newToldStage(t)
	url := s.latch.TLSURL + wellKnown
	a := s.asks(t, s.latch.TLSClient(false), http.MethodGet, url, "asked.test")
	if !strings.HasSuffix(a.body, `"bearer_methods_supported":["header","query"]}`) || a.hits != 0 {
		t.Errorf("status %d: %s", a.StatusCode, a.body)
	}
	for _, host := range []string{"asked.test", "one.test"} { // latchtest looks for the token in the log
		b := s.asks(t, s.latch.TLSClient(false), http.MethodGet, url+"?access_token="+s.mint(t, "observe"), host)
		if b.StatusCode != http.StatusOK || b.hits != 0 || latchtest.ShowsToken(b.body) ||
			(b.Header.Get("Cache-Control") == "private") != (host == "asked.test") {
			t.Errorf("%s: status %d, Cache-Control %q", host, b.StatusCode, b.Header.Get("Cache-Control"))
		}
	}
}

// TestPagesThatCORSNamesReadTheDocument and pages that it does not name could do nothing with it.
func TestPagesThatCORSNamesReadTheDocument(t *testing.T) {
	t.Parallel()
	s := newToldStage(t)
	for origin, want := range map[string]string{page: page, "https://evil.example.com": ""} {
		a := s.asks(t, s.latch.TLSClient(false), http.MethodGet, s.latch.TLSURL+wellKnown, "page.test", "Origin", origin)
		if got := a.Header.Get("Access-Control-Allow-Origin"); a.StatusCode != http.StatusOK || got != want {
			t.Errorf("%s: status %d, Access-Control-Allow-Origin %q", origin, a.StatusCode, got)
		}
	}
}

// TestPagesOfARefusalPointToTheMetadataToo: a browser that loads a page gets one, with the same challenge.
func TestPagesOfARefusalPointToTheMetadataToo(t *testing.T) {
	t.Parallel()
	s := newSignInStage(t)
	a := s.latch.NewBrowser(t).Ask(t, "/", latchtest.Typed, nil)
	got := pointerOf(t, answer{Response: a.Response})
	if want := s.latch.TLSURL + wellKnown; a.StatusCode != http.StatusUnauthorized || got != want || !strings.Contains(a.Text, "<h1>") {
		t.Errorf("status %d, %q, want %q", a.StatusCode, got, want)
	}
}

// TestThePanelTellsNothing: no client has business with it.
func TestThePanelTellsNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t, panelSites)
	client := s.latch.TLSClient(false)
	if a := s.asks(t, client, http.MethodGet, s.latch.TLSURL+"/", "localhost"); pointerOf(t, a) != "" {
		t.Errorf("challenge %q", a.Header["Www-Authenticate"])
	}
	if a := s.asks(t, client, http.MethodGet, s.latch.TLSURL+wellKnown, "localhost"); a.StatusCode != http.StatusForbidden {
		t.Errorf("status %d", a.StatusCode)
	}
}
