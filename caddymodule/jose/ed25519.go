package jose

import (
	"crypto/ecdh"
	"crypto/ed25519"
	"errors"
	"math/big"
	"slices"
)

// The field of Curve25519 and the constant d of its Edwards form (RFC 8032 §5.1).
var (
	prime = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	edD   = new(big.Int).Mul(big.NewInt(-121665), new(big.Int).ModInverse(big.NewInt(121666), prime))
)

// checkEd25519 refuses what is no point of the curve, and the few points of small order: under the all-zero key, which
// is one of them, anybody can sign (RFC 8725 §3.4). The standard library verifies with either.
func checkEd25519(k ed25519.PublicKey) error {
	invalid := errors.New("not a valid Ed25519 key")
	if len(k) != ed25519.PublicKeySize {
		return invalid
	}
	b := slices.Clone(k)
	b[31] &= 0x7f // the sign of x
	slices.Reverse(b)
	y := new(big.Int).SetBytes(b)
	if y.Cmp(prime) >= 0 {
		return invalid
	}
	// x² = (y²-1) / (dy²+1) must have a root; a product is a square exactly when the quotient is.
	one, y2 := big.NewInt(1), new(big.Int).Mul(y, y)
	v := new(big.Int).Add(new(big.Int).Mul(edD, y2), one)
	if big.Jacobi(v.Mul(v, new(big.Int).Sub(y2, one)).Mod(v, prime), prime) == -1 {
		return invalid
	}
	// u = (1+y) / (1-y) is the same point on the Montgomery curve (RFC 7748 §4.1), where X25519 finds small orders: it
	// must report them (RFC 7748 §6.1). y = 1 has no u, and is the neutral element.
	u := new(big.Int).ModInverse(new(big.Int).Sub(one, y), prime)
	if u == nil {
		return invalid
	}
	u.Mul(u, new(big.Int).Add(y, one)).Mod(u, prime)
	montgomery := u.FillBytes(make([]byte, 32))
	slices.Reverse(montgomery)
	point, err := ecdh.X25519().NewPublicKey(montgomery)
	if err != nil {
		return invalid
	}
	scalar, err := ecdh.X25519().NewPrivateKey(make([]byte, 32)) // clamped to a multiple of 8, never zero
	if err != nil {
		return invalid
	}
	if _, err := scalar.ECDH(point); err != nil {
		return invalid
	}
	return nil
}
