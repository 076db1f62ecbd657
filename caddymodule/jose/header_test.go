package jose_test

import (
	"crypto"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

func TestHeader(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header string
		want   jose.Header
	}{
		"ok/alg only":                   {`{"alg":"HS256"}`, jose.Header{Algorithm: jose.HS256}},
		"ok/kid":                        {`{"alg":"RS256","kid":"a"}`, jose.Header{Algorithm: jose.RS256, KeyID: "a", HasKeyID: true}},
		"ok/kid empty":                  {`{"alg":"RS256","kid":""}`, jose.Header{Algorithm: jose.RS256, HasKeyID: true}},
		"ok/kid is a path":              {`{"alg":"RS256","kid":"../../etc/passwd"}`, jose.Header{Algorithm: jose.RS256, KeyID: "../../etc/passwd", HasKeyID: true}},
		"ok/typ":                        {`{"alg":"ES256","typ":"at+jwt"}`, jose.Header{Algorithm: jose.ES256, Type: "at+jwt"}},
		"ok/typ in capitals":            {`{"alg":"ES256","typ":"JWT"}`, jose.Header{Algorithm: jose.ES256, Type: "jwt"}},
		"ok/typ written out":            {`{"alg":"ES256","typ":"Application/AT+JWT"}`, jose.Header{Algorithm: jose.ES256, Type: "at+jwt"}},
		"ok/typ with a second slash":    {`{"alg":"ES256","typ":"application/a/b"}`, jose.Header{Algorithm: jose.ES256, Type: "application/a/b"}},
		"ok/typ of another tree":        {`{"alg":"ES256","typ":"text/jwt"}`, jose.Header{Algorithm: jose.ES256, Type: "text/jwt"}},
		"ok/typ with a Kelvin sign":     {`{"alg":"ES256","typ":"\u212awt"}`, jose.Header{Algorithm: jose.ES256, Type: "\u212awt"}},
		"ok/Ed25519 is EdDSA":           {`{"alg":"Ed25519"}`, jose.Header{Algorithm: jose.EdDSA}},
		"ok/Entra: x5t, nonce":          {`{"typ":"JWT","nonce":"n","alg":"RS256","x5t":"t","kid":"t"}`, jose.Header{Algorithm: jose.RS256, Type: "jwt", KeyID: "t", HasKeyID: true}},
		"ok/unknown members":            {`{"alg":"HS256","x5t#S256":"t","acme":{"a":[1]}}`, jose.Header{Algorithm: jose.HS256}},
		"ok/crit as a value":            {`{"alg":"HS256","kid":"crit"}`, jose.Header{Algorithm: jose.HS256, KeyID: "crit", HasKeyID: true}},
		"ok/other spelling of a member": {`{"alg":"HS256","ALG":"none","KID":1}`, jose.Header{Algorithm: jose.HS256}},
		"ok/white space in it":          {"{\"alg\":\"HS256\",\r\n \"typ\":\"JWT\"}", jose.Header{Algorithm: jose.HS256, Type: "jwt"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := jose.Parse(token(test.header, "{}", hs(crypto.SHA256, secret)))
			if err != nil {
				t.Fatal(err)
			}
			if c.Header != test.want {
				t.Errorf("got %+v, want %+v", c.Header, test.want)
			}
		})
	}
}

func TestRefusesHeader(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]string{
		"crit unknown":              `{"alg":"HS256","crit":["bork"],"bork":true}`,
		"crit exp":                  `{"alg":"HS256","crit":["exp"],"exp":1}`,
		"crit b64":                  `{"alg":"HS256","crit":["b64"],"b64":true}`,
		"crit names a missing one":  `{"alg":"HS256","crit":["acme"]}`,
		"crit empty":                `{"alg":"HS256","crit":[]}`,
		"crit null":                 `{"alg":"HS256","crit":null}`,
		"crit escaped":              `{"alg":"HS256","\u0063rit":["bork"]}`,
		"b64 false":                 `{"alg":"HS256","b64":false}`,
		"b64 true":                  `{"alg":"HS256","b64":true}`,
		"zip":                       `{"alg":"HS256","zip":"DEF"}`,
		"enc":                       `{"alg":"HS256","enc":"A256GCM"}`,
		"cty JWT":                   `{"alg":"HS256","cty":"JWT"}`,
		"cty null":                  `{"alg":"HS256","cty":null}`,
		"jku":                       `{"alg":"HS256","jku":"https://evil.example/jwks"}`,
		"jku null":                  `{"alg":"HS256","jku":null}`,
		"jwk":                       `{"alg":"EdDSA","jwk":{"kty":"OKP","crv":"Ed25519","x":"AA"}}`,
		"x5u":                       `{"alg":"HS256","x5u":"https://evil.example/cert"}`,
		"x5c":                       `{"alg":"HS256","x5c":["MIIB"]}`,
		"x5c null":                  `{"alg":"HS256","x5c":null}`,
		"kid a number":              `{"alg":"HS256","kid":1}`,
		"kid an object":             `{"alg":"HS256","kid":{"a":"b"}}`,
		"kid an array":              `{"alg":"HS256","kid":["a"]}`,
		"kid null":                  `{"alg":"HS256","kid":null}`,
		"typ a number":              `{"alg":"HS256","typ":1}`,
		"typ null":                  `{"alg":"HS256","typ":null}`,
		"typ empty":                 `{"alg":"HS256","typ":""}`,
		"typ application/ only":     `{"alg":"HS256","typ":"application/"}`,
		"no alg":                    `{"typ":"JWT"}`,
		"alg null":                  `{"alg":null}`,
		"alg a number":              `{"alg":256}`,
		"alg an array":              `{"alg":["HS256"]}`,
		"alg twice, none first":     `{"alg":"none","alg":"HS256"}`,
		"alg twice, none last":      `{"alg":"HS256","alg":"none"}`,
		"alg twice, equal":          `{"alg":"HS256","alg":"HS256"}`,
		"alg twice, escaped":        `{"alg":"HS256","\u0061lg":"none"}`,
		"kid twice":                 `{"alg":"HS256","kid":"a","kid":"b"}`,
		"twice in an unknown one":   `{"alg":"HS256","a":[{"b":1,"b":2}]}`,
		"empty object":              `{}`,
		"not an object":             `"HS256"`,
		"null":                      `null`,
		"array":                     `[{"alg":"HS256"}]`,
		"not JSON":                  `alg=HS256`,
		"two objects":               `{"alg":"HS256"}{"alg":"none"}`,
		"trailing comma":            `{"alg":"HS256",}`,
		"single quotes":             `{'alg':'HS256'}`,
		"byte order mark":           "\ufeff" + `{"alg":"HS256"}`,
		"invalid UTF-8":             "{\"alg\":\"HS256\",\"kid\":\"\xff\"}",
		"NUL after":                 "{\"alg\":\"HS256\"}\x00",
		"half surrogate in the kid": `{"alg":"HS256","kid":"\udc00"}`,
	} {
		t.Run("deny/"+name, func(t *testing.T) {
			t.Parallel()
			raw := token(header, "{}", hs(crypto.SHA256, secret))
			_, err := jose.Parse(raw)
			refuses(t, err, jose.ErrHeader, raw)
			quotes(t, err, "https://evil.example")
		})
	}
}

