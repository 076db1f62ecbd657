package accesstoken_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/keysource"
)

// The issuers of the site that the vectors meet. Their names differ from what a token may say by a slash or a case.
const (
	provider = "https://id.example"      // compat; public keys with a kid; audience door
	strict   = "https://strict.example/" // RFC 9068; the same keys and audience
	narrow   = "https://narrow.example"  // the same keys, ES256 alone; no audience, the client phone alone
	bare     = "https://bare.example"    // one RSA key without a kid; no audience
	door     = "urn:bot:door"
)

// When most vectors arrive: a minute after they were issued, an hour before they expire.
const (
	issued  = 1700000000
	arrival = issued + 60
)

var site = accesstoken.Validation{Leeway: 5 * time.Second, MaxLifetime: 24 * time.Hour}

// verifier accepts the issuers above and a nameless one, whose secret has 64 bytes. Keys are read as the latch reads
// them; what a set holds and cannot be used is skipped.
func verifier(t testing.TB) *accesstoken.Verifier {
	t.Helper()
	public := keySet(t, "public.jwks.json")
	shared, err := jose.Secret([]byte(read(t, "keys", "test-only-secret.txt")))
	if err != nil {
		t.Fatal(err)
	}
	return newVerifier(t,
		&accesstoken.Issuer{Name: provider, Keys: public, Audience: []string{door}},
		&accesstoken.Issuer{Name: strict, Keys: public, Audience: []string{door}, Profile: accesstoken.Strict},
		&accesstoken.Issuer{Name: narrow, Keys: public, Algorithms: []jose.Algorithm{jose.ES256}, ClientID: []string{"phone"}},
		&accesstoken.Issuer{Name: bare, Keys: keySet(t, "rsa.public.pem")},
		&accesstoken.Issuer{Keys: keysource.Static(shared)},
	)
}

func newVerifier(t testing.TB, issuers ...*accesstoken.Issuer) *accesstoken.Verifier {
	t.Helper()
	v, err := accesstoken.NewVerifier(issuers)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func keySet(t testing.TB, file string) accesstoken.KeySource {
	t.Helper()
	set, _, err := jose.ParseKeySet([]byte(read(t, "keys", file)))
	if err != nil {
		t.Fatal(err)
	}
	return keysource.Static(set)
}

func read(t testing.TB, path ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(append([]string{"testdata"}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// accept is the whole of what a token is asked: Verify, then Validate.
func accept(ctx context.Context, v *accesstoken.Verifier, raw string, now time.Time) (*accesstoken.Token, error) {
	token, err := v.Verify(ctx, raw)
	if err != nil {
		return nil, err
	}
	return token, site.Validate(token, now)
}

// label is the row of err, or ok.
func label(err error) string {
	if err == nil {
		return "ok"
	}
	return deny.ReasonOf(err).String()
}

// ofTokens are the rows that a token can meet here; those before it reaches Verify and behind Validate are others'.
func ofTokens() []string {
	var labels []string
	for reason := deny.MalformedToken; reason <= deny.WrongAudience; reason++ {
		labels = append(labels, reason.String())
	}
	return labels
}

func wantLabel(t testing.TB, err error, want string) {
	t.Helper()
	if got := label(err); got != want {
		t.Errorf("got %s (%v), want %s", got, err, want)
	}
	if err != nil && want != "ok" && want != deny.Unavailable.String() && !slices.Contains(ofTokens(), label(err)) {
		t.Errorf("%s is not a row for a token", label(err))
	}
}
