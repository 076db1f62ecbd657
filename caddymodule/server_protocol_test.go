package caddymodule_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// protocolSites is one bot behind two listeners: plain HTTP on loopback, and TLS.
const protocolSites = `
(bot) {
	bind 127.0.0.1
	botlatch {
		public GET /healthz
		allow POST,GET /api/door/unlock scope door:open
		allow * /servo any_token
	}
	reverse_proxy {$BOT}
}
http://127.0.0.1:{$PORT} {
	import bot
}
https://localhost:{$TLS_PORT} {
	tls {$CERT} {$KEY}
	import bot
}
`

const (
	unlock      = "/api/door/unlock"
	bare        = `Bearer realm="botlatch", scope="door:open"`
	scopeNeeded = `Bearer realm="botlatch", error="insufficient_scope", scope="door:open"`
)

// exchanges are the same over every protocol.
func (s *stage) exchanges(t *testing.T) map[string]exchange {
	opener, observer := s.mint(t, "door:open"), s.mint(t, "observe")
	old := s.mintAt(t, time.Now().Add(-time.Hour), "door:open")
	foreign := (&stage{key: latchtest.NewKey(t, jose.EdDSA)}).mint(t, "door:open")
	bearer := "Bearer " + opener
	return map[string]exchange{
		"deny/no token":             {method: "POST", path: unlock, status: 401, challenge: bare},
		"deny/no token, GET":        {method: "GET", path: unlock, status: 401, challenge: bare},
		"deny/HEAD":                 {method: "HEAD", path: unlock, status: 401, challenge: bare},
		"deny/basic":                {method: "POST", path: unlock, fields: http.Header{"Authorization": {"Basic YTpi"}}, status: 401, challenge: bare},
		"deny/wrong scope":          {method: "POST", path: unlock, token: observer, status: 403, challenge: scopeNeeded},
		"deny/expired":              {method: "POST", path: unlock, token: old, status: 401, challenge: expired},
		"deny/foreign key":          {method: "POST", path: unlock, token: foreign, status: 401, challenge: notAccepted},
		"deny/no token at all":      {method: "POST", path: unlock, token: "x", status: 401, challenge: notAccepted},
		"deny/empty bearer":         {method: "POST", path: unlock, fields: http.Header{"Authorization": {"Bearer"}}, status: 400, challenge: malformed},
		"deny/a comma list":         {method: "POST", path: unlock, fields: http.Header{"Authorization": {bearer + ", " + bearer}}, status: 400, challenge: malformed},
		"deny/H11 two fields":       {method: "POST", path: unlock, fields: http.Header{"Authorization": {bearer, bearer}}, status: 400, challenge: several},
		"deny/R1 two tokens":        {method: "POST", path: unlock, fields: http.Header{"Authorization": {"Bearer " + observer, bearer}}, status: 400, challenge: several},
		"deny/query":                {method: "POST", path: unlock + "?access_token=" + opener, status: 400, challenge: misplaced},
		"deny/query, name escaped":  {method: "POST", path: unlock + "?access%5Ftoken=" + opener, status: 400, challenge: misplaced},
		"deny/R2 header and query":  {method: "POST", path: unlock + "?a=b;access_token=" + opener, token: opener, status: 400, challenge: several},
		"deny/unknown method":       {method: "FETCH", path: unlock, token: opener, status: 403},
		"deny/P10 get":              {method: "get", path: unlock, token: opener, status: 403},
		"deny/WS as a method":       {method: "WS", path: unlock, token: opener, status: 403},
		"deny/TRACE":                {method: "TRACE", path: unlock, token: opener, status: 403},
		"deny/method of no rule":    {method: "DELETE", path: unlock, token: opener, status: 403},
		"deny/OPTIONS of no rule":   {method: "OPTIONS", path: unlock, token: opener, status: 403},
		"deny/OPTIONS, no token":    {method: "OPTIONS", path: "/servo", status: 401, challenge: `Bearer realm="botlatch"`},
		"deny/path of no rule":      {method: "GET", path: "/", token: opener, status: 403},
		"deny/P10 a longer path":    {method: "POST", path: unlock + "/x", token: opener, status: 403},
		"deny/another spelling":     {method: "POST", path: "/api/door/Unlock", token: opener, status: 400},
		"deny/slash at the end":     {method: "POST", path: unlock + "/", token: opener, status: 400},
		"deny/P1 dot segments":      {method: "GET", path: "/healthz/.." + unlock, status: 400},
		"deny/P2 dots, escaped":     {method: "GET", path: "/healthz/%2e%2e" + unlock, status: 400},
		"deny/P18 slash, escaped":   {method: "GET", path: "/healthz/..%2fapi/door/unlock", status: 400},
		"deny/P11 empty segment":    {method: "POST", path: "/" + unlock, token: opener, status: 400},
		"deny/P15 path in a query":  {method: "POST", path: unlock + "?/healthz", status: 401, challenge: bare},
		"deny/public, other method": {method: "POST", path: "/healthz", status: 403},
		"deny/F7 user agent":        {method: "POST", path: unlock, fields: http.Header{"User-Agent": {"kube-probe/1.31"}}, status: 401, challenge: bare},
		"deny/F7b accept": {
			method: "POST", path: unlock, status: 401, challenge: bare,
			fields: http.Header{"Accept": {"text/event-stream"}, "Origin": {"null"}, "X-Http-Method-Override": {"GET"}, "X-Original-Url": {"/healthz"}},
		},
		"ok/right scope": {method: "POST", path: unlock, token: opener, status: 200},
		"ok/GET":         {method: "GET", path: unlock, token: opener, status: 200},
		"ok/HEAD":        {method: "HEAD", path: unlock, token: opener, status: 200},
		"ok/OPTIONS":     {method: "OPTIONS", path: "/servo", token: observer, status: 200},
		"ok/any token":   {method: "PATCH", path: "/servo?x=1", token: observer, status: 200},
		"ok/public":      {method: "GET", path: "/healthz", status: 200},
		"ok/public, with a token that nobody asked for": {method: "GET", path: "/healthz", token: "x", status: 200},
		"ok/scheme in lower case":                       {method: "POST", path: unlock, fields: http.Header{"Authorization": {"bearer " + opener}}, status: 200},
	}
}

