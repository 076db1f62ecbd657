package accesstoken_test

import (
	"crypto"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
)

// FuzzVerify demands of any string that it is refused with a row for tokens, or is one of the vectors' good tokens: what
// was signed cannot be said otherwise.
func FuzzVerify(f *testing.F) {
	v := verifier(f)
	signed := map[string]bool{}
	for _, vector := range readVectors(f) {
		f.Add(vector.token)
		if _, err := v.Verify(f.Context(), vector.token); err == nil {
			signed[signingInput(vector.token)] = true
		}
	}
	f.Fuzz(func(t *testing.T, raw string) {
		token, err := v.Verify(t.Context(), raw)
		switch {
		case err == nil && !signed[signingInput(raw)]:
			t.Errorf("accepted %q, which nobody signed", raw)
		case err == nil && token.Fingerprint == "":
			t.Error("a token without a fingerprint")
		case err != nil && token != nil:
			t.Error("a token beside the error")
		case err != nil:
			wantLabel(t, err, label(err))
		}
		again, second := v.Verify(t.Context(), raw)
		if label(err) != label(second) || again != token {
			t.Errorf("%v the first time, %v the second", err, second)
		}
	})
}

// FuzzMutation puts text in place of a piece of a good token, or behind it: what is accepted was signed by somebody, and without an
// ECDSA signature, of which each has a twin, it is a good token's every byte.
func FuzzMutation(f *testing.F) {
	v := verifier(f)
	var good []string
	known, signed := map[string]bool{}, map[string]bool{}
	for _, vector := range readVectors(f) {
		if _, err := v.Verify(f.Context(), vector.token); err == nil {
			good = append(good, vector.token)
			known[vector.token], signed[signingInput(vector.token)] = true, true
		}
	}
	f.Add(uint16(0), uint16(0), uint16(1), "A")
	f.Add(uint16(1), uint16(3000), uint16(0), "=")
	f.Fuzz(func(t *testing.T, which, at, cut uint16, text string) {
		raw := good[int(which)%len(good)]
		from := min(int(at), len(raw))
		to := min(from+int(cut), len(raw))
		mutant := raw[:from] + text + raw[to:]
		token, err := v.Verify(t.Context(), mutant)
		switch {
		case err != nil && (known[mutant] || token != nil):
			t.Errorf("a good token was refused: %v", err)
		case err != nil:
			wantLabel(t, err, label(err))
		case !signed[signingInput(mutant)], !known[mutant] && !strings.HasPrefix(algorithmOf(t, mutant), "ES"):
			t.Errorf("token %d with %q from %d to %d was accepted", int(which)%len(good), text, from, to)
		}
	})
}

func signingInput(raw string) string { return raw[:max(strings.LastIndexByte(raw, '.'), 0)] }

// FuzzClaims signs any payload with the nameless secret: whatever is accepted says the same to encoding/json, has an
// expiry, and expires.
func FuzzClaims(f *testing.F) {
	v, mac := verifier(f), hs(crypto.SHA256, loadKeys().secret)
	for _, vector := range readVectors(f) {
		if part := strings.Split(vector.token, "."); len(part) == 3 {
			f.Add(unbase64(part[1]))
		}
	}
	f.Add([]byte(nameless()))
	f.Fuzz(func(t *testing.T, payload []byte) {
		raw := sign(header("HS256", ""), string(payload), mac)
		token, err := v.Verify(t.Context(), raw)
		if err != nil {
			wantLabel(t, err, label(err))
			return
		}
		var said struct {
			Sub, Jti string
			Exp      int64
			Iat, Nbf *int64
			Aud      any
			Iss      any
		}
		// encoding/json takes a name in any case; only what is spelled exactly counts.
		exact := map[string]json.RawMessage{}
		if err := json.Unmarshal(payload, &exact); err != nil {
			t.Fatalf("accepted %q, which is no object: %v", payload, err)
		}
		for name := range exact {
			if name != strings.ToLower(name) {
				delete(exact, name)
			}
		}
		if err := json.Unmarshal(must(json.Marshal(exact)), &said); err != nil {
			t.Fatalf("accepted %q, whose claims are of other types: %v", payload, err)
		}
		if said.Exp <= 0 || !token.ExpiresAt.Equal(time.Unix(said.Exp, 0)) || said.Sub != token.Subject || said.Jti != token.ID || said.Iss != nil {
			t.Errorf("%q was read as %+v", payload, token)
		}
		if token.IssuedAt.IsZero() != (said.Iat == nil) || token.NotBefore.IsZero() != (said.Nbf == nil) || (said.Aud == nil) != (token.Audience == nil) {
			t.Errorf("%q was read as %+v", payload, token)
		}
		validatesInTime(t, token)
	})
}

// validatesInTime demands that no token outlives its exp or the longest lifetime.
func validatesInTime(t *testing.T, token *accesstoken.Token) {
	t.Helper()
	wantLabel(t, site.Validate(token, token.ExpiresAt), "expired")
	early := site.Validate(token, token.ExpiresAt.Add(-site.MaxLifetime-site.Leeway-time.Second))
	if early == nil {
		t.Error("valid for longer than any token may be")
	}
	if last := site.Validate(token, token.ExpiresAt.Add(-time.Nanosecond)); label(last) == "expired" {
		t.Error("expired before exp")
	}
}

func unbase64(s string) []byte {
	b, _ := base64.RawURLEncoding.DecodeString(s) // as far as it goes
	return b
}
