package revocation

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of an entry's members, in bytes.
const (
	MaxValue  = 1024 // Issuer, Value
	MaxReason = 256  // Reason
)

// Validate refuses entries that could never match, or that match more than they say. Errors name the member and never
// quote it.
func (e Entry) Validate() error {
	if !e.Kind.valid() {
		return errors.New("kind missing or unknown")
	}
	if err := e.validateName(); err != nil {
		return fmt.Errorf("kind %s: %w", e.Kind, err)
	}
	if err := e.validateTimes(); err != nil {
		return fmt.Errorf("kind %s: %w", e.Kind, err)
	}
	return ValidateReason(e.Reason)
}

// ValidateReason refuses what is too long for a reason, or would disturb a log or a terminal.
func ValidateReason(reason string) error {
	if len(reason) > MaxReason {
		return fmt.Errorf("reason longer than %d bytes", MaxReason)
	}
	if !printable(reason) {
		return errors.New("reason not printable UTF-8")
	}
	return nil
}

// FitReason makes any text a reason: what is not printable is left out, and what is too long is cut off.
func FitReason(text string) string {
	fit := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(strings.TrimSpace(text), ""))
	for len(fit) > MaxReason {
		_, size := utf8.DecodeLastRuneInString(fit)
		fit = fit[:len(fit)-size]
	}
	return fit
}

func (e Entry) validateName() error {
	switch {
	case len(e.Issuer) > MaxValue:
		return fmt.Errorf("iss longer than %d bytes", MaxValue)
	case len(e.Value) > MaxValue:
		return fmt.Errorf("value longer than %d bytes", MaxValue)
	case !utf8.ValidString(e.Issuer) || !utf8.ValidString(e.Value):
		// A claim is a JSON string: what is not UTF-8 is in no token.
		return errors.New("iss or value not UTF-8")
	case e.Issuer != "" && !e.Kind.ofIssuer():
		return errors.New("iss must be empty: the name is the same for every issuer")
	case e.Issuer == "" && e.Kind == KindIssuer:
		// Somebody who forgets the iss would be told "revoked" and nothing would be. A nameless secret has a key to name.
		return errors.New("iss missing")
	case e.Value == "" && e.Kind.hasValue():
		return errors.New("value missing")
	case e.Value != "" && !e.Kind.hasValue():
		return errors.New("value must be empty")
	case e.Kind.isHash() && !isSHA256(e.Value):
		// Also whoever writes a kid where its thumbprint belongs.
		return errors.New("value is not a SHA-256 in base64url (43 characters)")
	}
	return nil
}

func (e Entry) validateTimes() error {
	switch {
	case e.Kind == KindAll && e.IssuedBefore.IsZero():
		// Nothing would ever be let in again.
		return errors.New("issued_before missing")
	case e.Kind == KindHold && !e.IssuedBefore.IsZero():
		return errors.New("issued_before must be empty: a hold is for every token")
	case e.Kind == KindHold && !e.ExpiresAt.IsZero():
		// The grace would make it outlive its end, and nobody was asked whether the bot may move again.
		return errors.New("expires_at must be empty: a hold ends when somebody resumes")
	case !e.IssuedBefore.IsZero() && !in32Bits(e.IssuedBefore):
		return errors.New("issued_before not between 1970 and 2106")
	case !e.ExpiresAt.IsZero() && (e.ExpiresAt.Unix() <= 0 || e.ExpiresAt.UTC().Year() > 9999):
		// No narrower: a token may expire as late as it likes and must be revocable all the same.
		return errors.New("expires_at not between 1970 and 9999")
	case e.At.IsZero():
		return errors.New("at missing")
	case !in32Bits(e.At):
		return errors.New("at not between 1970 and 2106")
	}
	return nil
}

func in32Bits(t time.Time) bool { return t.Unix() > 0 && t.Unix() <= math.MaxUint32 }

// isSHA256 is strict: a second spelling of the same bytes would be another name, and match nothing.
func isSHA256(s string) bool {
	if len(s) != base64.RawURLEncoding.EncodedLen(32) {
		return false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil && len(b) == 32
}

func printable(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}
