package statuslist

import (
	"strings"
	"testing"
)

func TestURIsBelowAPrefix(t *testing.T) {
	t.Parallel()
	const below = "https://id.example/status"
	for name, c := range map[string]struct{ prefix, uri string }{
		"ok/below":                  {below, "https://id.example/status/1"},
		"ok/far below":              {below, "https://id.example/status/a/b/c.jwt"},
		"ok/itself":                 {below, below},
		"ok/itself with a slash":    {below, below + "/"},
		"ok/prefix with a slash":    {below + "/", "https://id.example/status/1"},
		"ok/a port":                 {"https://id.example:8443/status", "https://id.example:8443/status/1"},
		"ok/a whole host":           {"https://id.example", "https://id.example/1"},
		"ok/a whole host, slash":    {"https://id.example/", "https://id.example/1"},
		"ok/dots in a name":         {below, "https://id.example/status/..a"},
		"ok/an address":             {"https://127.0.0.1:4433/status", "https://127.0.0.1:4433/status/1"},
		"ok/IPv6":                   {"https://[::1]:4433/status", "https://[::1]:4433/status/1"},
		"deny/half a segment":       {below, "https://id.example/status1"},
		"deny/above":                {below, "https://id.example/"},
		"deny/beside":               {below, "https://id.example/other/1"},
		"deny/http":                 {below, "http://id.example/status/1"},
		"deny/HTTPS":                {below, "HTTPS://id.example/status/1"},
		"deny/host in upper case":   {below, "https://ID.example/status/1"},
		"deny/another host":         {below, "https://id.example.evil/status/1"},
		"deny/host goes on":         {"https://id.example", "https://id.example.evil/1"},
		"deny/host as userinfo":     {"https://id.example", "https://id.example@evil/1"},
		"deny/userinfo":             {below, "https://user@id.example/status/1"},
		"deny/password":             {"https://id.example", "https://id.example:443@evil/1"},
		"deny/another port":         {below, "https://id.example:8443/status/1"},
		"deny/the same port, said":  {below, "https://id.example:443/status/1"},
		"deny/no port":              {"https://id.example:8443/status", "https://id.example/status/1"},
		"deny/a dot at the host":    {below, "https://id.example./status/1"},
		"deny/up":                   {below, "https://id.example/status/../admin"},
		"deny/up at the end":        {below, "https://id.example/status/.."},
		"deny/up, escaped":          {below, "https://id.example/status/%2e%2e/admin"},
		"deny/up, half escaped":     {below, "https://id.example/status/.%2e/admin"},
		"deny/a dot":                {below, "https://id.example/status/./1"},
		"deny/an empty segment":     {below, "https://id.example/status//1"},
		"deny/two slashes at last":  {below, "https://id.example/status/1//"},
		"deny/two slashes at first": {"https://id.example", "https://id.example//evil/1"},
		"deny/an escaped slash":     {below, "https://id.example/status%2f1"},
		"deny/any escape":           {below, "https://id.example/status/%31"},
		"deny/a query":              {below, "https://id.example/status/1?next=https://evil"},
		"deny/an empty query":       {below, "https://id.example/status/1?"},
		"deny/a query at once":      {below, "https://id.example/status?1"},
		"deny/a fragment":           {below, "https://id.example/status/1#a"},
		"deny/an empty fragment":    {below, "https://id.example/status/1#"},
		"deny/a backslash":          {below, `https://id.example/status\..\admin`},
		"deny/a backslash behind":   {below, `https://id.example/status/\evil/1`},
		"deny/a semicolon":          {below, "https://id.example/status/1;a=b"},
		"deny/white space":          {below, "https://id.example/status/ 1"},
		"deny/white space first":    {below, " https://id.example/status/1"},
		"deny/a line":               {below, "https://id.example/status/1\r\nHost: evil"},
		"deny/NUL":                  {below, "https://id.example/status/1\x00"},
		"deny/not ASCII":            {below, "https://id.example/status/é"},
		"deny/a full-width dot":     {below, "https://id.example/status/．．/1"},
		"deny/too long":             {below, "https://id.example/status/" + strings.Repeat("x", maxURI)},
		"deny/empty":                {below, ""},
		"deny/relative":             {below, "/status/1"},
		"deny/a zone":               {"https://[::1]:4433/status", "https://[::1%25lo]:4433/status/1"},
	} {
		p, err := parsePrefix(c.prefix)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := p.covers(c.uri); got != strings.HasPrefix(name, "ok/") {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestPrefixesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", "id.example", "http://id.example/status", "https://", "https:///status", "https://:443/status", "https://id.example:/status",
		"https://ID.example/status", "https://user@id.example/status", "https://id.example/a/../b", "https://id.example//",
		"https://id.example/status?x", "https://id.example/status#x", "https://id.example/%41", "https://id.example:x/", "*",
	} {
		if p, err := parsePrefix(s); err == nil {
			t.Errorf("%q is taken for %q", s, p)
		}
	}
	if _, err := New(Config{}); err == nil {
		t.Error("lists without a prefix")
	}
}
