package caddymodule_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// toldSites has a site for each way to know where a site is. Its name says which.
var toldSites = func() string {
	var b strings.Builder
	b.WriteString("(bot) {\n\tbotlatch {\n\t\t{blocks.said}" + metadataRules + "\t}\n\treverse_proxy {$BOT}\n}\n")
	for _, site := range []struct{ hosts, said string }{
		{"one.test", ""},
		{"[::1]", ""},
		{"a.test b.test", ""},
		{"both-a.test both-b.test", "audience https://both-b.test https://both-a.test/api"},
		{"first.test second.test", "audience https://first.test"},
		{"*.wild.test", ""},
		{"*.named.test", "audience https://arm.named.test"},
		{"*.star.test star.test", ""},
		{"mapped.test", "audience urn:bot https://mapped.test"},
		{"path.test", "audience https://path.test:{$TLS_PORT}/api"},
		{"slash.test", "audience https://slash.test/"},
		{"folder.test", "audience https://folder.test/api/"},
		{"two.test", "audience https://two.test https://two.test/api"},
		{"foreign.test", "audience https://else.test/api"},
		{"upper.test", "audience https://Upper.test"},
		{"query.test", "audience https://query.test?x=1"},
		{"fragment.test", "audience https://fragment.test#x"},
		{"userinfo.test", "audience https://a@userinfo.test"},
		{"any.test", "audience https://any.test/*"},
		{"dots.test", "audience https://dots.test/a/.."},
		{"plain.test", "audience http://plain.test"},
		{"asked.test", "insecure_query_token"},
		{"off.test", "metadata off"},
		{"report.test", "insecure_report_only"},
		{"secret.test", "accept"},
		{"local.test", "accept loopback"},
		{"page.test", "cors https://app.example.com"},
		{"front.test", "audience https://front.test https://lock.example.com\n\t\t\t\tsign_in {\n\t\t\t\t\tinvite\n\t\t\t\t\torigin https://lock.example.com\n\t\t\t\t\thome /home\n\t\t\t\t}"},
	} {
		var names []string
		for host := range strings.FieldsSeq(site.hosts) {
			names = append(names, "https://"+host+":{$TLS_PORT}")
		}
		said := strings.NewReplacer("accept loopback", "issuer http://127.0.0.1:9000 {\n\t\t\t\t\tkeys static {$KEYS}\n\t\t\t\t\taudience https://local.test\n\t\t\t\t}",
			"accept", "secret {$SECRET}").Replace(site.said)
		b.WriteString(strings.Join(names, ", ") + " {\n\ttls {$CERT} {$KEY}\n\timport bot {\n\t\tsaid {\n\t\t\t\t" + said + "\n\t\t}\n\t}\n}\n")
	}
	return b.String()
}()

