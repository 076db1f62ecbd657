package oidc

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/oauth2"

	"github.com/botlatch/botlatch/caddymodule/session"
)

// flowLife is how long a person has at the provider.
const flowLife = 10 * time.Minute

// flow is one sign-in under way.
type flow struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"` // RFC 7636 §4.1
	Issuer   string `json:"iss"`      // who was asked: against mix-up
	Origin   string `json:"origin"`   // of the site where it began
	Began    int64  `json:"iat"`
	Replaces string `json:"replaces,omitempty"` // what Begin was told
}

func newFlow(issuer, origin string, now time.Time) *flow {
	return &flow{
		State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Issuer: issuer, Origin: origin, Began: now.Unix(),
	}
}

// over reports whether f has ended, or begins in the future.
func (f *flow) over(now time.Time) bool {
	age := now.Sub(time.Unix(f.Began, 0))
	return age >= flowLife || age < -leeway
}

// Key is the secret that seals flows. It is asked for each time, so it may change: flows under way are lost then. Latches that
// serve one site share it.
type Key func() [32]byte

// FlowIssuer tells which provider the flow is with that a callback ends, on a site of origin that has several.
func FlowIssuer(r *http.Request, origin string, key Key, now time.Time) (string, error) {
	f, err := find(r, origin, key, now)
	if err != nil {
		return "", err
	}
	return f.Issuer, nil
}

// find is the flow that a callback ends: the one in the cookie that its state names, begun on this origin and not over.
func find(r *http.Request, origin string, key Key, now time.Time) (*flow, error) {
	state, ok := stateOf(r)
	if !ok {
		return nil, ErrNoFlow
	}
	name := flowCookieName(state)
	f, err := unseal(key, name, session.Find(r, name))
	if err != nil || f.State != state || f.Origin != origin || f.over(now) {
		return nil, ErrNoFlow
	}
	return f, nil
}

// stateOf is the one state of a callback. A query that can be read in two ways has none.
func stateOf(r *http.Request) (state string, ok bool) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || len(query["state"]) != 1 || query.Get("state") == "" {
		return "", false
	}
	return query.Get("state"), true
}

// seal encrypts f for the cookie of that name, and for no other.
func (f *flow) seal(key Key, name string) (string, error) {
	box, err := newBox(key)
	if err != nil {
		return "", err
	}
	b, err := json.Marshal(f)
	if err != nil {
		return "", err
	}
	sealed := box.Seal(nil, nil, b, []byte(name)) //nolint:gosec // the box puts a random nonce in front by itself
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// unseal is the reverse. Its errors say nothing: what was sealed is nobody's business.
func unseal(key Key, name, value string) (*flow, error) {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(value)
	if err != nil {
		return nil, ErrNoFlow
	}
	box, err := newBox(key)
	if err != nil {
		return nil, err
	}
	b, err := box.Open(nil, nil, sealed, []byte(name))
	if err != nil {
		return nil, ErrNoFlow
	}
	f := new(flow)
	if err := json.Unmarshal(b, f); err != nil {
		return nil, ErrNoFlow
	}
	return f, nil
}

// newBox is AES-256-GCM with a random nonce in front of each sealed text. The key is derived, so that nothing sealed here can be
// opened where the same secret serves another purpose (RFC 5869).
func newBox(key Key) (cipher.AEAD, error) {
	secret := key()
	if secret == [32]byte{} {
		return nil, errors.New("no key to seal a sign-in with")
	}
	derived, err := hkdf.Key(sha256.New, secret[:], nil, "botlatch oidc flow", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// flowCookieName is that of the cookie of one flow.
func flowCookieName(state string) string {
	sum := sha256.Sum256([]byte(state))
	return flowCookiePrefix + hex.EncodeToString(sum[:4])
}
