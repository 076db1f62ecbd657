package policy

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestLastWillGoesWhereItSays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ paths, will, path, want string }{
		"ok/no star":                  {"/drive", "/stop", "/drive", "/stop"},
		"ok/star unused":              {"/rovers/*/drive", "/stop", "/rovers/7/drive", "/stop"},
		"ok/star":                     {"/rovers/*/drive", "/rovers/*/stop", "/rovers/7/drive", "/rovers/7/stop"},
		"ok/star at the end":          {"/drive/*", "/stop/*", "/drive/7", "/stop/7"},
		"ok/slash at the end":         {"/drive/*/", "/stop/*/", "/drive/7/", "/stop/7/"},
		"ok/two stars in order":       {"/*/rovers/*/drive", "/*/stop/*", "/mars/rovers/7/drive", "/mars/stop/7"},
		"ok/first of two stars":       {"/*/rovers/*/drive", "/*/stop", "/mars/rovers/7/drive", "/mars/stop"},
		"ok/star before **":           {"/rovers/*/**", "/rovers/*/stop", "/rovers/7/arm/drive", "/rovers/7/stop"},
		"ok/** of nothing":            {"/rovers/*/**", "/rovers/*/stop", "/rovers/7", "/rovers/7/stop"},
		"ok/query":                    {"/rovers/*/drive", "/rovers/*/stop?how=now&why=*", "/rovers/7/drive", "/rovers/7/stop?how=now&why=*"},
		"ok/query with slashes":       {"/rovers/*/drive", "/stop?from=/a/*/b", "/rovers/7/drive", "/stop?from=/a/*/b"},
		"ok/two questions":            {"/drive", "/stop?a=b?c", "/drive", "/stop?a=b?c"},
		"ok/empty query":              {"/drive", "/stop?", "/drive", "/stop?"},
		"ok/escapes stay":             {"/rovers/*/drive", "/rovers/*/stop", "/rovers/caf%C3%A9%20%23%3F/drive", "/rovers/caf%C3%A9%20%23%3F/stop"},
		"ok/escapes of its own stay":  {"/drive", "/stop%20it?a=%2F", "/drive", "/stop%20it?a=%2F"},
		"ok/decoded pattern":          {"/café/*/drive", "/café/*/stop", "/caf%C3%A9/7/drive", "/café/7/stop"},
		"ok/what looks like a star":   {"/rovers/*/drive", "/rovers/*/stop", "/rovers/*/drive", "/rovers/*/stop"},
		"ok/star taken for no star":   {"/*/*/drive", "/*/*/stop", "/*/7/drive", "/*/7/stop"},
		"ok/braces are letters":       {"/rovers/*/drive", "/rovers/*/stop", "/rovers/%7Benv.HOME%7D/drive", "/rovers/%7Benv.HOME%7D/stop"},
		"ok/of the path that fits":    {"/a/*/drive /*/b/drive", "/*/stop", "/7/b/drive", "/7/stop"},
		"ok/of the first that fits":   {"/a/*/* /*/b/*", "/*/stop", "/a/b/drive", "/b/stop"},
		"ok/a plain path beside star": {"/drive /rovers/*/drive", "/stop", "/drive", "/stop"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rule("GET " + c.paths + " any_token")
			r.LastWill = &LastWill{Method: "POST", Path: c.will}
			if _, err := New([]*Rule{r}); err != nil {
				t.Fatal(err)
			}
			if _, spelled := r.fit(c.path); !spelled {
				t.Fatalf("the rule does not fit %s", c.path)
			}
			if got := r.WillFor(c.path); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestRefusesALastWillThatCannotBeMeant(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rule string
		will LastWill
		want string
	}{
		"ok/every method":            {"GET /a any_token", LastWill{Method: "DELETE", Path: "/stop"}, ""},
		"ok/GET":                     {"GET /a any_token", LastWill{Method: "GET", Path: "/stop?how=now"}, ""},
		"ok/longest body":            {"GET /a any_token", LastWill{Method: "PUT", Path: "/stop", Body: strings.Repeat("x", maxBody)}, ""},
		"ok/stars of every path":     {"GET /a/* /*/b any_token", LastWill{Method: "PATCH", Path: "/stop/*"}, ""},
		"ok/root":                    {"WS /a any_token", LastWill{Method: "POST", Path: "/"}, ""},
		"deny/no method":             {"GET /a any_token", LastWill{Path: "/stop"}, `method "" is not one of GET`},
		"deny/lower case":            {"GET /a any_token", LastWill{Method: "post", Path: "/stop"}, `method "post"`},
		"deny/WS":                    {"GET /a any_token", LastWill{Method: "WS", Path: "/stop"}, `method "WS"`},
		"deny/OPTIONS":               {"GET /a any_token", LastWill{Method: "OPTIONS", Path: "/stop"}, `method "OPTIONS"`},
		"deny/HEAD":                  {"GET /a any_token", LastWill{Method: "HEAD", Path: "/stop"}, `method "HEAD"`},
		"deny/CONNECT":               {"GET /a any_token", LastWill{Method: "CONNECT", Path: "/stop"}, `method "CONNECT"`},
		"deny/every method":          {"GET /a any_token", LastWill{Method: "*", Path: "/stop"}, `method "*"`},
		"deny/two methods":           {"GET /a any_token", LastWill{Method: "GET,POST", Path: "/stop"}, `method "GET,POST"`},
		"deny/no path":               {"GET /a any_token", LastWill{Method: "POST"}, "one slash"},
		"deny/no slash":              {"GET /a any_token", LastWill{Method: "POST", Path: "stop"}, "one slash"},
		"deny/another host":          {"GET /a any_token", LastWill{Method: "POST", Path: "//other/stop"}, "one slash"},
		"deny/absolute":              {"GET /a any_token", LastWill{Method: "POST", Path: "http://other/stop"}, "one slash"},
		"deny/space":                 {"GET /a any_token", LastWill{Method: "POST", Path: "/stop it"}, "escape it"},
		"deny/space in the query":    {"GET /a any_token", LastWill{Method: "POST", Path: "/stop?a b"}, "escape it"},
		"deny/line break":            {"GET /a any_token", LastWill{Method: "POST", Path: "/stop\r\nX: y"}, "escape it"},
		"deny/delete":                {"GET /a any_token", LastWill{Method: "POST", Path: "/stop\x7f"}, "escape it"},
		"deny/fragment":              {"GET /a any_token", LastWill{Method: "POST", Path: "/stop#now"}, "escape it"},
		"deny/backslash":             {"GET /a any_token", LastWill{Method: "POST", Path: `/a\stop`}, "escape it"},
		"deny/dots":                  {"GET /a any_token", LastWill{Method: "POST", Path: "/a/../stop"}, "last_will: path"},
		"deny/encoded dots":          {"GET /a any_token", LastWill{Method: "POST", Path: "/a/%2e%2e/stop"}, "last_will: path"},
		"deny/encoded slash":         {"GET /a any_token", LastWill{Method: "POST", Path: "/a%2fstop"}, "last_will: path"},
		"deny/empty segment":         {"GET /a any_token", LastWill{Method: "POST", Path: "/a//stop"}, "last_will: path"},
		"deny/broken escape":         {"GET /a any_token", LastWill{Method: "POST", Path: "/stop%zz"}, "last_will: path"},
		"deny/star in a segment":     {"GET /a/* any_token", LastWill{Method: "POST", Path: "/stop*"}, "last_will: path"},
		"deny/**":                    {"GET /a/** any_token", LastWill{Method: "POST", Path: "/stop/**"}, "where would it go?"},
		"deny/a star too many":       {"GET /a any_token", LastWill{Method: "POST", Path: "/stop/*"}, "path has 1 stars, but path /a of the rule has 0"},
		"deny/of one path too many":  {"GET /a/* /b any_token", LastWill{Method: "POST", Path: "/stop/*"}, "path /b of the rule has 0"},
		"deny/** gives no star":      {"GET /a/** any_token", LastWill{Method: "POST", Path: "/stop/*"}, "path /a/** of the rule has 0"},
		"deny/two stars, one in **":  {"GET /a/*/** any_token", LastWill{Method: "POST", Path: "/*/stop/*"}, "path has 2 stars"},
		"deny/body too long":         {"GET /a any_token", LastWill{Method: "POST", Path: "/stop", Body: strings.Repeat("x", maxBody+1)}, "65536 bytes"},
		"deny/public, whatever else": {"public GET /a", LastWill{Method: "POST", Path: "/stop"}, "everybody could make the latch send it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rule(c.rule)
			r.LastWill = &c.will
			_, err := New([]*Rule{r})
			switch {
			case c.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "rule 1")):
				t.Errorf("got %v, want %q and the rule", err, c.want)
			}
		})
	}
}

