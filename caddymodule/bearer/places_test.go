package bearer

import (
	"net/http"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/deny"
)

// kubernetes is a subprotocol of that form.
func kubernetes(encoded string) string { return "base64url.bearer.authorization.k8s.io." + encoded }

// TestSubprotocolsOfAHandshakeCarryOneToken: "abc" is YWJj.
func TestSubprotocolsOfAHandshakeCarryOneToken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fields []string
		want   string
		reason deny.Reason
	}{
		"ok/marker":                        {[]string{"botlatch.bearer, a.b-c_d"}, "a.b-c_d", none},
		"ok/marker, no white space":        {[]string{"botlatch.bearer,abc"}, "abc", none},
		"ok/marker, two fields":            {[]string{"botlatch.bearer", "abc"}, "abc", none},
		"ok/marker, white space":           {[]string{" \tbotlatch.bearer\t ,\t abc \t"}, "abc", none},
		"ok/marker, empty elements":        {[]string{",botlatch.bearer,, \t,", ",abc,"}, "abc", none},
		"ok/marker, others around":         {[]string{"v1, botlatch.bearer, abc, v2"}, "abc", none},
		"ok/marker, like another marker":   {[]string{"Botlatch.Bearer, v1, botlatch.bearer, abc"}, "abc", none},
		"ok/kubernetes":                    {[]string{kubernetes("YWJj") + ", v1"}, "abc", none},
		"ok/kubernetes behind":             {[]string{"v1, " + kubernetes("YWJj")}, "abc", none},
		"ok/kubernetes, two fields":        {[]string{"v1", kubernetes("YWJj")}, "abc", none},
		"ok/kubernetes, empty elements":    {[]string{",, " + kubernetes("YWJj") + ",,v1,"}, "abc", none},
		"deny/others only":                 {[]string{"v1, v2"}, "", deny.NoCredentials},
		"deny/empty":                       {[]string{"", ","}, "", deny.NoCredentials},
		"deny/marker alone":                {[]string{"botlatch.bearer"}, "", deny.MalformedCredentials},
		"deny/marker at the end":           {[]string{"v1, botlatch.bearer,, "}, "", deny.MalformedCredentials},
		"deny/marker, two words":           {[]string{"botlatch.bearer, abc def"}, "", deny.MalformedCredentials},
		"deny/marker, quoted":              {[]string{`botlatch.bearer, "abc"`}, "", deny.MalformedCredentials},
		"deny/marker, escaped":             {[]string{"botlatch.bearer, a%2Eb"}, "", deny.MalformedCredentials},
		"deny/marker, not ASCII":           {[]string{"botlatch.bearer, äbc"}, "", deny.MalformedCredentials},
		"deny/kubernetes alone":            {[]string{kubernetes("YWJj")}, "", deny.MalformedCredentials},
		"deny/kubernetes, empty beside":    {[]string{kubernetes("YWJj") + ", ,"}, "", deny.MalformedCredentials},
		"deny/kubernetes, empty":           {[]string{kubernetes("") + ", v1"}, "", deny.MalformedCredentials},
		"deny/kubernetes, padding":         {[]string{kubernetes("YWI=") + ", v1"}, "", deny.MalformedCredentials},
		"deny/kubernetes, trailing bits":   {[]string{kubernetes("YWJ") + ", v1"}, "", deny.MalformedCredentials},
		"deny/kubernetes, base64":          {[]string{kubernetes("YT4/Pw") + ", v1"}, "", deny.MalformedCredentials},
		"deny/kubernetes, not encoded":     {[]string{kubernetes("a.b.c") + ", v1"}, "", deny.MalformedCredentials},
		"deny/kubernetes, no b64token":     {[]string{kubernetes("YSBi") + ", v1"}, "", deny.MalformedCredentials},
		"deny/kubernetes, cut off":         {[]string{kubernetes("YWJja") + ", v1"}, "", deny.MalformedCredentials},
		"deny/both forms":                  {[]string{"botlatch.bearer, abc, " + kubernetes("YWJj")}, "", deny.SeveralCredentials},
		"deny/both forms, one behind":      {[]string{"botlatch.bearer, " + kubernetes("YWJj") + ", v1"}, "", deny.SeveralCredentials},
		"deny/marker twice":                {[]string{"botlatch.bearer, abc", "botlatch.bearer, abc"}, "", deny.SeveralCredentials},
		"deny/marker behind itself":        {[]string{"botlatch.bearer, botlatch.bearer"}, "", deny.SeveralCredentials},
		"deny/kubernetes twice":            {[]string{kubernetes("YWJj"), kubernetes("YWJj") + ", v1"}, "", deny.SeveralCredentials},
		"deny/kubernetes twice, one empty": {[]string{kubernetes("YWJj") + ", v1, " + kubernetes("")}, "", deny.SeveralCredentials},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header := http.Header{"Sec-Websocket-Protocol": c.fields}
			found(t, request("", header), Places{Subprotocol: true}, c.want, c.reason)
			// On no handshake they are misplaced, whatever is wrong with them, unless there is none.
			elsewhere := deny.MisplacedCredentials
			if c.reason == deny.NoCredentials {
				elsewhere = c.reason
			}
			found(t, request("", header), Places{Query: true}, "", elsewhere)
			if c.reason != deny.NoCredentials {
				beside := http.Header{"Sec-Websocket-Protocol": c.fields, "Authorization": {"Bearer abc"}}
				found(t, request("", beside), Places{Subprotocol: true}, "", deny.SeveralCredentials)
				found(t, request("access_token=abc", header), Places{Subprotocol: true}, "", deny.SeveralCredentials)
				found(t, request("access_token=abc", header), Places{Subprotocol: true, Query: true}, "", deny.SeveralCredentials)
			}
		})
	}
}