func TestDeniesAndAllowsAlikeOverEveryProtocol(t *testing.T) {
	t.Parallel()
	s := newStage(t, protocolSites)
	for name, p := range map[string]struct {
		client *http.Client
		url    string
	}{
		"HTTP/1.1":          {&http.Client{Timeout: rawPatience}, s.latch.URL},
		"HTTP/1.1 over TLS": {s.latch.TLSClient(true), s.latch.TLSURL},
		"HTTP/2.0 over TLS": {s.latch.TLSClient(false), s.latch.TLSURL},
	} {
		t.Run(name, func(t *testing.T) {
			assertProtocol(t, p.client, p.url, strings.TrimSuffix(name, " over TLS"))
			for name, x := range s.exchanges(t) {
				t.Run(name, func(t *testing.T) { s.check(t, p.client, p.url, x) })
			}
		})
	}
	t.Run("raw", func(t *testing.T) { s.checkRaw(t) })
	t.Run("CONNECT over HTTP/2", func(t *testing.T) { s.checkConnect2(t) })
}

// assertProtocol makes sure that the test speaks what it says.
func assertProtocol(t *testing.T, client *http.Client, url, want string) {
	t.Helper()
	res, err := client.Get(url + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.Proto != want {
		t.Fatalf("the answer came over %s, want %s", res.Proto, want)
	}
}

// checkRaw sends what the client of the standard library does not.
func (s *stage) checkRaw(t *testing.T) {
	opener := s.mint(t, "door:open")
	host := strings.TrimPrefix(s.latch.URL, "http://")
	bearer := "Authorization: Bearer " + opener
	for name, c := range map[string]struct {
		lines []string
		want  exchange
	}{
		"deny/two Authorization fields": {
			[]string{"POST " + unlock + " HTTP/1.1", "Host: " + host, bearer, "authorization: Bearer " + opener},
			exchange{status: 400, challenge: several},
		},
		"deny/P20 CONNECT":         {[]string{"CONNECT " + host + " HTTP/1.1", "Host: " + host, bearer}, exchange{status: 400}},
		"deny/P20 CONNECT a path":  {[]string{"CONNECT /healthz HTTP/1.1", "Host: " + host, bearer}, exchange{status: 400}},
		"deny/P12 fragment":        {[]string{"POST " + unlock + "#/healthz HTTP/1.1", "Host: " + host, bearer}, exchange{status: 400}},
		"deny/absolute form":       {[]string{"POST http://bot.example" + unlock + " HTTP/1.1", "Host: " + host, bearer}, exchange{status: 0}},
		"deny/P9 backslash":        {[]string{"GET /healthz\\..\\api HTTP/1.1", "Host: " + host}, exchange{status: 400}},
		"deny/HTTP/1.0, no token":  {[]string{"POST " + unlock + " HTTP/1.0", "Host: " + host}, exchange{status: 401, challenge: bare}},
		"ok/absolute form, same":   {[]string{"POST http://" + host + unlock + " HTTP/1.1", "Host: " + host, bearer}, exchange{status: 200}},
		"deny/OPTIONS *":           {[]string{"OPTIONS * HTTP/1.1", "Host: " + host, bearer}, exchange{status: 0}},
		"deny/POST *":              {[]string{"POST * HTTP/1.1", "Host: " + host, bearer}, exchange{status: 0}},
		"deny/empty authorization": {[]string{"POST " + unlock + " HTTP/1.1", "Host: " + host, "Authorization:"}, exchange{status: 401, challenge: bare}},
	} {
		t.Run(name, func(t *testing.T) {
			client, before := dialRaw(t, s.latch.URL), s.bot.Hits()
			client.send(append(c.lines, "Connection: close", "Content-Length: 0", "")...)
			c.want.method = name
			res, body := client.answer("GET")
			if c.want.status == 0 { // whoever answers, it is not the bot
				if s.bot.Hits() != before || body == "bot" {
					t.Errorf("status %d, and the bot was reached", res.StatusCode)
				}
				return
			}
			s.compare(t, c.want, res, body, s.bot.Hits()-before)
		})
	}
}

// checkConnect2 is P20: CONNECT over HTTP/2.
func (s *stage) checkConnect2(t *testing.T) {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodConnect, s.latch.TLSURL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.mint(t, "door:open"))
	before := s.bot.Hits()
	res, err := s.latch.TLSClient(false).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := bufio.NewReader(res.Body).ReadString('\n')
	s.compare(t, exchange{method: "CONNECT", status: 400}, res, body, s.bot.Hits()-before)
}

