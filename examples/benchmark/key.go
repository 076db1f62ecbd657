package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
)

// Names in all tokens and configurations.
const (
	issuerName   = "https://id.example.com"
	audienceName = "https://bot.example.com"
)

// key signs tokens of one algorithm, and tells systems how to verify them.
type key struct {
	algorithm string
	sign      func(message []byte) ([]byte, error)
	public    string // path of the public key (PEM), or the secret
}

// newKey makes a key; what systems read of it stands in dir.
func newKey(algorithm, dir string) (*key, error) {
	k := &key{algorithm: algorithm}
	var public crypto.PublicKey
	switch algorithm {
	case "HS256":
		secret := make([]byte, 32)
		_, _ = rand.Read(secret) // never fails: it ends the program
		k.public = hex.EncodeToString(secret)
		k.sign = func(message []byte) ([]byte, error) {
			mac := hmac.New(sha256.New, []byte(k.public))
			mac.Write(message)
			return mac.Sum(nil), nil
		}
		return k, nil
	case "RS256":
		private, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, err
		}
		public, k.sign = private.Public(), func(message []byte) ([]byte, error) {
			sum := sha256.Sum256(message)
			return rsa.SignPKCS1v15(nil, private, crypto.SHA256, sum[:])
		}
	case "ES256":
		private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		public, k.sign = private.Public(), func(message []byte) ([]byte, error) { return signES256(private, message) }
	case "EdDSA":
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		public, k.sign = private.Public(), func(message []byte) ([]byte, error) { return ed25519.Sign(private, message), nil }
	default:
		return nil, fmt.Errorf("no key for %s", algorithm)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, err
	}
	k.public = filepath.Join(dir, algorithm+".pem")
	return k, os.WriteFile(k.public, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o600)
}

// signES256 is RFC 7518 §3.4: r and s, 32 bytes each.
func signES256(private *ecdsa.PrivateKey, message []byte) ([]byte, error) {
	sum := sha256.Sum256(message)
	r, s, err := ecdsa.Sign(rand.Reader, private, sum[:])
	if err != nil {
		return nil, err
	}
	return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...), nil
}

// environment is what configurations read: the key in the words of each system.
func (k *key) environment() []string {
	latch, security := "static "+k.public, "from file "+k.public
	if k.algorithm == "HS256" {
		latch, security = "secret "+k.public, k.public
	}
	return []string{
		"ALGORITHM=" + k.algorithm, "KEY=" + k.public, "ISSUER=" + issuerName, "AUDIENCE=" + audienceName,
		"LATCH_KEY=" + latch, "SECURITY_KEY=" + security,
	}
}