func TestQueryCarriesOneTokenWhereItCounts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		query  string
		want   string
		reason deny.Reason
	}{
		"ok/alone":                    {"access_token=a.b-c_d~e", "a.b-c_d~e", none},
		"ok/others around":            {"a=1&access_token=abc&b=2", "abc", none},
		"ok/escaped":                  {"access_token=%61b%2Bc%3d", "ab+c=", none},
		"ok/unescaped padding":        {"access_token=abc==", "abc==", none},
		"ok/semicolon elsewhere":      {"a=1;b=2&access_token=abc&c;d", "abc", none},
		"deny/none":                   {"a=1&my_access_token=abc", "", deny.NoCredentials},
		"deny/empty":                  {"access_token=", "", deny.MalformedCredentials},
		"deny/two words":              {"access_token=a+b", "", deny.MalformedCredentials},
		"deny/broken escape":          {"access_token=ab%2", "", deny.MalformedCredentials},
		"deny/escaped twice":          {"access_token=a%252Eb", "", deny.MalformedCredentials},
		"deny/escaped separator":      {"access_token=abc%26b", "", deny.MalformedCredentials},
		"deny/NUL":                    {"access_token=abc%00", "", deny.MalformedCredentials},
		"deny/without a value":        {"access_token", "", deny.MisplacedCredentials},
		"deny/behind a semicolon":     {"a=1;access_token=abc", "", deny.MisplacedCredentials},
		"deny/before a semicolon":     {"access_token=abc;a=1", "", deny.MisplacedCredentials},
		"deny/name escaped":           {"access%5Ftoken=abc", "", deny.MisplacedCredentials},
		"deny/twice":                  {"access_token=abc&access_token=abc", "", deny.SeveralCredentials},
		"deny/twice, one empty":       {"access_token=abc&access_token=", "", deny.SeveralCredentials},
		"deny/twice, one odd":         {"access_token=abc&a;access_token=abc", "", deny.SeveralCredentials},
		"deny/twice, one escaped":     {"access%5ftoken=abc&access_token=abc", "", deny.SeveralCredentials},
		"deny/twice, one has no sign": {"access_token&access_token=abc", "", deny.SeveralCredentials},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found(t, request(c.query, http.Header{}), Places{Query: true}, c.want, c.reason)
			// Where none counts, all are misplaced.
			elsewhere := deny.MisplacedCredentials
			if c.reason == deny.NoCredentials {
				elsewhere = c.reason
			}
			found(t, request(c.query, http.Header{}), Places{Subprotocol: true}, "", elsewhere)
			if c.reason != deny.NoCredentials {
				found(t, request(c.query, http.Header{"Authorization": {"Bearer abc"}}), Places{Query: true}, "", deny.SeveralCredentials)
				found(t, request(c.query, http.Header{"Authorization": {"Basic YTpi"}}), Places{Query: true}, "", deny.SeveralCredentials)
			}
		})
	}
}

func found(t *testing.T, r *http.Request, places Places, want string, reason deny.Reason) {
	t.Helper()
	got, err := Find(r, places)
	if reasonOf(err) != reason || got != want {
		t.Errorf("query %q, header %q, places %+v: got %q, %v; want %q", r.URL.RawQuery, r.Header, places, got, err, want)
	}
}
