package session_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/session"
)

var ours = session.CookieName(site)

func TestEachOriginHasItsCookie(t *testing.T) {
	t.Parallel()
	if !strings.HasPrefix(ours, "__Host-Http-botlatch-") || len(ours) != len("__Host-Http-botlatch-")+8 {
		t.Errorf("name %q", ours)
	}
	for _, other := range []string{site + ":8443", "http://lock.example.com", "https://lock.example.org"} {
		if session.CookieName(other) == ours {
			t.Errorf("%s has the same", other)
		}
	}
}

func TestOnlyTheOneCookieOfThatNameCounts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fields []string
		want   string
	}{
		"ok/alone":                {[]string{ours + "=a.b.c"}, "a.b.c"},
		"ok/among others":         {[]string{"x=1; " + ours + "=a.b.c; y"}, "a.b.c"},
		"ok/split, as in HTTP/2":  {[]string{"x=1", ours + "=a"}, "a"},
		"ok/of another site, too": {[]string{session.CookieName(site+":1") + "=b; " + ours + "=a"}, "a"},
		"deny/none":               {nil, ""},
		"deny/two":                {[]string{ours + "=a; " + ours + "=a"}, ""},
		"deny/two fields":         {[]string{ours + "=a", ours + "=b"}, ""},
		"deny/other case":         {[]string{strings.ToLower(ours) + "=a"}, ""},
		"deny/longer":             {[]string{ours + "x=a"}, ""},
		"deny/nameless":           {[]string{"=" + ours + "=a"}, ""},
		"deny/no value":           {[]string{ours}, ""},
		"deny/space in front":     {[]string{"\u2000" + ours + "=a"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
			r.Header["Cookie"] = c.fields
			if got := session.Find(r, ours); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestNoCookieOfOursReachesABot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ fields, want []string }{
		"none":              {nil, nil},
		"others alone stay": {[]string{"a=1;b=2 ", "c"}, []string{"a=1;b=2 ", "c"}},
		"ours alone":        {[]string{ours + "=a"}, nil},
		"among others":      {[]string{"a=1; " + ours + "=s;b=\"x y\"", "c"}, []string{`a=1; b="x y"; c`}},
		"of other sites":    {[]string{"__Host-Http-botlatch-flow-12=x; a"}, []string{"a"}},
		"in any case":       {[]string{"__HOST-http-BotLatch-00000000=x; a"}, []string{"a"}},
		"nameless":          {[]string{"=" + ours + "=x; a"}, []string{"a"}},
		"not ours":          {[]string{"x" + ours + "=x"}, []string{"x" + ours + "=x"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
			if c.fields != nil {
				r.Header["Cookie"] = c.fields
			}
			session.Remove(r)
			if got, there := r.Header["Cookie"]; !slices.Equal(got, c.want) || there != (c.want != nil) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestABotSetsNoCookieOfOurs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ fields, want []string }{
		"none":        {nil, nil},
		"its own":     {[]string{"a=1; Path=/"}, []string{"a=1; Path=/"}},
		"ours":        {[]string{ours + "=planted; Path=/"}, nil},
		"both":        {[]string{ours + "=planted", "a=1", " " + strings.ToUpper(ours) + "=x"}, []string{"a=1"}},
		"nameless":    {[]string{"=" + ours + "=planted"}, nil},
		"in the name": {[]string{"a" + ours + "=1"}, []string{"a" + ours + "=1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := make(http.Header)
			if c.fields != nil {
				h["Set-Cookie"] = c.fields
			}
			session.Withhold(h)
			if got, there := h["Set-Cookie"]; !slices.Equal(got, c.want) || there != (c.want != nil) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
