package accesstoken_test

import (
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// Whatever names a token takes it out, and nothing that names another does.
func TestTokenCanBeRevokedByEachOfItsNames(t *testing.T) {
	t.Parallel()
	v := verifier(t)
	payload := claims("sid", `"s-1"`)
	token := verified(t, v, payload)
	thumbprint := "" // of the P-256 key
	set, err := token.Issuer.Keys.Set(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range set.Keys() {
		if key.ID == "p256" {
			thumbprint = key.Thumbprint
		}
	}
	at := time.Unix(arrival, 0)
	issuedAt := time.Unix(issued, 0)
	for name, test := range map[string]struct {
		entry revocation.Entry
		want  bool
	}{
		"deny/jti":                  {revocation.Entry{Kind: revocation.KindToken, Issuer: provider, Value: "j-1"}, true},
		"deny/fingerprint":          {revocation.Entry{Kind: revocation.KindFingerprint, Value: token.Fingerprint}, true},
		"deny/session":              {revocation.Entry{Kind: revocation.KindSession, Issuer: provider, Value: "s-1"}, true},
		"deny/subject":              {revocation.Entry{Kind: revocation.KindSubject, Issuer: provider, Value: "ana"}, true},
		"deny/key":                  {revocation.Entry{Kind: revocation.KindKey, Value: thumbprint}, true},
		"deny/issuer":               {revocation.Entry{Kind: revocation.KindIssuer, Issuer: provider}, true},
		"deny/all":                  {revocation.Entry{Kind: revocation.KindAll, IssuedBefore: at}, true},
		"deny/issued at the moment": {revocation.Entry{Kind: revocation.KindAll, IssuedBefore: issuedAt}, true},
		"ok/issued later":           {revocation.Entry{Kind: revocation.KindAll, IssuedBefore: issuedAt.Add(-time.Second)}, false},
		"ok/another jti":            {revocation.Entry{Kind: revocation.KindToken, Issuer: provider, Value: "j-2"}, false},
		"ok/jti of another issuer":  {revocation.Entry{Kind: revocation.KindToken, Issuer: strict, Value: "j-1"}, false},
		"ok/jti of the nameless":    {revocation.Entry{Kind: revocation.KindToken, Value: "j-1"}, false},
		"ok/client is no subject":   {revocation.Entry{Kind: revocation.KindSubject, Issuer: provider, Value: "phone"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Names remember one list, so each list gets a token of its own.
			token := verified(t, newVerifier(t, token.Issuer), payload)
			var list revocation.List
			source, err := list.Source("test")
			if err != nil {
				t.Fatal(err)
			}
			test.entry.At = at
			source.Add(test.entry)
			if kind, revoked := list.Revoked(token.Names); revoked != test.want || revoked && kind != test.entry.Kind {
				t.Errorf("revoked is %t by %s", revoked, kind)
			}
		})
	}
}

// A token without iat is taken out by every cut-off: it may be of any age.
func TestTokenWithoutIatIsTakenOutByEveryCutOff(t *testing.T) {
	t.Parallel()
	token := verified(t, verifier(t), claims("iat", ""))
	var list revocation.List
	source, err := list.Source("test")
	if err != nil {
		t.Fatal(err)
	}
	source.Add(revocation.Entry{Kind: revocation.KindAll, IssuedBefore: time.Unix(1, 0), At: time.Unix(arrival, 0)})
	if _, revoked := list.Revoked(token.Names); !revoked {
		t.Error("not revoked")
	}
}
