package bearer

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/deny"
)

const none = deny.NumReasons

func request(query string, header http.Header) *http.Request {
	return &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/", RawQuery: query}, Header: header}
}

func TestFindsExactlyOneCredential(t *testing.T) {
	t.Parallel()
	auth := func(fields ...string) http.Header { return http.Header{"Authorization": fields} }
	sub := func(h http.Header, fields ...string) http.Header { h["Sec-Websocket-Protocol"] = fields; return h }
	for name, c := range map[string]struct {
		query  string
		header http.Header
		want   string
		reason deny.Reason
	}{
		"ok/bearer":                         {"", auth("Bearer a.b-c_d~e+f/g=="), "a.b-c_d~e+f/g==", none},
		"ok/scheme in another case":         {"", auth("bEARER abc"), "abc", none},
		"ok/several spaces":                 {"", auth("Bearer   abc"), "abc", none},
		"ok/other parameters":               {"speed=3&my_access_token=1", auth("Bearer abc"), "abc", none},
		"ok/other subprotocols":             {"", sub(auth("Bearer abc"), "mqtt, botlatch.bearers"), "abc", none},
		"ok/cookie beside it":               {"", http.Header{"Authorization": {"Bearer abc"}, "Cookie": {"access_token=x"}}, "abc", none},
		"deny/nothing":                      {"", http.Header{}, "", deny.NoCredentials},
		"deny/R4 empty field":               {"", auth(""), "", deny.NoCredentials},
		"deny/basic":                        {"", auth("Basic YTpi"), "", deny.NoCredentials},
		"deny/another scheme's name":        {"", auth("Bearer2 abc"), "", deny.NoCredentials},
		"deny/token without a scheme":       {"", auth("abc.def.ghi"), "", deny.NoCredentials},
		"deny/DPoP":                         {"", auth("DPoP abc"), "", deny.NoCredentials},
		"deny/R4 bearer alone":              {"", auth("Bearer"), "", deny.MalformedCredentials},
		"deny/R4 bearer and a space":        {"", auth("Bearer "), "", deny.MalformedCredentials},
		"deny/R4 tab":                       {"", auth("Bearer\tabc"), "", deny.MalformedCredentials},
		"deny/R4 space behind":              {"", auth("Bearer abc "), "", deny.MalformedCredentials},
		"deny/R4 two in one field":          {"", auth("Bearer abc, Bearer def"), "", deny.MalformedCredentials},
		"deny/R4 two words":                 {"", auth("Bearer abc def"), "", deny.MalformedCredentials},
		"deny/R4 padding inside":            {"", auth("Bearer a=b"), "", deny.MalformedCredentials},
		"deny/R4 padding alone":             {"", auth("Bearer =="), "", deny.MalformedCredentials},
		"deny/R4 quoted":                    {"", auth(`Bearer "abc"`), "", deny.MalformedCredentials},
		"deny/R4 not ASCII":                 {"", auth("Bearer äbc"), "", deny.MalformedCredentials},
		"deny/H11 two fields":               {"", auth("Bearer abc", "Bearer abc"), "", deny.SeveralCredentials},
		"deny/H11 bearer and basic":         {"", auth("Bearer abc", "Basic YTpi"), "", deny.SeveralCredentials},
		"deny/R1 header and query":          {"access_token=x", auth("Bearer abc"), "", deny.SeveralCredentials},
		"deny/R1 header and empty query":    {"access_token", auth("Bearer abc"), "", deny.SeveralCredentials},
		"deny/R1 header and subprotocol":    {"", sub(auth("Bearer abc"), "botlatch.bearer, x"), "", deny.SeveralCredentials},
		"deny/R1 basic and query":           {"access_token=x", auth("Basic YTpi"), "", deny.SeveralCredentials},
		"deny/query":                        {"a=1&access_token=x", http.Header{}, "", deny.MisplacedCredentials},
		"deny/query behind a semicolon":     {"a=1;access_token=x", http.Header{}, "", deny.MisplacedCredentials},
		"deny/query encoded":                {"access%5Ftoken=x", http.Header{}, "", deny.MisplacedCredentials},
		"deny/query encoded, no value":      {"access%5Ftoken", http.Header{}, "", deny.MisplacedCredentials},
		"deny/query encoded whole":          {"%61ccess%5ftoken=x", http.Header{}, "", deny.MisplacedCredentials},
		"deny/kubernetes subprotocol":       {"", sub(http.Header{}, "base64url.bearer.authorization.k8s.io.eHg, v1"), "", deny.MisplacedCredentials},
		"deny/subprotocol in a second line": {"", sub(http.Header{}, "v1", "v2,botlatch.bearer,x"), "", deny.MisplacedCredentials},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Find(request(c.query, c.header), Places{})
			if c.reason == none {
				if err != nil || got != c.want {
					t.Errorf("got %q, %v; want %q", got, err, c.want)
				}
				return
			}
			if err == nil || deny.ReasonOf(err) != c.reason || got != "" {
				t.Errorf("got %q, %v; want %v", got, err, c.reason)
			}
		})
	}
}

