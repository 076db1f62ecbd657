package jose_test

import (
	"crypto"
	"encoding/base64"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

// The payload of RFC 7515 appendix A, with its line breaks.
const joe = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

const rfc7515Secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"

const rfc7515RSA = `{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1` +
	`Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBd` +
	`QOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs9` +
	`1kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}`

const rfc7515EC = `{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",` +
	`"y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`

const rfc8037OKP = `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`

func TestVectors(t *testing.T) {
	t.Parallel()
	secretSet, err := jose.Secret(must(base64.RawURLEncoding.DecodeString(rfc7515Secret)))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		set *jose.KeySet
		raw string
	}{
		"ok/RFC 7515 A.1 HS256": {
			secretSet,
			"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + joe + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
		},
		"ok/RFC 7515 A.2 RS256": {
			keySet(t, []byte(rfc7515RSA)),
			"eyJhbGciOiJSUzI1NiJ9." + joe + ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5" +
				"YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K" +
				"0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5" +
				"AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
		},
		"ok/RFC 7515 A.3 ES256": {
			keySet(t, []byte(rfc7515EC)),
			"eyJhbGciOiJFUzI1NiJ9." + joe + ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
		},
		"ok/RFC 8037 A.4 EdDSA": {
			keySet(t, []byte(rfc8037OKP)),
			"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc." +
				"hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := jose.Parse(test.raw)
			if err != nil {
				t.Fatal(err)
			}
			found := test.set.Find(c.Header)
			if len(found) != 1 {
				t.Fatal("no key fits")
			}
			if _, err := c.Verify(found[0]); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("deny/RFC 7515 A.5 none", func(t *testing.T) {
		t.Parallel()
		if _, err := jose.Parse("eyJhbGciOiJub25lIn0." + joe + "."); err == nil {
			t.Error("accepted")
		}
	})
}

func TestThumbprints(t *testing.T) {
	t.Parallel()
	rfc7638 := `{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJEC` +
		`PebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZg` +
		`nYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-` +
		`csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}`
	for name, test := range map[string]struct{ jwk, want string }{
		"ok/RFC 7638 §3.1": {rfc7638, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"},
		"ok/RFC 8037 A.3":  {rfc8037OKP, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := keySet(t, []byte(test.jwk)).Keys()[0].Thumbprint; got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
	t.Run("ok/PEM and JWK agree", func(t *testing.T) {
		t.Parallel()
		for _, public := range []crypto.PublicKey{rsaKey().Public(), p256().Public(), p384().Public(), p521().Public(), edKey().Public()} {
			one, two := keySet(t, spki(public)).Keys()[0], keySet(t, jwks(members(public))).Keys()[0]
			if one.Thumbprint != two.Thumbprint || len(one.Thumbprint) != 43 {
				t.Errorf("%T: %s and %s", public, one.Thumbprint, two.Thumbprint)
			}
		}
	})
	t.Run("ok/leading zero of a modulus", func(t *testing.T) {
		t.Parallel()
		padded := with(members(rsaKey().Public()), "n", b64(append([]byte{0}, rsaKey().N.Bytes()...)))
		if keySet(t, asJSON(padded)).Keys()[0].Thumbprint != keySet(t, spki(rsaKey().Public())).Keys()[0].Thumbprint {
			t.Error("one key, two thumbprints")
		}
	})
}

// The seed of RFC 8032 §7.1 test 1, which RFC 8037 uses too.
func TestSigningMatchesVector(t *testing.T) {
	t.Parallel()
	k, err := jose.ParseSigningKey([]byte(`{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",` +
		`"x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := k.Sign("", []byte("Example of Ed25519 signing"))
	if err != nil {
		t.Fatal(err)
	}
	want := "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc." +
		"hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
	if raw != want {
		t.Errorf("got %s", raw)
	}
}
