package accesstoken_test

import (
	"crypto"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
)

// What Dex puts into both kinds of token passes when it is said aloud. Whatever else tells another kind still refuses.
func TestIDTokensPassOnlyWhereItIsSaid(t *testing.T) {
	t.Parallel()
	issuer := func(accept bool) *accesstoken.Issuer {
		return &accesstoken.Issuer{Name: provider, Keys: keySet(t, "public.jwks.json"), Audience: []string{door}, AcceptIDTokens: accept}
	}
	lax, usual := newVerifier(t, issuer(true)), newVerifier(t, issuer(false))
	for name, said := range map[string][]string{
		"ok/nonce":          {"nonce", `"n"`},
		"ok/at_hash":        {"at_hash", `"h"`},
		"ok/both":           {"nonce", `"n"`, "at_hash", `"h"`},
		"deny/c_hash":       {"c_hash", `"h"`},
		"deny/all three":    {"nonce", `"n"`, "at_hash", `"h"`, "c_hash", `"h"`},
		"deny/events":       {"nonce", `"n"`, "events", `{}`},
		"deny/cnf":          {"nonce", `"n"`, "cnf", `{"jkt":"x"}`},
		"deny/Keycloak":     {"nonce", `"n"`, "typ", `"ID"`},
		"deny/Cognito":      {"at_hash", `"h"`, "token_use", `"id"`},
		"deny/on no list":   {"nonce", `"n"`, "status", `{"status_list":{"idx":0,"uri":"https://id.example/1"}}`},
		"deny/c_hash, null": {"c_hash", `null`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw := sign(header("ES256", "p256"), claims(said...), es(crypto.SHA256, loadKeys().p256))
			want := "wrong_profile"
			if name[:2] == "ok" {
				want = "ok"
			}
			_, err := lax.Verify(t.Context(), raw)
			wantLabel(t, err, want)
			_, err = usual.Verify(t.Context(), raw)
			wantLabel(t, err, "wrong_profile")
		})
	}
	_, err := lax.Verify(t.Context(), sign(header("ES256", "p256", "typ", `"logout+jwt"`), claims(), es(crypto.SHA256, loadKeys().p256)))
	wantLabel(t, err, "wrong_profile")
}
