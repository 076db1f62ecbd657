package accesstoken_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"flag"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// go test ./caddymodule/accesstoken -run TestVectorFiles -update
var update = flag.Bool("update", false, "write testdata/vectors and the public keys anew")

// keys are the private test keys.
type keys struct {
	rsa, rsa1024                 *rsa.PrivateKey
	p256, p384, p521, stranger   *ecdsa.PrivateKey // the stranger's is in no set
	ed25519                      ed25519.PrivateKey
	secret                       []byte
	publicPEM, publicJWK, ecJWKS string // files that everybody can have
}

func loadKeys() keys {
	k := keys{
		rsa: private[*rsa.PrivateKey]("rsa"), rsa1024: private[*rsa.PrivateKey]("rsa1024"),
		p256: private[*ecdsa.PrivateKey]("p256"), p384: private[*ecdsa.PrivateKey]("p384"),
		p521: private[*ecdsa.PrivateKey]("p521"), stranger: private[*ecdsa.PrivateKey]("stranger"),
		ed25519: private[ed25519.PrivateKey]("ed25519"), secret: keyFile("test-only-secret.txt"),
	}
	k.publicPEM, k.publicJWK = spki(k.rsa.Public()), jwk("rsa", k.rsa.Public())
	k.ecJWKS = `{"keys":[` + jwk("p256", k.p256.Public()) + `]}`
	return k
}

// jwks is what the issuers publish. From "small" on no key of it may verify anything.
func (k keys) jwks() string {
	return `{"keys":[` + strings.Join([]string{
		jwk("rsa", k.rsa.Public()), jwk("p256", k.p256.Public()), jwk("p384", k.p384.Public()), jwk("p521", k.p521.Public()),
		jwk("ed25519", k.ed25519.Public()),
		jwk("small", k.rsa1024.Public()),
		`{"kty":"oct","kid":"oct","k":"` + b64(k.secret) + `"}`,
		jwk("twice", k.p256.Public()), jwk("twice", k.stranger.Public()),
		strings.Replace(jwk("encryption", k.stranger.Public()), `{`, `{"use":"enc",`, 1),
	}, ",\n") + "]}\n"
}

// jwk writes a public key by hand (RFC 7518 §6, RFC 8037 §2).
func jwk(kid string, public crypto.PublicKey) string {
	var members string
	switch k := public.(type) {
	case *rsa.PublicKey:
		members = fmt.Sprintf(`"kty":"RSA","n":"%s","e":"%s"`, b64(k.N.Bytes()), b64(big.NewInt(int64(k.E)).Bytes()))
	case *ecdsa.PublicKey:
		point := must(k.Bytes())[1:]
		members = fmt.Sprintf(`"kty":"EC","crv":"%s","x":"%s","y":"%s"`,
			k.Params().Name, b64(point[:len(point)/2]), b64(point[len(point)/2:]))
	case ed25519.PublicKey:
		members = fmt.Sprintf(`"kty":"OKP","crv":"Ed25519","x":"%s"`, b64([]byte(k)))
	}
	return fmt.Sprintf(`{"kid":"%s",%s}`, kid, members)
}

func spki(public crypto.PublicKey) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: must(x509.MarshalPKIXPublicKey(public))}))
}

// expecting fills in what a vector that does not say so expects.
func expecting(expect string, all []vector) []vector {
	for i := range all {
		if all[i].expect == "" {
			all[i].expect = expect
		}
	}
	return all
}

// files are what testdata holds besides private keys, by path.
func (k keys) files(t *testing.T) map[string]string {
	files := map[string]string{
		filepath.Join("testdata", "keys", "public.jwks.json"): k.jwks(),
		filepath.Join("testdata", "keys", "rsa.public.pem"):   k.publicPEM,
	}
	for _, v := range slices.Concat(k.algorithmVectors(), k.formVectors(), k.headerVectors(), k.keyVectors(),
		k.signatureVectors(), k.payloadVectors(), k.timeVectors(), k.nameVectors(), k.audienceVectors(), k.profileVectors(),
		k.strictVectors(), k.providerVectors()) {
		path := filepath.Join("testdata", "vectors", v.name+".txt")
		if files[path] != "" {
			t.Fatalf("two vectors of the name %s", v.name)
		}
		files[path] = v.String()
	}
	return files
}

// The files are exactly what the code below makes of the keys: none is stale, none was edited by hand.
func TestVectorFiles(t *testing.T) {
	t.Parallel()
	files := loadKeys().files(t)
	if *update {
		old := must(filepath.Glob(filepath.Join("testdata", "vectors", "*")))
		for _, path := range old {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
		for path, text := range files {
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for path, want := range files {
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s is not what the generator makes (%v)", path, err)
		}
	}
	for _, path := range must(filepath.Glob(filepath.Join("testdata", "vectors", "*"))) {
		if files[path] == "" {
			t.Errorf("%s comes from nowhere", path)
		}
	}
}
