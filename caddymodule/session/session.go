package session

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// MaxLife is the longest that a session lasts. Browsers keep no cookie for longer.
const MaxLife = 400 * 24 * time.Hour

// typ is that of the token in a session's cookie. No access token has it, and no session has another.
const typ = "botlatch-session+jwt"

// Session is what a browser may do on one site, and until when. Nothing of it changes after the sign-in: what ends it sooner is the
// revocation list.
type Session struct {
	Origin    string    // the site's; iss and aud
	Subject   string    // who; sub
	Name      string    // for people; may be empty
	Picture   string    // of the person, a URL; may be empty
	Scope     []string  // frozen at the sign-in
	ID        string    // sid: this browser
	TokenID   string    // jti
	IssuedAt  time.Time // in whole seconds
	ExpiresAt time.Time // in whole seconds
	From      From
}

// From is what a session rests on: when that is revoked, the session is. What does not apply is empty.
type From struct {
	Issuer    string `json:"iss,omitempty"`
	Subject   string `json:"sub,omitempty"`
	SessionID string `json:"sid,omitempty"`
	TokenID   string `json:"jti,omitempty"`
	Key       string `json:"key,omitempty"` // thumbprint (RFC 7638) of the key that signed the token

	Fingerprint string `json:"fingerprint,omitempty"` // of the token
	IssuedAt    int64  `json:"iat,omitempty"`         // seconds since 1970; of the token, or of the sign-in at the provider
}

// Names are the names under which what a session rests on can be revoked; nil: it rests on nothing.
func (f *From) Names() *revocation.Names {
	if *f == (From{}) {
		return nil
	}
	var values [revocation.NumKinds]string
	values[revocation.KindToken] = f.TokenID
	values[revocation.KindFingerprint] = f.Fingerprint
	values[revocation.KindSession] = f.SessionID
	values[revocation.KindSubject] = f.Subject
	values[revocation.KindKey] = f.Key
	var issuedAt time.Time
	if f.IssuedAt != 0 {
		issuedAt = time.Unix(f.IssuedAt, 0)
	}
	return revocation.NewNames(f.Issuer, issuedAt, values)
}

// token is s, whose token c is, as the latch asks about it.
func (s *Session) token(c *jose.Compact) *accesstoken.Token {
	t := &accesstoken.Token{
		Issuer: &accesstoken.Issuer{Name: s.Origin}, Subject: s.Subject, ID: s.TokenID, SessionID: s.ID, Audience: []string{s.Origin},
		Scopes: s.Scope, IssuedAt: s.IssuedAt, ExpiresAt: s.ExpiresAt, KeyID: c.Header.KeyID,
		Fingerprint: accesstoken.Fingerprint(c), Rests: s.From.Names(), Session: true,
	}
	var values [revocation.NumKinds]string
	values[revocation.KindToken] = s.TokenID
	values[revocation.KindFingerprint] = t.Fingerprint
	values[revocation.KindSession] = s.ID
	values[revocation.KindSubject] = s.Subject
	t.Names = revocation.NewNames(s.Origin, s.IssuedAt, values)
	return t
}

// Why a cookie's value is no session. None of them says what it was.
var (
	ErrNoSession  = errors.New("no session of this site")
	ErrUnknownKey = errors.New("a session of a key that is not known") // another latch may have made it since
	ErrExpired    = errors.New("the session is over")
)

// payload is a Session as it stands in its token.
type payload struct {
	Issuer    string   `json:"iss"`
	Audience  string   `json:"aud"`
	Subject   string   `json:"sub"`
	Name      string   `json:"name,omitempty"`
	Picture   string   `json:"picture,omitempty"`
	Scope     []string `json:"scope"`
	ID        string   `json:"sid"`
	TokenID   string   `json:"jti"`
	IssuedAt  int64    `json:"iat"`
	ExpiresAt int64    `json:"exp"`
	From      From     `json:"from"`
}

func (s *Session) encode() ([]byte, error) {
	return json.Marshal(payload{
		s.Origin, s.Origin, s.Subject, s.Name, s.Picture, s.Scope, s.ID, s.TokenID, s.IssuedAt.Unix(), s.ExpiresAt.Unix(), s.From,
	})
}

// decode reads what encode wrote, for the site of origin and at a time. Nobody else has signed it.
func decode(verified []byte, origin string, now time.Time) (*Session, error) {
	var p payload
	if err := json.Unmarshal(verified, &p); err != nil {
		return nil, ErrNoSession
	}
	s := &Session{
		p.Issuer, p.Subject, p.Name, p.Picture, p.Scope, p.ID, p.TokenID, time.Unix(p.IssuedAt, 0), time.Unix(p.ExpiresAt, 0), p.From,
	}
	switch {
	case origin == "" || p.Issuer != origin || p.Audience != origin:
		return nil, ErrNoSession
	case s.check() != nil:
		return nil, ErrNoSession
	case !now.Before(s.ExpiresAt):
		return nil, ErrExpired
	}
	return s, nil
}

// check refuses a session that could not be taken back, or would not end.
func (s *Session) check() error {
	life := s.ExpiresAt.Sub(s.IssuedAt)
	switch {
	case s.Origin == "" || s.Subject == "" || s.ID == "" || s.TokenID == "":
		return errors.New("a session needs origin, subject, sid and jti")
	case life <= 0 || life > MaxLife:
		return errors.New("a session ends after it began, and within 400 days")
	}
	return nil
}
