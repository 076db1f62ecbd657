package accesstoken_test

import (
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/keysource"
)

// What an unresolved placeholder leaves behind must not start: an empty client_id on the list would let in every token
// that names no client, whatever its audience.
func TestNewVerifierRefusesIssuersThatGuardLessThanTheySay(t *testing.T) {
	t.Parallel()
	set, err := jose.Secret([]byte("0123456789abcdefghijklmnopqrstuvwxyz"))
	if err != nil {
		t.Fatal(err)
	}
	keys := keysource.Static(set)
	for name, test := range map[string]struct {
		issuers []*accesstoken.Issuer
		want    string // in the error; empty: no error
	}{
		"ok/nameless":            {[]*accesstoken.Issuer{{Keys: keys}}, ""},
		"ok/two":                 {[]*accesstoken.Issuer{{Keys: keys}, {Name: "https://id.example", Keys: keys}}, ""},
		"ok/names differ by one": {[]*accesstoken.Issuer{{Name: "https://id.example", Keys: keys}, {Name: "https://id.example/", Keys: keys}}, ""},
		"deny/none":              {nil, "no issuer"},
		"deny/two nameless":      {[]*accesstoken.Issuer{{Keys: keys}, {Keys: keys}}, "two issuers"},
		"deny/one name twice":    {[]*accesstoken.Issuer{{Name: "a", Keys: keys}, {Name: "a", Keys: keys}}, `two issuers of the name "a"`},
		"deny/no keys":           {[]*accesstoken.Issuer{{Name: "a"}}, `issuer "a": no source of keys`},
		"deny/empty client_id":   {[]*accesstoken.Issuer{{Name: "a", Keys: keys, ClientID: []string{"phone", ""}}}, "client_id is empty"},
		"deny/empty audience":    {[]*accesstoken.Issuer{{Name: "a", Keys: keys, Audience: []string{""}}}, "audience is empty"},
		"deny/empty scope claim": {[]*accesstoken.Issuer{{Name: "a", Keys: keys, ScopeClaim: []string{""}}}, "scope_claim is empty"},
		"ok/pointers":            {[]*accesstoken.Issuer{{Keys: keys, ScopeClaim: []string{"/realm_access/roles", "/a~0~1", "a~b"}}}, ""},
		"deny/pointer to all":    {[]*accesstoken.Issuer{{Name: "a", Keys: keys, ScopeClaim: []string{"/"}}}, `issuer "a": scope_claim "/"`},
		"deny/no pointer":        {[]*accesstoken.Issuer{{Name: "a", Keys: keys, ScopeClaim: []string{"scope", "/a~2"}}}, `scope_claim "/a~2"`},
		"deny/strict, nameless":  {[]*accesstoken.Issuer{{Keys: keys, Profile: accesstoken.Strict}}, "strict"},
		"ok/ID tokens":           {[]*accesstoken.Issuer{{Name: "a", Keys: keys, AcceptIDTokens: true}}, ""},
		"deny/strict ID tokens":  {[]*accesstoken.Issuer{{Name: "a", Keys: keys, Profile: accesstoken.Strict, AcceptIDTokens: true}}, "insecure_accept_id_tokens"},
		"deny/unknown profile":   {[]*accesstoken.Issuer{{Name: "a", Keys: keys, Profile: 2}}, "profile"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := accesstoken.NewVerifier(test.issuers)
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %v, want an error with %q", err, test.want)
			case test.want != "" && v != nil:
				t.Error("a verifier beside the error")
			}
		})
	}
}
