package bearer

import (
	"bufio"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/deny"
)

// FuzzFind sends a request through net/http's reader: what Find says of its fields and its query is what the grammar in
// this file says, and after Remove no credential is left, nor anything else gone.
func FuzzFind(f *testing.F) {
	f.Add("a=1", "Authorization: Bearer abc")
	f.Add("access%5Ftoken=1;x", "Authorization: Bearer abc\nAuthorization: Basic def\nSec-WebSocket-Protocol: v1, botlatch.bearer, t")
	f.Add("access_token=abc%2Edef.ghi&a=1", "Sec-WebSocket-Protocol: v1, v2")
	f.Add("a=1", "Sec-WebSocket-Protocol: v1, botlatch.bearer\nSec-WebSocket-Protocol: abcdefgh.i, v2, v1")
	f.Add("", "Sec-WebSocket-Protocol: v1,, base64url.bearer.authorization.k8s.io.YWJjZGVmZ2hp")
	f.Fuzz(func(t *testing.T, query, fields string) {
		r := read(query, fields)
		if r == nil {
			return
		}
		var accepted []string
		for _, places := range []Places{{}, {Subprotocol: true}, {Query: true}, {Subprotocol: true, Query: true}} {
			token, err := Find(r, places)
			wantToken, want := findSlowly(r, places)
			if got := reasonOf(err); got != want || token != wantToken {
				t.Fatalf("%q, %q, %+v: found %q, %v; want %q, %v", query, r.Header, places, token, got, wantToken, want)
			}
			if err == nil {
				accepted = append(accepted, token)
			}
		}
		kept, offered := keptSlowly(r), offeredSlowly(r)
		marked := Remove(r)
		if _, left := findSlowly(r, Places{}); left != deny.NoCredentials {
			t.Errorf("after Remove: %v in query %q, header %q", left, r.URL.RawQuery, r.Header)
		}
		if want := strings.Contains(","+strings.Join(offered, ",")+",", ",botlatch.bearer,"); marked != want {
			t.Errorf("%q: marked %v", offered, marked)
		}
		// In order, and nothing but what the client offered besides its tokens.
		if got, want := offeredSlowly(r), othersSlowly(offered); !slices.Equal(got, want) {
			t.Errorf("of %q is left %q, want %q", offered, got, want)
		}
		for _, token := range accepted {
			holdsNone(t, r, offered, query, token)
		}
		for _, pair := range kept {
			if !strings.Contains(r.URL.RawQuery, pair) {
				t.Errorf("Remove took %q out of %q", pair, query)
			}
		}
	})
}

// holdsNone asserts that an accepted token is gone, if it is long enough not to be part of something else that was sent.
func holdsNone(t *testing.T, r *http.Request, offered []string, query, token string) {
	t.Helper()
	if len(token) < 8 || strings.Count(strings.Join(offered, ",")+query, token) > 1 {
		return
	}
	for _, field := range []string{"Authorization", "Sec-WebSocket-Protocol"} {
		if strings.Contains(strings.Join(r.Header.Values(field), ","), token) {
			t.Errorf("after Remove: %q is in %s", token, field)
		}
	}
	if strings.Contains(r.URL.RawQuery, token) {
		t.Errorf("after Remove: %q is in the query", token)
	}
}

// FuzzAuthorization is one field against the grammar of RFC 6750 §2.1, with bytes that no server would pass on.
func FuzzAuthorization(f *testing.F) {
	f.Add("Bearer abc")
	f.Add("bearer  a=")
	f.Fuzz(func(t *testing.T, field string) {
		token, err := parse(field)
		wantToken, want := authorizationSlowly(field)
		if got := reasonOf(err); got != want || token != wantToken {
			t.Errorf("%q: %q, %v; want %q, %v", field, token, got, wantToken, want)
		}
	})
}

// read is a request with a query and lines of fields; nil: net/http would not take it.
func read(query, fields string) *http.Request {
	if strings.ContainsAny(query, " \r\n") {
		return nil
	}
	wire := "GET /?" + query + " HTTP/1.1\r\nHost: bot.test\r\n" + strings.ReplaceAll(fields, "\n", "\r\n") + "\r\n\r\n"
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(wire)))
	if err != nil {
		return nil
	}
	return r
}

func reasonOf(err error) deny.Reason {
	if err == nil {
		return none
	}
	return deny.ReasonOf(err)
}