func TestRemovesEveryCredentialAndNothingElse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		query, wantQuery           string
		subprotocols, wantProtocol []string
	}{
		"ok/nothing to remove":        {"a=1&b=%2F;c", "a=1&b=%2F;c", []string{"mqtt", "v1"}, []string{"mqtt", "v1"}},
		"ok/first of the query":       {"access_token=x&b=2", "b=2", nil, nil},
		"ok/last of the query":        {"b=2&access_token=x", "b=2", nil, nil},
		"ok/all of the query":         {"access_token=x;access%5Ftoken=y", "", nil, nil},
		"ok/in the middle":            {"a=1;access_token=x&b=2", "a=1;b=2", nil, nil},
		"ok/without a value":          {"access_token", "", nil, nil},
		"ok/encoded, without a value": {"a;access%5Ftoken", "a", nil, nil},
		"ok/empty elements":           {"", "", []string{"v1,, botlatch.bearer,\t, tok.tok.tok,", ",v2"}, []string{"v1, v2"}},
		"ok/marker twice":             {"", "", []string{"v1, botlatch.bearer, botlatch.bearer, tok, v2"}, []string{"v1, v2"}},
		"ok/both forms":               {"", "", []string{"v2, botlatch.bearer, tok, base64url.bearer.authorization.k8s.io.eHg, v1, v2"}, []string{"v2, v1, v2"}},
		"ok/spelled token":            {"access_token=%61%2e&b=2", "b=2", nil, nil},
		"ok/kubernetes":               {"", "", []string{"base64url.bearer.authorization.k8s.io.eHg, v1"}, []string{"v1"}},
		"ok/marker and token":         {"", "", []string{"v1, botlatch.bearer, tok.tok.tok", "v2"}, []string{"v1, v2"}},
		"ok/marker, token elsewhere":  {"", "", []string{"botlatch.bearer", "tok.tok.tok"}, nil},
		"ok/nothing but a subtoken":   {"", "", []string{"base64url.bearer.authorization.k8s.io.eHg"}, nil},
		"ok/parameter of other names": {"xaccess_token=1&Access_Token=2", "xaccess_token=1&Access_Token=2", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{"Authorization": {"Bearer a", "Basic b"}, "Proxy-Authorization": {"Basic c"}, "X-Other": {"stays"}}
			if c.subprotocols != nil {
				h["Sec-Websocket-Protocol"] = c.subprotocols
			}
			r := request(c.query, h)
			if marked := Remove(r); marked != strings.Contains(strings.Join(c.subprotocols, ","), "botlatch.bearer") {
				t.Errorf("marked: %v", marked)
			}
			if r.URL.RawQuery != c.wantQuery {
				t.Errorf("query %q, want %q", r.URL.RawQuery, c.wantQuery)
			}
			if got := r.Header["Sec-Websocket-Protocol"]; strings.Join(got, "|") != strings.Join(c.wantProtocol, "|") {
				t.Errorf("subprotocols %q, want %q", got, c.wantProtocol)
			}
			if r.Header["Authorization"] != nil || r.Header["Proxy-Authorization"] != nil || r.Header.Get("X-Other") != "stays" {
				t.Errorf("header %v", r.Header)
			}
		})
	}
}
