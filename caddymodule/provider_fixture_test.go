package caddymodule_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// providerTokens are tokens as one provider makes them: a file of testdata/providers.
type providerTokens struct {
	Provider string                   // as README names it
	Line     *providerLine            // what README says of it in a line; nil: it has a Caddyfile there
	Type     string                   `json:"typ"` // of the header
	Access   map[string]any           // the claims of the token that README's recipe is for; times are seconds from now
	Accepted map[string]providerToken // other access tokens of the provider
	Refused  map[string]providerToken // what somebody may take for one
}

// providerLine is a recipe without a Caddyfile.
type providerLine struct{ Issuer, Audience, Rule string }

// providerToken is an access token with changes, or one of its own.
type providerToken struct {
	Type   *string        `json:"typ"`
	Claims map[string]any // nil: those of Access
	Change map[string]any // null takes a claim away
	Reason string         // row of deny; empty: it is accepted
}

// providerFixtures reads the files, by the name that README gives to each provider.
func providerFixtures(t *testing.T) map[string]providerTokens {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "providers", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]providerTokens)
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var p providerTokens
		if err := json.Unmarshal(b, &p); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if _, twice := all[p.Provider]; twice {
			t.Fatalf("%s stands twice", p.Provider)
		}
		all[p.Provider] = p
	}
	return all
}

// sign makes a token of the provider.
func (p providerTokens) sign(t *testing.T, key latchtest.Key, token providerToken) string {
	t.Helper()
	claims := maps.Clone(p.Access)
	if token.Claims != nil {
		claims = maps.Clone(token.Claims)
	}
	for name, value := range token.Change {
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
	}
	for _, name := range [...]string{"exp", "iat", "nbf", "auth_time", "rat"} {
		if seconds, ok := claims[name].(float64); ok {
			claims[name] = time.Now().Unix() + int64(seconds)
		}
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	typ := p.Type
	if token.Type != nil {
		typ = *token.Type
	}
	return key.Sign(t, typ, string(payload))
}

// providerRecipes are the Caddyfiles that README has for providers, or describes, by name.
func providerRecipes(t *testing.T) map[string]string {
	t.Helper()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "\n## Identity providers\n")
	section, _, _ = strings.Cut(section, "\n## ")
	all := make(map[string]string)
	for _, match := range regexp.MustCompile("(?s)(?:^|\n)\\*\\*([^*]+)\\.\\*\\*(.*?)```caddyfile\n(.*?)```").FindAllStringSubmatch(section, -1) {
		if strings.Contains(match[2], "\n**") {
			t.Errorf("%s has no Caddyfile", match[1])
		}
		all[match[1]] = match[3]
	}
	for _, item := range strings.Split(section, "\n- ")[1:] {
		name, text, _ := strings.Cut(item, ": ")
		all[name] = describedRecipe(t, name, text)
	}
	return all
}

// describedRecipe is the Caddyfile that README describes in a line.
func describedRecipe(t *testing.T, provider, text string) string {
	t.Helper()
	line := providerFixtures(t)[provider].Line
	if line == nil {
		t.Fatalf("no line for %s", provider)
	}
	for _, word := range []string{line.Issuer, line.Rule} {
		if !strings.Contains(text, "`"+word+"`") {
			t.Errorf("README says nothing of %q for %s", word, provider)
		}
	}
	return "bot.example.com {\n\tbotlatch {\n\t\tissuer " + line.Issuer + " {\n\t\t\tkeys discovery\n\t\t\taudience " + line.Audience + "\n\t\t}\n" +
		"\t\tallow POST /door/open " + line.Rule + "\n\t}\n\treverse_proxy 127.0.0.1:3000\n}\n"
}

var (
	recipeSite = regexp.MustCompile(`(?m)^bot\.example\.com \{$`)
	recipeKeys = regexp.MustCompile(`(?m)^(\t+)keys (discovery|static .*)$`)
	recipeBot  = regexp.MustCompile(`(?m)^(\t+)reverse_proxy 127\.0\.0\.1:3000$`)
)

// recipeOn is a recipe as a site of this machine, with the test's keys: nothing else of it is changed.
func recipeOn(t *testing.T, host, recipe string) string {
	t.Helper()
	for _, change := range []struct {
		what *regexp.Regexp
		to   string
	}{
		{recipeSite, "http://" + host + ":{$$PORT} {\n\tbind 127.0.0.1"},
		{recipeKeys, "${1}keys static {$$KEYS}"},
		{recipeBot, "${1}reverse_proxy {$$BOT}"},
	} {
		if found := change.what.FindAllString(recipe, -1); len(found) != 1 {
			t.Fatalf("%s stands %d times in\n%s", change.what, len(found), recipe)
		}
		recipe = change.what.ReplaceAllString(recipe, change.to)
	}
	return recipe
}