// told are what the sites above tell: resource and document, in which {PORT} is the port. Without either: nothing.
var tellingSites = map[string]struct{ host, resource, document string }{
	"ok/one host":                            {"one.test", "https://one.test:{PORT}", ""},
	"ok/address":                             {"[::1]", "https://[::1]:{PORT}", ""},
	"ok/host of the request in another case": {"ONE.Test", "https://one.test:{PORT}", ""},
	"ok/two hosts, the first":                {"a.test", "https://a.test:{PORT}", ""},
	"ok/two hosts, the second":               {"B.test", "https://b.test:{PORT}", ""},
	"ok/two audiences, the first":            {"both-a.test", "https://both-a.test/api", "https://both-a.test" + wellKnown + "/api"},
	"ok/two audiences, the second":           {"both-b.test", "https://both-b.test", ""},
	"ok/two hosts, one audience":             {"first.test", "https://first.test", ""},
	"ok/two hosts, audience of the other":    {"second.test", "https://first.test", ""},
	"ok/star and audience":                   {"leg.named.test", "https://arm.named.test", ""},
	"ok/star and a name":                     {"star.test", "https://star.test:{PORT}", ""},
	"ok/another port":                        {"mapped.test", "https://mapped.test", ""},
	"ok/path":                                {"path.test", "https://path.test:{PORT}/api", "https://path.test:{PORT}" + wellKnown + "/api"},
	"ok/slash":                               {"slash.test", "https://slash.test/", "https://slash.test" + wellKnown},
	"ok/path with a slash":                   {"folder.test", "https://folder.test/api/", "https://folder.test" + wellKnown + "/api/"},
	"ok/several audiences":                   {"two.test", "https://two.test:{PORT}", ""},
	"ok/audience of another":                 {"foreign.test", "https://foreign.test:{PORT}", ""},
	"ok/audience in upper case":              {"upper.test", "https://Upper.test", ""},
	"ok/audience with a query":               {"query.test", "https://query.test:{PORT}", ""},
	"ok/audience with a fragment":            {"fragment.test", "https://fragment.test:{PORT}", ""},
	"ok/audience with userinfo":              {"userinfo.test", "https://userinfo.test:{PORT}", ""},
	"ok/audience with a star":                {"any.test", "https://any.test:{PORT}", ""},
	"ok/audience that nobody can ask for":    {"dots.test", "https://dots.test:{PORT}", ""},
	"ok/audience of plain HTTP":              {"plain.test", "https://plain.test:{PORT}", ""},
	"ok/origin of sign_in":                   {"front.test", "https://lock.example.com", ""},
	"ok/cors":                                {"page.test", "https://page.test:{PORT}", ""},
	"none/star":                              {"x.wild.test", "", ""},
	"none/star beside a name":                {"x.star.test", "", ""},
	"none/off":                               {"off.test", "", ""},
	"none/only a secret":                     {"secret.test", "", ""},
	"none/issuer on this machine":            {"local.test", "", ""},
}

// TestF10_ASiteTellsWhereTokensComeFrom and nothing of a request comes back in that: whoever lies about its host or port is told
// what the configuration says.
func TestF10_ASiteTellsWhereTokensComeFrom(t *testing.T) {
	t.Parallel()
	s := newToldStage(t)
	client := s.latch.TLSClient(false)
	port := s.latch.TLSURL[strings.LastIndexByte(s.latch.TLSURL, ':')+1:]
	weak := "Bearer " + s.mint(t, "nothing")
	for name, c := range tellingSites {
		t.Run(name, func(t *testing.T) {
			resource, url := strings.ReplaceAll(c.resource, "{PORT}", port), strings.ReplaceAll(c.document, "{PORT}", port)
			if url == "" && resource != "" {
				url = resource + wellKnown
			}
			host := c.host + ":4711" // not its port
			if a := s.asks(t, client, http.MethodPost, s.latch.TLSURL+"/door", host); a.StatusCode != http.StatusUnauthorized || pointerOf(t, a) != url || a.hits != 0 {
				t.Errorf("no token: status %d, %q, want %q", a.StatusCode, a.Header["Www-Authenticate"], url)
			}
			a := s.asks(t, client, http.MethodGet, s.latch.TLSURL+"/door", host, "Authorization", weak)
			if pointerOf(t, a) != url || a.hits != 0 || c.host == "one.test" && a.StatusCode != http.StatusForbidden { // where it is meant for another: 401
				t.Errorf("weak token: status %d, %q, want %q", a.StatusCode, a.Header["Www-Authenticate"], url)
			}
			path := wellKnown
			if url != "" {
				path = url[strings.Index(url, "/.well-known/"):]
				s.checkDocument(t, client, host, path, resource)
			}
			if path != wellKnown || url == "" { // a path like any other
				if a := s.asks(t, client, http.MethodGet, s.latch.TLSURL+wellKnown, host); a.StatusCode != http.StatusOK || a.hits != 1 || a.body != "bot" {
					t.Errorf("%s: status %d, %d requests reached the bot", wellKnown, a.StatusCode, a.hits)
				}
			}
		})
	}
}

