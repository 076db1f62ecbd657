package policy

import (
	"strings"
	"testing"
)

func TestF3_RefusesConfiguration(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rules string // one a line
		want  []string
	}{
		"no path":              {"GET any_token", []string{"rule 1 (allow GET )", "no path"}},
		"bad path":             {"GET /a any_token\nGET /b* any_token", []string{"rule 2 (allow GET /b*)", "write /*"}},
		"path twice":           {"GET /a /a any_token", []string{`path "/a": stands twice`}},
		"unknown method":       {"FETCH /a any_token", []string{`method "FETCH"`}},
		"method in lower case": {"get /a any_token", []string{`method "get"`, "GET POST"}},
		"HEAD":                 {"HEAD /a any_token", []string{"write GET"}},
		"CONNECT":              {"CONNECT /a any_token", []string{`method "CONNECT"`}},
		"method twice":         {"GET,POST,GET /a any_token", []string{"method GET: is named already"}},
		"method and *":         {"GET,* /a any_token", []string{"method *: is named already"}},
		"empty method":         {", /a any_token", []string{`method ""`}},
		"no condition":         {"GET /a", []string{"rule 1 (allow GET /a)", "no condition", "any_token"}},
		"age alone":            {"GET /a issued_within 2m", []string{"no condition"}},
		"any_token and scope":  {"GET /a any_token scope x", []string{"any_token asks for no scope"}},
		"any_token and any":    {"GET /a any_token any_scope x", []string{"any_token asks for no scope"}},
		"any_token and claim":  {"GET /a any_token claim a=b", []string{"any_token asks for no scope"}},
		"scope twice":          {"GET /a scope x,x", []string{`scope "x": stands twice`}},
		"scope in both":        {"GET /a scope x any_scope y,x", []string{`scope "x": stands twice`}},
		"bad scope":            {`GET /a scope x"y`, []string{"RFC 6749"}},
		"empty scope":          {"GET /a scope x,", []string{`scope ""`}},
		"claim without name":   {"GET /a claim =b", []string{"claim without a name"}},
		"F6 claim of nothing":  {"GET /a claim a=", []string{`claim "a": an empty value`}},
		"bad pointer":          {"GET /a claim /a~2=b", []string{"~0 for a tilde"}},
		"public and scope":     {"public GET /a scope x", []string{"rule 1 (public GET /a)", "write allow"}},
		"public and any_token": {"public GET /a any_token", []string{"write allow"}},
		"public and age":       {"public GET /a issued_within 2m", []string{"write allow"}},
		"public and once":      {"public GET /a once", []string{"write allow"}},
		"once alone":           {"GET /a once", []string{"no condition"}},
		"once on WS":           {"WS /a any_token once", []string{"rule 1 (allow WS /a)", "once does not go with WS"}},
		"once on WS and GET":   {"GET,WS /a any_token once", []string{"once does not go with WS"}},
		"public **":            {"public GET,POST /a/**", []string{"/a/**", "GET alone"}},
		"public WS **":         {"public WS /**", []string{"GET alone"}},
		"public OPTIONS":       {"public OPTIONS /a", []string{"OPTIONS"}},
		"public *":             {"public * /a", []string{"OPTIONS, which * contains"}},

		"hidden":               {"GET /** any_token\nGET /a scope x", []string{"rule 2 (allow GET /a)", "hidden on /a by rule 1 (allow GET /**)"}},
		"hidden by skeleton":   {"GET /a any_token\nGET /A/ scope x", []string{"hidden on /A/ by rule 1"}},
		"hidden in part":       {"GET /a any_token\nPOST,GET /b /a scope x", []string{"hidden on /a by rule 1"}},
		"hidden by two":        {"GET /a any_token\nGET /b any_token\nGET /a /b scope x", []string{"rule 3", "hidden on /a by rule 1"}},
		"hidden behind *":      {"* /a/* any_token\nDELETE /a/b scope x", []string{"rule 2 (allow DELETE /a/b)", "rule 1 (allow * /a/*)"}},
		"* hidden":             {"* /a any_token\n* /a scope x", []string{"rule 2", "rule 1"}},
		"* hidden by pieces":   {"GET,POST,PUT /a any_token\nPATCH,DELETE,OPTIONS /a any_token\n* /a scope x", []string{"rule 3", "rule 2"}},
		"WS hidden":            {"WS /a scope x\n*,WS /a scope x", []string{"rule 2 (allow *,WS /a)", "rule 1"}},
		"hidden, more allowed": {"GET /a any_token\nGET /a issued_within 2m scope x", []string{"rule 2", "rule 1"}},

		"WS with other scope":  {"GET /a scope x\nWS /a scope y", []string{"rule 2 (allow WS /a): asks less", "rule 1 (allow GET /a)"}},
		"WS first":             {"WS /a scope y\nGET /a scope x", []string{"rule 1 (allow WS /a): asks less", "rule 2"}},
		"WS and GET **":        {"GET /** scope x\nWS /a scope y", []string{"asks less of WS on /a"}},
		"WS and GET *":         {"* /* scope x\nWS /a/** scope y", []string{"asks less of WS on /a/**"}},
		"WS by skeleton":       {"GET /A/ scope x\nWS /a scope y", []string{"asks less"}},
		"WS with fewer scopes": {"GET /a scope x,y\nWS /a scope x", []string{"asks less"}},
		"WS for anybody":       {"GET /a any_token\npublic WS /a", []string{"asks less"}},
		"WS any_token":         {"GET /a scope x\nWS /a any_token", []string{"asks less"}},
		"WS any_scope":         {"GET /a any_scope x,y\nWS /a any_scope y,z", []string{"asks less"}},
		"WS no any_scope":      {"GET /a any_scope x,y\nWS /a scope z", []string{"asks less"}},
		"WS claim":             {"GET /a claim r=x\nWS /a claim r=x,y", []string{"asks less"}},
		"WS without claim":     {"GET /a claim r=x\nWS /a scope x", []string{"asks less"}},
		"WS older":             {"GET /a scope x issued_within 1m\nWS /a scope x issued_within 2m", []string{"asks less"}},
		"WS of any age":        {"GET /a scope x issued_within 1m\nWS /a scope x", []string{"asks less"}},
		"WS beside once":       {"GET /a scope x once\nWS /a scope x", []string{"rule 2 (allow WS /a): opens on /a", "rule 1 (allow GET /a)", "leave WS out"}},
		"WS before once":       {"WS /a scope x,y issued_within 1s\nGET /** scope x once", []string{"rule 1 (allow WS /a): opens on /a", "rule 2"}},
		"public WS, once":      {"GET /a any_token once\npublic WS /a", []string{"leave WS out"}},
		"WS, * once":           {"* /A/ any_token once\nWS /a any_token", []string{"leave WS out"}},
		"WS, second GET":       {"GET /a/b scope x\nGET /a/** scope y\nWS /a/* scope x", []string{"rule 3", "rule 2"}},
	} {
		t.Run("deny/"+name, func(t *testing.T) {
			t.Parallel()
			_, err := compile(strings.Split(c.rules, "\n")...)
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q", err, want)
				}
			}
		})
	}
}

