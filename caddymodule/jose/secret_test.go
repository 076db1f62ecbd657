package jose_test

import (
	"bytes"
	"crypto"
	"fmt"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

func TestSecretServesWhatItsLengthPermits(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		secret     []byte
		algorithms []jose.Algorithm
		want       string
	}{
		"ok/32 bytes":              {secret[:32], nil, "[HS256]"},
		"ok/47 bytes":              {secret[:47], nil, "[HS256]"},
		"ok/48 bytes":              {secret[:48], nil, "[HS256 HS384]"},
		"ok/64 bytes":              {secret, nil, "[HS256 HS384 HS512]"},
		"ok/64 bytes, one wanted":  {secret, []jose.Algorithm{jose.HS512}, "[HS512]"},
		"ok/in any order, twice":   {secret, []jose.Algorithm{jose.HS512, jose.HS256, jose.HS512}, "[HS256 HS512]"},
		"ok/starts with brace":     {append([]byte("{"), secret[:31]...), nil, "[HS256]"},
		"ok/JSON that is no JWK":   {[]byte(`{"a":"0123456789abcdefghijklmnop"}`), nil, "[HS256]"},
		"ok/not UTF-8":             {append([]byte{0xff, 0}, secret[:30]...), nil, "[HS256]"},
		"ok/white space around it": {append([]byte(" \n"), secret[:30]...), nil, "[HS256]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set, err := jose.Secret(test.secret, test.algorithms...)
			key := only(t, set, err)
			if got := fmt.Sprint(key.Algorithms()); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if !key.Symmetric() || key.ID != "" || key.Thumbprint != "" {
				t.Errorf("got %v, thumbprint %q", key, key.Thumbprint)
			}
		})
	}
}

func TestRefusesSecret(t *testing.T) {
	t.Parallel()
	rsaPEM := spki(rsaKey().Public())
	for name, test := range map[string]struct {
		secret     []byte
		algorithms []jose.Algorithm
		says       string
	}{
		"nil":                           {nil, nil, "empty"},
		"empty":                         {[]byte{}, nil, "empty"},
		"tutorial":                      {[]byte("shhhhhhared-secret"), nil, "HS256 needs 32"},
		"31 bytes":                      {secret[:31], nil, "31 bytes is too short: HS256 needs 32"},
		"47 bytes, HS384":               {secret[:47], []jose.Algorithm{jose.HS384}, "HS384 needs 48"},
		"63 bytes, one of them HS512":   {secret[:63], []jose.Algorithm{jose.HS256, jose.HS512}, "HS512 needs 64"},
		"white space":                   {[]byte(repeat(" \t\r\n", 16)), nil, "white space"},
		"no-break spaces":               {[]byte(repeat("\u00a0\u2003", 16)), nil, "white space"},
		"zeros":                         {make([]byte, 64), nil, "repeated"},
		"one letter":                    {[]byte(repeat("x", 64)), nil, "repeated"},
		"public key, PEM":               {rsaPEM, nil, "no secret"},
		"public key, PEM and a space":   {append([]byte(" "), rsaPEM...), nil, "no secret"},
		"public key, PEM without end":   {bytes.TrimSpace(rsaPEM), nil, "no secret"},
		"public key, JWK":               {asJSON(members(rsaKey().Public())), nil, "JWK"},
		"public keys, JWKS":             {jwks(members(rsaKey().Public())), nil, "JWK"},
		"secret JWK":                    {[]byte(`{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ"}`), nil, "JWK"},
		"public key, SSH":               {[]byte("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVxbmFuYQ ana@home"), nil, "no secret"},
		"for RS256":                     {secret, []jose.Algorithm{jose.RS256}, "RS256 takes no secret"},
		"for HS256 and EdDSA":           {secret, []jose.Algorithm{jose.HS256, jose.EdDSA}, "EdDSA takes no secret"},
		"for no algorithm, out of list": {secret, []jose.Algorithm{0}, "takes no secret"},
	} {
		t.Run("deny/"+name, func(t *testing.T) {
			t.Parallel()
			set, err := jose.Secret(test.secret, test.algorithms...)
			if err == nil || set != nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), test.says) {
				t.Errorf("%q does not say %q", err, test.says)
			}
			if text := strings.TrimSpace(string(test.secret)); len(text) > 8 {
				quotes(t, err, text[4:])
			}
		})
	}
}

func TestSecretIsCopied(t *testing.T) {
	t.Parallel()
	mine := bytes.Clone(secret)
	set := must(jose.Secret(mine))
	raw := headed("HS256", hs(crypto.SHA256, secret))
	clear(mine)
	if _, err := verify(raw, set.Keys()[0]); err != nil {
		t.Error("the caller's slice is the key")
	}
}