// namelessSite answers for every host.
const namelessSite = `{
	admin {$ADMIN}
	auto_https off
	botlatch {
		issuer http://127.0.0.1:9000 {
			keys static {$KEYS}
			audience $FIRST
		}
		issuer ` + issuerName + ` {
			keys static {$KEYS}
			audience $AUDIENCE
		}
	}
}
http://$HOST:{$PORT} {
	bind 127.0.0.1
	botlatch {
		accept http://127.0.0.1:9000 ` + issuerName + `
		allow GET /door any_token
		public GET /**
	}
	reverse_proxy {$BOT}
}
`

// TestOnlyWhatIsWrittenSaysWhereASiteIs: one without a name takes any Host, so only an audience can say it; one by plain HTTP
// is found on this machine alone, and so are issuers by plain HTTP.
func TestOnlyWhatIsWrittenSaysWhereASiteIs(t *testing.T) {
	t.Parallel()
	both := `["http://127.0.0.1:9000","` + issuerName + `"]`
	for name, c := range map[string]struct{ host, audience, resource, servers string }{
		"ok/audience":                      {"", "urn:bot https://bot.example.com", "https://bot.example.com", `["` + issuerName + `"]`},
		"ok/this machine":                  {"127.0.0.1", "urn:bot", "http://127.0.0.1:{PORT}", both},
		"ok/this machine, audience":        {"127.0.0.1", "http://127.0.0.1:{$PORT}/api", "http://127.0.0.1:{PORT}/api", both},
		"ok/this machine, another's port":  {"127.0.0.1", "http://127.0.0.1:1/api", "http://127.0.0.1:{PORT}", both},
		"ok/TLS ends before, and audience": {"lock.test", "https://lock.test", "https://lock.test", `["` + issuerName + `"]`},
		"ok/only one calls it so":          {"127.0.0.1", "urn:bot http://127.0.0.1:{$PORT}|urn:bot", "http://127.0.0.1:{PORT}", `["` + issuerName + `"]`},
		"ok/only the other calls it so":    {"127.0.0.1", "urn:bot|http://127.0.0.1:{$PORT}", "http://127.0.0.1:{PORT}", `["http://127.0.0.1:9000"]`},
		"ok/each calls it otherwise":       {"127.0.0.1", "urn:bot|urn:door", "http://127.0.0.1:{PORT}", both},
		"none/TLS ends before":             {"lock.test", "urn:bot", "", ""},
		"none/no audience":                 {"", "urn:bot", "", ""},
		"none/several audiences":           {"", "https://a.test https://b.test", "", ""},
		"none/audience of plain HTTP":      {"", "http://a.test", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &stage{bot: latchtest.StartBot(t), key: latchtest.NewKey(t, jose.EdDSA)}
			audience, first, two := strings.Cut(c.audience, "|")
			if !two {
				first = audience
			}
			s.latch = latchtest.Start(t, strings.NewReplacer("$FIRST", first, "$AUDIENCE", audience, "$HOST", c.host).Replace(namelessSite),
				"BOT="+s.bot.Address(), "KEYS="+s.key.File)
			port := s.latch.URL[strings.LastIndexByte(s.latch.URL, ':')+1:]
			resource, host := strings.ReplaceAll(c.resource, "{PORT}", port), c.host
			if host == "" {
				host = "evil.example.com"
			}
			path, want := wellKnown, "bot"
			pointer := ""
			if resource != "" {
				origin, api := strings.TrimSuffix(resource, "/api"), strings.HasSuffix(resource, "/api")
				path += map[bool]string{true: "/api"}[api]
				pointer = origin + path
				want = `{"resource":"` + resource + `","authorization_servers":` + c.servers + `,"bearer_methods_supported":["header"]}`
			}
			if a := s.asks(t, http.DefaultClient, http.MethodGet, s.latch.URL+"/door", host); pointerOf(t, a) != pointer {
				t.Errorf("challenge %q, want %q", a.Header["Www-Authenticate"], pointer)
			}
			if a := s.asks(t, http.DefaultClient, http.MethodGet, s.latch.URL+path, host); a.StatusCode != http.StatusOK || a.body != want || (a.hits == 1) != (want == "bot") {
				t.Errorf("status %d, %d requests reached the bot\n got %s\nwant %s", a.StatusCode, a.hits, a.body, want)
			}
		})
	}
}
