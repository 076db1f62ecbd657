package cors_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/cors"
)

const app = "https://app.example.com"

func TestOriginsAreWrittenAsBrowsersDo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ origin, problem string }{
		"ok/https":               {app, ""},
		"ok/port":                {"http://localhost:5173", ""},
		"ok/address":             {"http://192.168.1.7:8080", ""},
		"ok/IPv6":                {"https://[fd00::1]:8443", ""},
		"ok/an app's own scheme": {"capacitor://localhost", ""},
		"ok/punycode":            {"https://xn--bcher-kva.example", ""},
		"deny/star":              {"*", "name the origins"},
		"deny/star in a host":    {"https://*.example.com", "name the origins"},
		"deny/null":              {"null", "name the origins"},
		"deny/no scheme":         {"app.example.com", "no origin"},
		"deny/empty":             {"", "no origin"},
		"deny/path":              {app + "/", "browsers write this origin " + app},
		"deny/query":             {app + "?a", "browsers write this origin " + app},
		"deny/own port":          {app + ":443", "browsers write this origin " + app},
		"deny/own port of IPv6":  {"http://[fd00::1]:80", "browsers write this origin http://[fd00::1]"},
		"deny/capitals":          {"https://App.example.com", "browsers write this origin " + app},
		"deny/user":              {"https://ana@app.example.com", "browsers write this origin " + app},
		"deny/not ASCII":         {"https://bücher.example", "ASCII"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := cors.New([]string{app, c.origin})
			if (err == nil) != (c.problem == "") || err != nil && !strings.Contains(err.Error(), c.problem) {
				t.Errorf("%v, want %q", err, c.problem)
			}
		})
	}
}

func TestPreflightsOfTheOriginsAreAnswered(t *testing.T) {
	t.Parallel()
	policy, err := cors.New([]string{app})
	if err != nil {
		t.Fatal(err)
	}
	preflight := http.Header{
		"Origin": {app}, "Access-Control-Request-Method": {"POST"}, "Access-Control-Request-Headers": {"authorization, content-type"},
	}
	with := func(name string, values ...string) http.Header {
		h := preflight.Clone()
		h[name] = values
		return h
	}
	for name, c := range map[string]struct {
		method  string
		fields  http.Header
		answers bool
		allowed string // header fields
	}{
		"ok/usual":                 {http.MethodOptions, preflight, true, "authorization, content-type"},
		"ok/no fields asked for":   {http.MethodOptions, with("Access-Control-Request-Headers"), true, ""},
		"ok/what is no field name": {http.MethodOptions, with("Access-Control-Request-Headers", "a b, c\r\nX: y, d", "e,,"), true, "d, e"},
		"deny/another origin":      {http.MethodOptions, with("Origin", "https://evil.example.com"), false, ""},
		"deny/origin with more":    {http.MethodOptions, with("Origin", app+".evil.example"), false, ""},
		"deny/null":                {http.MethodOptions, with("Origin", "null"), false, ""},
		"deny/no origin":           {http.MethodOptions, with("Origin"), false, ""},
		"deny/two origins":         {http.MethodOptions, with("Origin", app, app), false, ""},
		"deny/no method asked for": {http.MethodOptions, with("Access-Control-Request-Method"), false, ""},
		"deny/no method name":      {http.MethodOptions, with("Access-Control-Request-Method", "PO ST"), false, ""},
		"deny/POST":                {http.MethodPost, preflight, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, w := httptest.NewRequestWithContext(t.Context(), c.method, "/api/door/unlock", http.NoBody), httptest.NewRecorder()
			r.Header = c.fields
			if got := policy.Preflight(w, r); got != c.answers {
				t.Fatalf("answered: %t", got)
			}
			if !c.answers {
				if len(w.Header()) > 0 {
					t.Errorf("not answered, and yet %v", w.Header())
				}
				return
			}
			for field, want := range map[string]string{
				"Access-Control-Allow-Origin": app, "Access-Control-Allow-Methods": "POST", "Access-Control-Allow-Headers": c.allowed,
				"Access-Control-Max-Age": "600", "Access-Control-Allow-Credentials": "", "Cache-Control": "no-store",
			} {
				if got := strings.Join(w.Header()[field], "|"); got != want {
					t.Errorf("%s: %q, want %q", field, got, want)
				}
			}
			if w.Code != http.StatusNoContent || len(w.Header()["Vary"]) != 3 {
				t.Errorf("status %d, Vary %q", w.Code, w.Header()["Vary"])
			}
		})
	}
}

func TestWhatTheBotSaysIsReplaced(t *testing.T) {
	t.Parallel()
	policy, err := cors.New([]string{app})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		origin, vary string
		want         http.Header
	}{
		"ok/a page of the policy": {app, "Accept", http.Header{
			"Vary": {"Accept", "Origin"}, "Access-Control-Allow-Origin": {app}, "Access-Control-Expose-Headers": {"WWW-Authenticate, *"},
		}},
		"ok/varies already": {app, "accept, origin", http.Header{
			"Vary": {"accept, origin"}, "Access-Control-Allow-Origin": {app}, "Access-Control-Expose-Headers": {"WWW-Authenticate, *"},
		}},
		"deny/any other page": {"", "*", http.Header{"Vary": {"*"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{
				"Access-Control-Allow-Origin": {"*", app}, "Access-Control-Allow-Credentials": {"true"}, "Vary": {c.vary},
				"access-control-allow-private-network": {"true"}, "Content-Type": {"text/plain"},
			}
			policy.Replace(h, c.origin)
			policy.Replace(h, c.origin) // twice is once
			c.want["Content-Type"] = []string{"text/plain"}
			for field, values := range h {
				if !slices.Equal(values, c.want[field]) {
					t.Errorf("%s: %q, want %q", field, values, c.want[field])
				}
			}
			if len(h) != len(c.want) {
				t.Errorf("%v, want %v", h, c.want)
			}
		})
	}
}
