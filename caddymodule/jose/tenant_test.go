package jose_test

import (
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

func TestTenantIsReadByItsTemplate(t *testing.T) {
	t.Parallel()
	const v2 = "https://login.microsoftonline.com/{tenantid}/v2.0"
	for name, test := range map[string]struct{ template, name, want string }{
		"ok/one":                  {v2, "https://login.microsoftonline.com/9188040d-6c67/v2.0", "9188040d-6c67"},
		"ok/twice":                {"https://{tenantid}.ciamlogin.com/{tenantid}/v2.0", "https://ab-1.ciamlogin.com/ab-1/v2.0", "ab-1"},
		"ok/at the end":           {"x:{tenantid}", "x:ab", "ab"},
		"deny/two tenants":        {"https://{tenantid}.ciamlogin.com/{tenantid}/v2.0", "https://ab.ciamlogin.com/cd/v2.0", ""},
		"deny/none":               {v2, "https://login.microsoftonline.com//v2.0", ""},
		"deny/two segments":       {v2, "https://login.microsoftonline.com/a/b/v2.0", ""},
		"deny/with a slash":       {v2, "https://login.microsoftonline.com/a/v2.0/", ""},
		"deny/another host":       {v2, "https://login.microsoftonline.us/a/v2.0", ""},
		"deny/first version":      {v2, "https://sts.windows.net/a/", ""},
		"deny/case":               {v2, "https://login.microsoftonline.com/a/V2.0", ""},
		"deny/itself":             {v2, v2, ""},
		"deny/not the whole name": {"{tenantid}", "https://id.example/", ""},
		"deny/another spelling":   {"https://a/{tenantId}/", "https://a/b/", ""},
		"deny/nothing":            {v2, "", ""},
		"deny/a dot":              {v2, "https://login.microsoftonline.com/a.b/v2.0", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, ok := jose.Tenant(test.template, test.name); got != test.want || ok != strings.HasPrefix(name, "ok/") {
				t.Errorf("got %q, %t", got, ok)
			}
		})
	}
	if tenant, ok := jose.Tenant("https://id.example", "https://id.example"); !ok || tenant != "" {
		t.Errorf("a name is not itself: %q, %t", tenant, ok)
	}
}

// Entra's set for all its tenants holds the keys of personal accounts, too, which must not sign for an organization.
func TestKeyServesTheIssuerThatItNames(t *testing.T) {
	t.Parallel()
	set := keySet(t, jwks(
		with(members(p256().Public()), "kid", "all", "issuer", "https://login.microsoftonline.com/{tenantid}/v2.0"),
		with(members(p384().Public()), "kid", "one", "issuer", "https://login.microsoftonline.com/9188/v2.0"),
		with(members(edKey().Public()), "kid", "silent"),
	))
	for issuer, want := range map[string]string{
		"https://login.microsoftonline.com/72f9/v2.0": "all silent",
		"https://login.microsoftonline.com/9188/v2.0": "all one silent",
		"https://sts.windows.net/72f9/":               "silent",
		"https://id.example":                          "silent",
		"":                                            "silent",
	} {
		own, skipped, err := set.Of(issuer)
		if err != nil {
			t.Fatal(err)
		}
		var kids []string
		for _, k := range own.Keys() {
			kids = append(kids, k.ID)
		}
		if got := strings.Join(kids, " "); got != want {
			t.Errorf("%q: got %s, want %s", issuer, got, want)
		}
		if len(kids)+len(skipped) != set.Len() {
			t.Errorf("%q: %d skipped of %d", issuer, len(skipped), set.Len())
		}
		for _, why := range skipped {
			if !strings.Contains(why.Error(), `with kid "`) || !strings.Contains(why.Error(), "another issuer's") {
				t.Errorf("it says %q", why)
			}
		}
	}
	theirs := keySet(t, jwks(with(members(p256().Public()), "issuer", "https://other.example")))
	if own, skipped, err := theirs.Of("https://id.example"); err == nil || own != nil || len(skipped) != 1 {
		t.Errorf("a set of another issuer's keys is %v, skipped %v", own, skipped)
	}
	// A key whose issuer changes is another one: what it has verified must be verified again.
	plain := keySet(t, jwks(with(members(p256().Public()), "kid", "all")))
	if plain.Has(set.Keys()[0]) || set.Has(plain.Keys()[0]) {
		t.Error("the same key without its issuer stands for it")
	}
}
