package revocation

import (
	"encoding"
	"fmt"
)

// Kind says what an entry names. Zero is no kind, so that a kind somebody forgot to write is an error. Numbers are
// part of what stores keep: new kinds go to the end.
type Kind uint8

// The kinds, in the order in which List.Revoked looks. Token, session and subject belong to an issuer and mean nothing
// without it. Fingerprint and key are hashes, the same whoever issued the token, so they stand without an issuer.
const (
	KindToken       Kind = iota + 1 // claim jti, of one issuer
	KindFingerprint                 // base64url(SHA-256(header "." payload)) as the token spells them: a token without a jti
	KindSession                     // claim sid, of one issuer
	KindSubject                     // claim sub, of one issuer
	KindKey                         // RFC 7638 thumbprint (SHA-256) of the key that verified the signature
	KindIssuer                      // claim iss
	KindAll                         // every token
	KindHold                        // every token, whatever it is, until somebody resumes: List.Held

	// NumKinds is the length of an array with one element per Kind; the element 0 belongs to none.
	NumKinds = iota + 1
)

var words = [NumKinds]string{
	KindToken:       "token",
	KindFingerprint: "fingerprint",
	KindSession:     "session",
	KindSubject:     "subject",
	KindKey:         "key",
	KindIssuer:      "issuer",
	KindAll:         "all",
	KindHold:        "hold",
}

// Kinds returns every kind in order, for who shows or counts them one by one.
func Kinds() []Kind {
	return []Kind{KindToken, KindFingerprint, KindSession, KindSubject, KindKey, KindIssuer, KindAll, KindHold}
}

// ParseKind returns the kind of a word as entries spell it. Any other word, the empty one too, is an error.
func ParseKind(word string) (Kind, error) {
	for _, kind := range Kinds() {
		if words[kind] == word {
			return kind, nil
		}
	}
	return 0, fmt.Errorf("unknown kind %q", word)
}

// String returns the word of k, or "kind(n)" for what is no kind.
func (k Kind) String() string {
	if !k.valid() {
		return fmt.Sprintf("kind(%d)", uint8(k))
	}
	return words[k]
}

// MarshalText writes the word of k; what is no kind is an error.
func (k Kind) MarshalText() ([]byte, error) {
	if !k.valid() {
		return nil, fmt.Errorf("unknown kind %d", uint8(k))
	}
	return []byte(words[k]), nil
}

// UnmarshalText takes the word that ParseKind takes.
func (k *Kind) UnmarshalText(text []byte) error {
	kind, err := ParseKind(string(text))
	if err != nil {
		return err
	}
	*k = kind
	return nil
}

func (k Kind) valid() bool { return k > 0 && k < NumKinds }

// hasValue reports whether a name of this kind needs a value beside its issuer.
func (k Kind) hasValue() bool { return k >= KindToken && k <= KindKey }

// ofIssuer reports whether a name of this kind means something only beside its issuer.
func (k Kind) ofIssuer() bool {
	return k == KindToken || k == KindSession || k == KindSubject || k == KindIssuer
}

// isHash reports whether the value of this kind is a SHA-256, written in base64url.
func (k Kind) isHash() bool { return k == KindFingerprint || k == KindKey }

// Interface guards
var (
	_ fmt.Stringer             = Kind(0)
	_ encoding.TextMarshaler   = Kind(0)
	_ encoding.TextUnmarshaler = (*Kind)(nil)
)