func TestRefusesAlgorithm(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"none", "None", "NONE", "nOnE", "", " HS256", "HS256 ", "hs256", "HS256\x00", "HS1", "RS1", "ES256K", "Ed448",
		"eddsa", "ED25519", "HMAC", "A256GCM", "dir", "RSA-OAEP", "ES256\u200b", "unknown",
	} {
		t.Run("deny/"+name, func(t *testing.T) {
			t.Parallel()
			_, err := jose.Parse(token(string(asJSON(map[string]string{"alg": name})), "{}", hs(crypto.SHA256, secret)))
			refuses(t, err, jose.ErrAlgorithm, "")
			if _, err := jose.ParseAlgorithm(name); err == nil {
				t.Error("ParseAlgorithm takes it")
			}
		})
	}
}

func TestAlgorithmNames(t *testing.T) {
	t.Parallel()
	names := "HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA"
	got := ""
	for a := jose.HS256; a <= jose.EdDSA; a++ {
		back, err := jose.ParseAlgorithm(a.String())
		if err != nil || back != a {
			t.Errorf("%s is read as %s, %v", a, back, err)
		}
		if a.Symmetric() != (a <= jose.HS512) {
			t.Errorf("%s: symmetric %t", a, a.Symmetric())
		}
		got += " " + a.String()
	}
	if got[1:] != names {
		t.Errorf("got%s", got)
	}
	for _, a := range []jose.Algorithm{0, jose.EdDSA + 1, 255} {
		if a.Symmetric() || a.String() != "unknown" {
			t.Errorf("%d is an algorithm", a)
		}
	}
}

// FuzzHeader holds every header that is accepted against encoding/json: the same algorithm, kid and typ, and none of the
// members that would change how the token is read.
func FuzzHeader(f *testing.F) {
	for _, text := range []string{header, `{"alg":"ES256","kid":"a","typ":"application/at+jwt"}`, `{"alg":"none"}`, `{"alg":"HS256","ALG":"none"}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := jose.Parse(b64(b) + "." + b64("{}") + "." + b64("x"))
		if err != nil {
			return
		}
		o := plainly(b)
		if repeated, _ := repeats(b); repeated || o == nil {
			t.Fatalf("%q was accepted", b)
		}
		// Ed25519 is EdDSA by its own name (RFC 9864).
		if alg := o["alg"]; alg != c.Header.Algorithm.String() && (alg != "Ed25519" || c.Header.Algorithm != jose.EdDSA) {
			t.Errorf("%q was read as %v", b, c.Header.Algorithm)
		}
		kid, has := o["kid"].(string)
		if kid != c.Header.KeyID || has != c.Header.HasKeyID {
			t.Errorf("%q was read with kid %q, %t", b, c.Header.KeyID, c.Header.HasKeyID)
		}
		typ, _ := o["typ"].(string)
		folded := strings.Map(func(r rune) rune { // ASCII alone: the Kelvin sign is no k
			if 'A' <= r && r <= 'Z' {
				return r + 'a' - 'A'
			}
			return r
		}, typ)
		if !strings.HasSuffix(folded, c.Header.Type) || (typ == "") != (c.Header.Type == "") {
			t.Errorf("%q was read with typ %q", b, c.Header.Type)
		}
		for _, name := range []string{"crit", "b64", "zip", "enc", "jku", "jwk", "x5u", "x5c", "cty"} {
			if _, has := o[name]; has {
				t.Errorf("%q was accepted with %s", b, name)
			}
		}
	})
}
