package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	openid "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

// leeway is how far the provider's clock may be from ours.
const leeway = 5 * time.Minute

// idToken is a verified one.
type idToken struct {
	*openid.IDToken

	raw    string
	claims jose.Object
}

// witness remembers why a signature was not verified, which the library's verifier does not tell.
type witness struct {
	openid.KeySet

	err error
}

// VerifySignature implements openid.KeySet.
func (w *witness) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	var payload []byte
	payload, w.err = w.KeySet.VerifySignature(ctx, jwt)
	return payload, w.err
}

// verify returns the ID token among tokens, when it is one for this client, of this flow and of now (OpenID Connect Core §3.1.3.7).
func (p *Provider) verify(ctx context.Context, m *metadata, f *flow, tokens *oauth2.Token, now time.Time) (*idToken, error) {
	raw, _ := tokens.Extra("id_token").(string)
	c, err := jose.ParseDocument(raw) // the library would take JSON serialisation too
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrIDToken, err)
	}
	if !slices.Contains(m.algorithms, c.Header.Algorithm.String()) {
		return nil, fmt.Errorf("%w: the provider does not sign them like this", ErrIDToken)
	}
	w := &witness{KeySet: m.keys}
	verifier := openid.NewVerifier(p.config.Issuer, w, &openid.Config{
		ClientID: p.config.ClientID, SupportedSigningAlgs: m.algorithms, Now: func() time.Time { return now },
	})
	t, err := verifier.Verify(openid.ClientContext(ctx, p.client), raw)
	switch {
	case errors.Unwrap(w.err) != nil: // the keys could not be had; a bad signature wraps nothing
		return nil, fmt.Errorf("%w: its keys: %w", ErrProvider, cause(w.err))
	case w.err != nil:
		return nil, fmt.Errorf("%w: the signature", ErrIDToken)
	case err != nil: // it quotes claims
		return nil, fmt.Errorf("%w: iss, aud, exp or nbf", ErrIDToken)
	}
	id := &idToken{IDToken: t, raw: raw}
	if err := p.readClaims(id, f, now); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrIDToken, err)
	}
	return id, nil
}

// readClaims reads the claims once more, because the library takes names in any case, and the last of two; and checks what it leaves
// to its caller.
func (p *Provider) readClaims(id *idToken, f *flow, now time.Time) (err error) {
	var payload json.RawMessage
	if err := id.Claims(&payload); err != nil {
		return errors.New("no claims")
	}
	if id.claims, err = jose.ParseObject(payload); err != nil {
		return err
	}
	began := time.Unix(f.Began, 0)
	issued, expires := seconds(id.claims["iat"]), seconds(id.claims["exp"])
	_, hasSession := id.claims["sid"]
	switch {
	case id.claims["iss"] != id.Issuer:
		return errors.New("iss")
	case id.claims["nonce"] != f.Nonce:
		return errors.New("nonce is not that of this flow")
	case !isName(id.claims["sub"]):
		return errors.New("sub")
	case hasSession && !isName(id.claims["sid"]):
		return errors.New("sid")
	case !now.Before(expires):
		return errors.New("exp")
	case issued.Before(began.Add(-leeway)) || issued.After(now.Add(leeway)):
		return errors.New("iat is not of this sign-in")
	}
	return p.checkParties(id.claims)
}

// checkParties refuses a token that was made for somebody else, even when we are named in it.
func (p *Provider) checkParties(claims jose.Object) error {
	audience := texts(claims["aud"])
	if s, ok := claims["aud"].(string); ok {
		audience = []string{s}
	}
	party, named := claims["azp"]
	switch {
	case !slices.Contains(audience, p.config.ClientID):
		return errors.New("aud")
	case named && party != p.config.ClientID:
		return errors.New("azp is another client")
	case !named && len(audience) > 1:
		return errors.New("several audiences and no azp")
	}
	return nil
}

// seconds reads a NumericDate in whole seconds; the zero time for what is none.
func seconds(v any) time.Time {
	number, _ := v.(json.Number)
	n, err := strconv.ParseInt(number.String(), 10, 64)
	if err != nil || n <= 0 {
		return time.Time{}
	}
	return time.Unix(n, 0)
}

// isName reports whether v can name a person or a session: what somebody is revoked by is spelled in one way. OpenID Connect Core §2
// allows a sub 255 characters.
func isName(v any) bool {
	s, _ := v.(string)
	return s != "" && len(s) <= 255 && s == strings.TrimSpace(s) && !strings.ContainsFunc(s, unicode.IsControl)
}