func TestRefusesAStreamWithoutTime(t *testing.T) {
	t.Parallel()
	r := rule("GET /a any_token")
	r.MaxStream = -1
	if _, err := New([]*Rule{r}); err == nil || !strings.Contains(err.Error(), "max_stream: is not greater than zero") {
		t.Errorf("got %v", err)
	}
	p := rule("public GET /a")
	p.MaxStream = Duration(time.Hour)
	if _, err := New([]*Rule{p}); err != nil {
		t.Errorf("public with max_stream: %v", err)
	}
}

func TestLastWillSurvivesJSON(t *testing.T) {
	t.Parallel()
	const want = `{"methods":["WS"],"paths":["/rovers/*/drive"],"any_token":true,"max_stream":"36h0m0s",` +
		`"last_will":{"method":"POST","path":"/rovers/*/stop","body":"{\"speed\":0}"}}`
	r := rule("WS /rovers/*/drive any_token")
	r.MaxStream = Duration(36 * time.Hour)
	r.LastWill = &LastWill{Method: "POST", Path: "/rovers/*/stop", Body: `{"speed":0}`}
	for range 2 {
		b, err := json.Marshal(r)
		if err != nil || string(b) != want {
			t.Fatalf("got %s, %v", b, err)
		}
		r = &Rule{}
		if err := json.Unmarshal(b, r); err != nil {
			t.Fatal(err)
		}
	}
}
