package jose_test

import (
	"crypto"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

const header = `{"alg":"HS256","typ":"at+jwt"}`

func TestParseAcceptsOneSpellingOnly(t *testing.T) {
	t.Parallel()
	good := token(header, payload, hs(crypto.SHA256, secret))
	parts := strings.Split(good, ".")
	// The signature has 43 characters: the last one has two bits to spare.
	trailing := func(s string) string {
		const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
		last := strings.IndexByte(alphabet, s[len(s)-1])
		return s[:len(s)-1] + alphabet[last|1:last|1+1]
	}
	if parts[2] == trailing(parts[2]) {
		t.Fatal("the test changes nothing")
	}
	for name, raw := range map[string]string{
		"empty":                        "",
		"one part":                     parts[0],
		"two parts":                    parts[0] + "." + parts[1],
		"four parts":                   good + "." + parts[2],
		"five parts, as a JWE":         good + "." + parts[1] + "." + parts[2],
		"two dots only":                "..",
		"a million dots":               strings.Repeat(".", 1_000_000),
		"eight thousand dots":          strings.Repeat(".", 8000),
		"empty header":                 "." + parts[1] + "." + parts[2],
		"empty payload":                parts[0] + ".." + parts[2],
		"empty signature":              parts[0] + "." + parts[1] + ".",
		"padding":                      good + "=",
		"padding in the header":        parts[0] + "==." + parts[1] + "." + parts[2],
		"space before":                 " " + good,
		"space after":                  good + " ",
		"newline after":                good + "\n",
		"newline before":               "\n" + good,
		"carriage return inside":       good[:20] + "\r" + good[20:],
		"newline in the signature":     good[:len(good)-5] + "\n" + good[len(good)-5:],
		"tab inside":                   good[:20] + "\t" + good[20:],
		"NUL inside":                   good[:20] + "\x00" + good[20:],
		"standard alphabet":            parts[0] + "." + parts[1] + ".+/+/",
		"trailing bits":                parts[0] + "." + parts[1] + "." + trailing(parts[2]),
		"one character left over":      good + "AA",
		"percent escape":               parts[0] + "%2E" + parts[1] + "." + parts[2],
		"fullwidth dot":                parts[0] + "．" + parts[1] + "." + parts[2],
		"flattened JSON serialization": `{"protected":"` + parts[0] + `","payload":"` + parts[1] + `","signature":"` + parts[2] + `"}`,
		"general JSON serialization":   `{"payload":"` + parts[1] + `","signatures":[{"protected":"` + parts[0] + `","signature":"` + parts[2] + `"}]}`,
		"scheme in front":              "Bearer " + good,
		"9 KiB":                        good + repeat("A", 9<<10-len(good)),
		"1 MiB header":                 b64(`{"alg":"HS256","pad":"`+repeat("x", 1<<20)+`"}`) + "." + parts[1] + "." + parts[2],
		"2 KiB header":                 token(`{"alg":"HS256","pad":"`+repeat("x", 2<<10)+`"}`, "{}", hs(crypto.SHA256, secret)),
	} {
		t.Run("deny/"+name, func(t *testing.T) {
			t.Parallel()
			_, err := jose.Parse(raw)
			refuses(t, err, jose.ErrForm, good)
		})
	}
	t.Run("ok/as signed", func(t *testing.T) {
		t.Parallel()
		c, err := jose.Parse(good)
		if err != nil {
			t.Fatal(err)
		}
		if c.SigningInput != parts[0]+"."+parts[1] {
			t.Error("the signing input is not the token's")
		}
	})
	t.Run("ok/8 KiB", func(t *testing.T) {
		t.Parallel()
		raw := token(header, `{"a":"`+repeat("x", 5<<10)+`"}`, hs(crypto.SHA256, secret))
		if len(raw) > 8<<10 {
			t.Fatal("the test's token is too long")
		}
		if _, err := jose.Parse(raw); err != nil {
			t.Error(err)
		}
	})
}

// What is too long is refused before it is looked at: the only allocation is the error. Not parallel, because
// allocations are counted for the whole process.
func TestParseAllocatesNothingForHostileInput(t *testing.T) {
	for name, raw := range map[string]string{
		"a million dots": strings.Repeat(".", 1_000_000),
		"10 MiB of A":    strings.Repeat("A", 10<<20),
		"dots only":      strings.Repeat(".", 8<<10),
		"long header":    b64(repeat(`{"a":`, 800)) + ".e30.AAAA",
	} {
		t.Run("deny/"+name, func(t *testing.T) {
			allocations := testing.AllocsPerRun(10, func() {
				if _, err := jose.Parse(raw); err == nil {
					t.Error("accepted")
				}
			})
			if allocations > 10 {
				t.Errorf("%.0f allocations", allocations)
			}
		})
	}
}

func TestUnverifiedIssuer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		payload, want string
		deny          bool
	}{
		"ok/there":                  {payload, "https://id.example", false},
		"ok/absent":                 {`{"sub":"ana"}`, "", false},
		"ok/empty":                  {`{"iss":""}`, "", false},
		"ok/nested is another":      {`{"a":{"iss":"b"}}`, "", false},
		"ok/case is another":        {`{"ISS":"b"}`, "", false},
		"deny/number":               {`{"iss":1}`, "", true},
		"deny/null":                 {`{"iss":null}`, "", true},
		"deny/array":                {`{"iss":["a"]}`, "", true},
		"ok/the first of two":       {`{"iss":"a","iss":"b"}`, "a", false}, // and Claims refuses it
		"ok/escaped, and the first": {`{"\u0069ss":"a","iss":"b"}`, "a", false},
		"ok/behind what is skipped": {`{"a":{"iss":[{}]},"b":"\"iss\":","iss":"c"}`, "c", false},
		"deny/payload is an array":  {`["iss"]`, "", true},
		"deny/payload is no JSON":   {`iss=a`, "", true},
		"ok/of two objects":         {`{"iss":"a"}{"iss":"b"}`, "a", false},
		"ok/2500 levels, skipped":   {`{"a":` + repeat("[", 2500) + repeat("]", 2500) + `}`, "", false},
		"deny/nested token":         {token(header, payload, hs(crypto.SHA256, secret)), "", true},
		"deny/invalid UTF-8":        {"{\"iss\":\"a\xff\"}", "", true},
		"deny/half surrogate":       {`{"iss":"a\ud800"}`, "", true},
		"deny/cut off":              {`{"a":[1,2`, "", true},
		"deny/cut off behind it":    {`{"iss"`, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := jose.Parse(token(header, test.payload, hs(crypto.SHA256, secret)))
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.UnverifiedIssuer()
			if test.deny {
				refuses(t, err, jose.ErrForm, test.payload)
				return
			}
			if err != nil || got != test.want {
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

// TestClaimsAreReadStrictly, also where UnverifiedIssuer has read no further than to iss. Each of these is signed well.
func TestClaimsAreReadStrictly(t *testing.T) {
	t.Parallel()
	key := pairs(t)[jose.HS256].key
	for name, test := range map[string]struct {
		payload string
		deny    bool
	}{
		"ok/usual":         {payload, false},
		"deny/twice":       {`{"iss":"a","iss":"a"}`, true},
		"deny/escaped":     {`{"iss":"a","\u0069ss":"b"}`, true},
		"deny/behind iss":  {`{"iss":"a","b":1,"b":1}`, true},
		"deny/two objects": {`{"iss":"a"}{"iss":"b"}`, true},
		"deny/cut off":     {`{"iss":"a",`, true},
		"deny/deep":        {`{"iss":"a","b":` + repeat("[", 40) + repeat("]", 40) + `}`, true},
		"deny/array":       {`[]`, true},
		"deny/no JSON":     {`iss=a`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := jose.Parse(token(header, test.payload, hs(crypto.SHA256, secret)))
			if err != nil {
				t.Fatal(err)
			}
			claims, err := c.Claims(key)
			if !test.deny {
				if err != nil || claims["iss"] != "https://id.example" {
					t.Errorf("%v, %v", claims, err)
				}
				return
			}
			refuses(t, err, jose.ErrForm, test.payload)
			if claims != nil {
				t.Error("claims beside an error")
			}
			bad, err := jose.Parse(token(header, test.payload, func([]byte) []byte { return []byte("x") }))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := bad.Claims(key); !errors.Is(err, jose.ErrSignature) {
				t.Errorf("a bad signature is told %v", err)
			}
		})
	}
}

// FuzzParse holds Parse to its promise: what it accepts has one spelling, and never panics further on.
func FuzzParse(f *testing.F) {
	good := token(header, payload, hs(crypto.SHA256, secret))
	for _, raw := range []string{
		good, good + "=", good + "\n", "..", "a.b.c", "",
		token(`{"alg":"EdDSA","kid":"a"}`, "{}", ed(edKey())),
		token(`{"alg":"ES256"}`, "{}", es(crypto.SHA256, p256())),
		token(`{"alg":"none"}`, "{}", hs(crypto.SHA256, secret)),
	} {
		f.Add(raw)
	}
	shared, err := jose.Secret(secret)
	keys := []*jose.Key{only(f, shared, err), nil}
	for _, public := range []any{rsaKey().Public(), p256().Public(), edKey().Public()} {
		keys = append(keys, keySet(f, spki(public)).Keys()...)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		c, err := jose.Parse(raw)
		if err != nil {
			if !errors.Is(err, jose.ErrForm) && !errors.Is(err, jose.ErrHeader) && !errors.Is(err, jose.ErrAlgorithm) {
				t.Errorf("an error of no kind: %v", err)
			}
			return
		}
		parts := strings.Split(raw, ".")
		if len(parts) != 3 || c.SigningInput != parts[0]+"."+parts[1] {
			t.Fatalf("accepted %d parts", len(parts))
		}
		for _, part := range parts {
			b, err := base64.RawURLEncoding.DecodeString(part)
			if err != nil || base64.RawURLEncoding.EncodeToString(b) != part {
				t.Errorf("%q re-encodes to something else", part)
			}
		}
		_, _ = c.UnverifiedIssuer()
		for _, key := range keys {
			if p, err := c.Verify(key); err != nil && p != nil {
				t.Error("a payload beside an error")
			}
		}
	})
}
