package jose_test

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

func TestParseKeySetRefuses(t *testing.T) {
	t.Parallel()
	r := rsaKey().Public()
	good := string(asJSON(members(r)))
	private := must(x509.MarshalPKCS8PrivateKey(rsaKey()))
	text := string(spki(r))
	for name, test := range map[string]struct{ text, says string }{
		"nothing":                     {"", ""},
		"white space":                 {" \n", ""},
		"text":                        {"hello", ""},
		"HTML":                        {"<html></html>", ""},
		"null":                        {"null", ""},
		"array":                       {"[" + good + "]", ""},
		"empty object":                {"{}", ""},
		"keys null":                   {`{"keys":null}`, ""},
		"keys an object":              {`{"keys":{}}`, ""},
		"keys empty":                  {`{"keys":[]}`, "no usable key"},
		"keys twice":                  {`{"keys":[` + good + `],"keys":[` + good + `]}`, "twice"},
		"a member twice":              {`{"kty":"oct",` + good[1:], "twice"},
		"a member twice, in a set":    {`{"keys":[{"n":"AA",` + good[1:] + `]}`, "twice"},
		"a member twice, escaped":     {`{"\u006e":"AA",` + good[1:], "twice"},
		"two JWKs":                    {good + good, "more than one"},
		"JWK and PEM":                 {good + text, ""},
		"byte order mark":             {"\ufeff" + good, ""},
		"too long":                    {`{"pad":"` + repeat("x", 1<<20) + `",` + good[1:], "longer"},
		"257 keys":                    {string(jwks(slices.Repeat([]any{members(r)}, 257)...)), "256"},
		"PEM PKCS #8":                 {string(block("PRIVATE KEY", private)), "private key; give the latch the public one"},
		"PEM PKCS #1 private":         {string(block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey()))), "private key; give"},
		"PEM SEC 1":                   {string(block("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(p256())))), "private key; give"},
		"PEM openssl ecparam":         {string(block("EC PARAMETERS", []byte{6, 0})) + string(block("EC PRIVATE KEY", []byte{1})), "private key; give"},
		"PEM encrypted":               {string(block("ENCRYPTED PRIVATE KEY", []byte{1})), "private key; give"},
		"PEM OpenSSH":                 {string(block("OPENSSH PRIVATE KEY", []byte{1})), "private key; give"},
		"PEM public, then private":    {text + string(block("PRIVATE KEY", private)), "private key; give"},
		"PEM request":                 {string(block("CERTIFICATE REQUEST", []byte{1})), ""},
		"PEM garbage":                 {string(block("PUBLIC KEY", []byte("hello"))), ""},
		"PEM garbage certificate":     {string(block("CERTIFICATE", []byte("hello"))), ""},
		"PEM garbage PKCS #1":         {string(block("RSA PUBLIC KEY", []byte("hello"))), ""},
		"PEM trailing bytes":          {string(block("PUBLIC KEY", append(must(x509.MarshalPKIXPublicKey(r)), 0))), ""},
		"PEM cut":                     {text[:len(text)/2], "damaged"},
		"PEM whole, then cut":         {text + string(spki(p256().Public()))[:60], "damaged"},
		"PEM cut, then whole":         {text[:len(text)-30] + "\n" + string(spki(p256().Public())), "damaged"},
		"PEM twice the same":          {text + text, ""},
		"PEM RSA 1024":                {string(spki(weakRSA(1024))), "1024"},
		"PEM RSA 16384":               {string(spki(weakRSA(16384))), "16384"},
		"PEM P-224":                   {string(spki(p224.Public())), "curve"},
		"PEM Ed25519 of small order":  {string(spki(ed25519.PublicKey(make([]byte, 32)))), ""},
		"PEM X25519":                  {string(spki(must(ecdh.X25519().GenerateKey(rand.Reader)).PublicKey())), "kind of key"},
		"ssh public key":              {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI ana@home", ""},
		"base64 of a key without PEM": {base64.StdEncoding.EncodeToString(private), ""},
	} {
		t.Run("deny/"+name, func(t *testing.T) {
			t.Parallel()
			set, _, err := jose.ParseKeySet([]byte(test.text))
			if err == nil || set != nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), test.says) {
				t.Errorf("%q does not say %q", err, test.says)
			}
			quotes(t, err, base64.StdEncoding.EncodeToString(private))
		})
	}
}

func certificate(t testing.TB, key crypto.Signer) []byte {
	t.Helper()
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Unix(1, 0)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
