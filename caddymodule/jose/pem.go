package jose

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// errPrivate is the answer to a private key where a public one belongs.
var errPrivate = errors.New("this is a private key; give the latch the public one")

// parsePEM reads the public keys of one file: SPKI, PKCS #1 or certificates (RFC 7468). A certificate is a wrapper
// here: its dates and its issuer are not looked at. Every block must be usable: the file is the operator's own, and a
// key that is silently left out would be looked for in the wrong place.
func parsePEM(b []byte) (*KeySet, error) {
	// Package pem skips a block that it cannot read; the count notices.
	begun := bytes.Count(b, []byte("-----BEGIN "))
	if begun == 0 {
		return nil, errors.New("neither a JWK, a JWK set nor PEM")
	}
	var keys []*Key
	for n := 1; ; n++ {
		var block *pem.Block
		if block, b = pem.Decode(b); block == nil {
			break
		}
		begun--
		public, err := parseBlock(block)
		if err != nil {
			return nil, fmt.Errorf("PEM block %d: %w", n, err)
		}
		k, err := newKey(public, "", 0)
		if err != nil {
			return nil, fmt.Errorf("PEM block %d: %w", n, err)
		}
		keys = append(keys, k)
	}
	if begun != 0 {
		return nil, errors.New("a PEM block is damaged")
	}
	return newKeySet(keys)
}

func parseBlock(block *pem.Block) (crypto.PublicKey, error) {
	// Errors of x509 are left out: they may quote what is in the key.
	invalid := errors.New("not a valid public key")
	switch {
	case strings.HasSuffix(block.Type, "PRIVATE KEY"), block.Type == "EC PARAMETERS": // openssl puts these before one
		return nil, errPrivate
	case block.Type == "PUBLIC KEY":
		k, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, invalid
		}
		return k, nil
	case block.Type == "RSA PUBLIC KEY":
		k, err := x509.ParsePKCS1PublicKey(block.Bytes)
		if err != nil {
			return nil, invalid
		}
		return k, nil
	case block.Type == "CERTIFICATE":
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, errors.New("not a valid certificate")
		}
		return c.PublicKey, nil
	}
	return nil, errors.New("neither PUBLIC KEY, RSA PUBLIC KEY nor CERTIFICATE")
}
