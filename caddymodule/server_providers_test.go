package caddymodule_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// providers is one latch with the recipe of each provider in README, on a site of its own.
type providers struct {
	bot    *latchtest.Bot
	latch  *latchtest.Latch
	key    latchtest.Key // of all of them, so that it is the rest that tells them apart
	client *http.Client
}

func startProviders(t *testing.T) *providers {
	t.Helper()
	p := &providers{bot: latchtest.StartBot(t), key: latchtest.NewKey(t, jose.RS256), client: new(http.Client)}
	t.Cleanup(p.client.CloseIdleConnections)
	sites := "{\n\tadmin {$ADMIN}\n\tauto_https off\n}\n\n"
	for name, recipe := range providerRecipes(t) {
		sites += recipeOn(t, providerHost(name), recipe)
	}
	p.latch = latchtest.Start(t, sites, "BOT="+p.bot.Address(), "KEYS="+p.key.File)
	return p
}

// providerHost is the name of a provider's site.
func providerHost(provider string) string {
	return strings.ToLower(strings.ReplaceAll(provider, " ", "-")) + ".localhost"
}

// meets sends a token to the site of a provider, and asserts that reason refuses it; empty: that it reaches the bot, once.
func (p *providers) meets(t *testing.T, provider, token, reason string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.latch.URL+"/door/open", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = providerHost(provider) + strings.TrimPrefix(p.latch.URL, "http://127.0.0.1")
	req.Header.Set("Authorization", "Bearer "+token)
	before := p.bot.Hits()
	res, err := p.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	status, hits := http.StatusUnauthorized, 0
	switch reason {
	case "":
		status, hits = http.StatusOK, 1
	case "insufficient_scope", "claim_not_met":
		status = http.StatusForbidden
	}
	if got := p.bot.Hits() - before; res.StatusCode != status || got != hits {
		t.Errorf("%s: status %d and %d requests at the bot, want %d and %d", provider, res.StatusCode, got, status, hits)
	}
	if got := p.reason(t, provider, token); got != reason {
		t.Errorf("%s: reason %q, want %q", provider, got, reason)
	}
}

// reason is the first thing that is wrong with a token, as the latch tells its operator and no client.
func (p *providers) reason(t *testing.T, provider, token string) string {
	t.Helper()
	status, answer := p.latch.Ask(t, http.MethodPost, "/botlatch/inspect", `{"token":"`+token+`","method":"POST","path":"/door/open"}`)
	var inspected struct {
		Sites []struct {
			Hosts         []string
			Checks, Rules []struct{ Reason string }
		}
	}
	if err := json.Unmarshal([]byte(answer), &inspected); err != nil || status != http.StatusOK {
		t.Fatalf("status %d, %v", status, err)
	}
	for _, site := range inspected.Sites {
		if !slices.Contains(site.Hosts, providerHost(provider)) {
			continue
		}
		for _, row := range append(site.Checks, site.Rules...) {
			if row.Reason != "" {
				return row.Reason
			}
		}
		return ""
	}
	t.Fatalf("no site of %s", provider)
	return ""
}

// A recipe is worth what it lets in and what it keeps out: tokens of the shapes that the providers send.
func TestTheReadmesProvidersOpenForTheirAccessTokensAlone(t *testing.T) {
	t.Parallel()
	p := startProviders(t)
	stranger := latchtest.NewKey(t, jose.RS256)
	fixtures := providerFixtures(t)
	for _, provider := range slices.Sorted(maps.Keys(fixtures)) {
		f := fixtures[provider]
		t.Run(provider, func(t *testing.T) {
			usual := f.sign(t, p.key, providerToken{})
			p.meets(t, provider, usual, "")
			for name, token := range f.Accepted {
				t.Run("ok/"+name, func(t *testing.T) { p.meets(t, provider, f.sign(t, p.key, token), "") })
			}
			for name, token := range f.Refused {
				t.Run("deny/"+name, func(t *testing.T) {
					if token.Reason == "" {
						t.Fatal("it does not say why")
					}
					p.meets(t, provider, f.sign(t, p.key, token), token.Reason)
				})
			}
			t.Run("deny/expired", func(t *testing.T) {
				p.meets(t, provider, f.sign(t, p.key, providerToken{Change: map[string]any{"exp": -1.0}}), "expired")
			})
			t.Run("deny/another's key", func(t *testing.T) {
				p.meets(t, provider, f.sign(t, stranger, providerToken{}), "unknown_key")
				posing := *stranger.SigningKey
				posing.ID = p.key.ID
				p.meets(t, provider, f.sign(t, latchtest.Key{SigningKey: &posing}, providerToken{}), "bad_signature")
			})
			t.Run("deny/at another provider's site", func(t *testing.T) {
				for other := range fixtures {
					if other != provider {
						p.meets(t, other, usual, "unknown_issuer")
					}
				}
			})
		})
	}
}

func TestEveryProviderOfTheReadmeHasTokens(t *testing.T) {
	t.Parallel()
	recipes, fixtures := providerRecipes(t), providerFixtures(t)
	if got, want := slices.Sorted(maps.Keys(fixtures)), slices.Sorted(maps.Keys(recipes)); !slices.Equal(got, want) || len(got) < 12 {
		t.Errorf("tokens of %q, recipes for %q", got, want)
	}
	for provider, f := range fixtures {
		id := 0
		for name := range f.Refused {
			if strings.HasPrefix(name, "the ID token") {
				id++
			}
		}
		if id == 0 {
			t.Errorf("%s: no ID token is tried", provider)
		}
		// Where an ID token opens the bot the recipe must say so.
		for name := range f.Accepted {
			if strings.Contains(name, "ID token") && !strings.Contains(recipes[provider], "insecure_accept_id_tokens") {
				t.Errorf("%s: %s is accepted", provider, name)
			}
		}
		if provider != "Dex" && strings.Contains(recipes[provider], "insecure_accept_id_tokens") {
			t.Errorf("%s needs no ID tokens", provider)
		}
	}
}
