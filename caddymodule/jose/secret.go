package jose

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// Secret makes a set of one HMAC key. It must be as long as the hash of each algorithm, or longer (RFC 7518 §3.2): 32
// bytes for HS256, 48 for HS384, 64 for HS512. Without algorithms it serves those that its length permits.
//
// Refused are secrets that are none: white space, one byte repeated, and PEM or JWK text, which is often a public key
// that everybody can have (RFC 8725 §3.5). No error shows the secret.
func Secret(secret []byte, algorithms ...Algorithm) (*KeySet, error) {
	if err := checkSecret(secret); err != nil {
		return nil, err
	}
	if len(algorithms) == 0 {
		algorithms = []Algorithm{HS256}
		for _, a := range []Algorithm{HS384, HS512} {
			if len(secret) >= a.scheme().hash.Size() {
				algorithms = append(algorithms, a)
			}
		}
	}
	for _, a := range algorithms {
		if !a.Symmetric() {
			return nil, fmt.Errorf("%s takes no secret", a)
		}
		if need := a.scheme().hash.Size(); len(secret) < need {
			return nil, fmt.Errorf("secret of %d bytes is too short: %s needs %d random bytes or more (RFC 7518 §3.2)",
				len(secret), a, need)
		}
	}
	// In one order and each once, so that the same configuration written differently is the same key.
	algorithms = slices.Compact(slices.Sorted(slices.Values(algorithms)))
	return newKeySet([]*Key{{algorithms: algorithms, secret: bytes.Clone(secret)}})
}

func checkSecret(secret []byte) error {
	text := bytes.TrimSpace(secret)
	switch {
	case len(secret) == 0:
		return errors.New("secret is empty")
	case len(text) == 0:
		return errors.New("secret is white space only")
	case bytes.Count(secret, secret[:1]) == len(secret):
		return errors.New("secret is one byte repeated")
	case bytes.Contains(text, []byte("-----BEGIN ")), bytes.HasPrefix(text, []byte("ssh-")):
		return errors.New("secret is a PEM or SSH key: a public key is no secret")
	}
	if o, err := ParseObject(text); err == nil && (o["kty"] != nil || o["keys"] != nil) {
		return errors.New("secret is a JWK: give the value it holds, not the document")
	}
	return nil
}