// The grammar once more, written down instead of walked. Nothing of it is shared with what it is held against.
var (
	oneToken        = regexp.MustCompile(`(?s)^(?i:bearer) +([A-Za-z0-9._~+/-]+=*)$`)
	bearerScheme    = regexp.MustCompile("(?s)^(?i:bearer)([^A-Za-z0-9!#$%&'*+.^_`|~-].*)?$")
	subprotocol     = regexp.MustCompile(`(?:^|,)(?:base64url\.bearer\.authorization\.k8s\.io\.[^,]*|botlatch\.bearer(?:,|$))`)
	b64token        = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)
	separator       = regexp.MustCompile(`[&;]`)
	queryToken      = regexp.MustCompile(`^` + spelled("access_token") + `(?:=|$)`)
	plainQuery      = regexp.MustCompile(`(?:^|&)access_token=([^&;]*)(?:&|$)`)
	queryValue      = regexp.MustCompile(`^(?:[^%+]|%[0-9A-Fa-f]{2})*$`)
	escape          = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	markedToken     = regexp.MustCompile(`(?:^|,)botlatch\.bearer,([A-Za-z0-9._~+/-]+=*)(?:,|$)`)
	kubernetesToken = regexp.MustCompile(`(?:^|,)base64url\.bearer\.authorization\.k8s\.io\.([A-Za-z0-9_-]+)(?:,|$)`)
	anyQueryToken   = regexp.MustCompile(`(?:^|[&;])` + spelled("access_token") + `(?:=|[&;]|$)`)
)

// spelled matches word with any of its characters escaped.
func spelled(word string) string {
	var b strings.Builder
	for _, c := range []byte(word) {
		const digits = "0123456789abcdef"
		b.WriteString("(?:" + string(c) + "|%" + digits[c>>4:c>>4+1] + "(?i:" + digits[c&15:c&15+1] + "))")
	}
	return b.String()
}

func authorizationSlowly(field string) (string, deny.Reason) {
	switch m := oneToken.FindStringSubmatch(field); {
	case m != nil:
		return m[1], none
	case bearerScheme.MatchString(field):
		return "", deny.MalformedCredentials
	}
	return "", deny.NoCredentials
}

func findSlowly(r *http.Request, places Places) (string, deny.Reason) {
	fields := r.Header.Values("Authorization")
	offered := offeredSlowly(r)
	params := anyQueryToken.FindAllString(strings.NewReplacer("&", "&&", ";", ";;").Replace(r.URL.RawQuery), -1)
	tokens := subprotocol.FindAllString(strings.Join(offered, ",,"), -1)
	counting := len(fields)
	param := plainQuery.FindStringSubmatch(r.URL.RawQuery)
	if places.Query && param != nil {
		counting++
	}
	if places.Subprotocol {
		counting += len(tokens)
	}
	switch all := len(fields) + len(params) + len(tokens); {
	case len(fields) > 1, counting > 0 && all > 1:
		return "", deny.SeveralCredentials
	case counting == 0 && all > 0:
		return "", deny.MisplacedCredentials
	case all == 0:
		return "", deny.NoCredentials
	case len(fields) == 1:
		return authorizationSlowly(fields[0])
	case len(params) == 1:
		return queryTokenSlowly(param[1])
	}
	return offerSlowly(strings.Join(offered, ","))
}

// queryTokenSlowly reads the value of access_token.
func queryTokenSlowly(value string) (string, deny.Reason) {
	if !queryValue.MatchString(value) {
		return "", deny.MalformedCredentials
	}
	token := escape.ReplaceAllStringFunc(value, func(s string) string {
		b, _ := hex.DecodeString(s[1:])
		return string(b)
	})
	if !b64token.MatchString(token) {
		return "", deny.MalformedCredentials
	}
	return token, none
}

// offerSlowly reads a list without white space and empty elements that holds one token.
func offerSlowly(list string) (string, deny.Reason) {
	if m := markedToken.FindStringSubmatch(list); m != nil {
		return m[1], none
	}
	m := kubernetesToken.FindStringSubmatch(list)
	if m == nil || !strings.Contains(list, ",") {
		return "", deny.MalformedCredentials
	}
	token, err := base64.RawURLEncoding.DecodeString(m[1])
	if err != nil || base64.RawURLEncoding.EncodeToString(token) != m[1] || !b64token.Match(token) {
		return "", deny.MalformedCredentials
	}
	return string(token), none
}

// offeredSlowly are the subprotocols of all fields.
func offeredSlowly(r *http.Request) (all []string) {
	for _, p := range strings.Split(strings.Join(r.Header.Values("Sec-WebSocket-Protocol"), ","), ",") {
		if p = strings.Trim(p, " \t"); p != "" {
			all = append(all, p)
		}
	}
	return all
}

// othersSlowly are the subprotocols that Remove must leave, in their order.
func othersSlowly(offered []string) (others []string) {
	for i, p := range offered {
		if p != "botlatch.bearer" && (i == 0 || offered[i-1] != "botlatch.bearer") && !strings.HasPrefix(p, "base64url.bearer.authorization.k8s.io.") {
			others = append(others, p)
		}
	}
	return others
}

// keptSlowly are the parameters of the query that Remove must leave.
func keptSlowly(r *http.Request) (kept []string) {
	for _, pair := range separator.Split(r.URL.RawQuery, -1) {
		if !queryToken.MatchString(pair) {
			kept = append(kept, pair)
		}
	}
	return kept
}