// TestA7_OneOddTokenChangesNothingForTheNextRequest sends each hostile token between two good ones.
func TestA7_OneOddTokenChangesNothingForTheNextRequest(t *testing.T) {
	t.Parallel()
	s := newStage(t, protocolSites)
	client := &http.Client{Timeout: rawPatience}
	good := exchange{method: "POST", path: unlock, token: s.mint(t, "door:open"), status: 200}
	foreign := latchtest.NewKey(t, jose.HS256)
	for name, token := range map[string]string{
		"none":          "eyJhbGciOiJub25lIn0." + strings.Split(good.token, ".")[1] + ".",
		"no signature":  good.token[:strings.LastIndexByte(good.token, '.')+1],
		"two dots":      "..",
		"five parts":    good.token + ".x.y",
		"dots":          strings.Repeat(".", 4000),
		"another alg":   foreign.Mint(t, issue.Token{Issuer: issuerName, Subject: "eve", Audience: []string{audience}, Scope: []string{"door:open"}}),
		"padded":        good.token + "=",
		"cut":           good.token[:len(good.token)-1],
		"another typ":   s.key.Sign(t, "logout+jwt", `{"iss":"`+issuerName+`","aud":"`+audience+`","exp":4102444800,"scope":"door:open"}`),
		"no expiry":     s.key.Sign(t, "at+jwt", `{"iss":"`+issuerName+`","aud":"`+audience+`","scope":"door:open"}`),
		"lives forever": s.key.Sign(t, "at+jwt", `{"iss":"`+issuerName+`","aud":"`+audience+`","exp":4102444800,"scope":"door:open"}`),
		"no audience":   s.key.Mint(t, issue.Token{Issuer: issuerName, Subject: "ana", Scope: []string{"door:open"}}),
		"other issuer":  s.key.Mint(t, issue.Token{Issuer: "https://id.example.com", Subject: "ana", Audience: []string{audience}}),
	} {
		t.Run(name, func(t *testing.T) {
			s.check(t, client, s.latch.URL, exchange{method: "POST", path: unlock, token: token, status: 401, challenge: notAccepted})
			s.check(t, client, s.latch.URL, good)
		})
	}
}