func TestF3_RefusesEmptyConfiguration(t *testing.T) {
	t.Parallel()
	for name, rules := range map[string][]*Rule{
		"nil":            nil,
		"no rules":       {},
		"null":           {nil},
		"empty rule":     {{}},
		"no method":      {{Paths: []string{"/"}, AnyToken: true}},
		"no claim value": {{Methods: []string{"GET"}, Paths: []string{"/"}, Claim: map[string][]string{"a": nil}}},
		"negative age":   {{Methods: []string{"GET"}, Paths: []string{"/"}, AnyToken: true, IssuedWithin: -1}},
	} {
		if _, err := New(rules); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestAcceptsConfiguration(t *testing.T) {
	t.Parallel()
	for name, rules := range map[string]string{
		"other methods by *":     "GET /a scope x\n* /a scope y",
		"other methods by *, WS": "GET,WS /a scope x\nGET /b any_token\n* /a scope y",
		"* and WS":               "*,WS /a scope x",
		"both spellings":         "GET /a /a/ /A scope x",
		"special before general": "GET /a/b scope x\nGET /a/* scope y\nGET /** scope z",
		"partly covered":         "GET /a/* scope x\nGET /a/** scope y",
		"public GET **":          "public GET /**",
		"public POST":            "public GET,POST /a/*",
		"WS where no GET is":     "WS /a scope x\nPOST /a scope y",
		"WS asks the same":       "GET /a scope x,y\nWS /a scope y,x",
		"WS asks more":           "GET /** scope x\nWS /a scope y,x",
		"WS beside public GET":   "public GET /**\nWS /a scope x",
		"WS beside any_token":    "GET /** any_token\nWS /a claim a=b",
		"public WS":              "public GET,WS /a",
		"WS of any scope":        "GET /a any_scope x,y\nWS /a scope y",
		"WS of some":             "GET /a any_scope x,y,z\nWS /a any_scope z,y",
		"WS claim":               "GET /a claim r=x,y\nWS /a claim r=y",
		"WS younger":             "GET /a scope x issued_within 2m\nWS /a scope x issued_within 1m",
		"GET decided before":     "GET,WS /a scope x\nGET /** scope y",
		"age and any_token":      "GET /a any_token issued_within 2m",
		"once":                   "GET /a any_token once",
		"once for all methods":   "* /** any_token once",
		"once, no WS there":      "GET,POST /a scope x once\nWS /b scope x\nGET /** scope x",
		"once behind GET,WS":     "GET,WS /a scope x\nGET /** scope x once",
		"once and POST alone":    "POST /a scope x once\nWS /a scope x",
		"all conditions":         "GET /a scope x any_scope y claim z=1 issued_within 1d once",
	} {
		if _, err := compile(strings.Split(rules, "\n")...); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
