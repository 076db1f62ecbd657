package attacks_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"
)

// roomy is a site whose server takes headers of 4 MB, so that the latch itself must say no.
var roomy = strings.Replace(ringSite, "auto_https off", "auto_https off\n\tservers {\n\t\tmax_header_size 4MB\n\t}", 1)

// soon demands that tokens are refused, each in a time that a slow machine has too, and that nothing moved. Status 431
// is the server's, which reads no header of that size.
func (s *stage) soon(t *testing.T, status int, tokens map[string]string) {
	t.Helper()
	for name, token := range tokens {
		before, began := s.bot.Hits(), time.Now()
		got := tryToken(t, s.address(), token)
		if got.status != status || s.bot.Hits() != before {
			t.Errorf("%s: status %d, want %d, and the bot got %d requests", name, got.status, status, s.bot.Hits()-before)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s: refused after %s", name, took)
		}
	}
	s.honest(t)
}

func TestD1_DotsCostNothing(t *testing.T) {
	t.Parallel()
	honest := called("EdDSA").token(nil, nil)
	million := strings.Repeat(".", 1_000_000)
	newRing(t).soon(t, http.StatusRequestHeaderFieldsTooLarge, map[string]string{"a million": million})
	newStage(t, roomy, ringEnv(t)...).soon(t, http.StatusUnauthorized, map[string]string{
		"a million": million, "ten thousand": million[:10_000], "as many as a token may have": million[:8<<10], "behind a token": honest + million,
		"in front of one": million + honest, "between letters": strings.Repeat("a.", 500_000),
	})
}

func TestD2_OnlyTheCompactFormIsRead(t *testing.T) {
	t.Parallel()
	s := newRing(t)
	for _, a := range algorithms() {
		p := strings.Split(a.token(nil, nil), ".")
		flat := `{"payload":"` + p[1] + `","protected":"` + p[0] + `","signature":"` + p[2] + `"}`
		general := `{"payload":"` + p[1] + `","signatures":[{"protected":"` + p[0] + `","signature":"` + p[2] + `"}]}`
		s.soon(t, http.StatusBadRequest, map[string]string{
			a.name + " flattened": flat, a.name + " general": general, a.name + " empty": "{}", a.name + " no signature": `{"payload":"` + p[1] + `"}`,
			a.name + " none signed": `{"payload":"` + p[1] + `","signatures":[]}`, a.name + " null": `{"payload":null,"signatures":[null]}`, a.name + " unclosed": flat[:len(flat)-1],
		})
		s.forbids(t, map[string]string{
			a.name + " flattened, in base64": b64(flat), a.name + " general, in base64": b64(general) + ".." + p[2], a.name + " detached": p[0] + ".." + p[2],
			a.name + " header is JSON": a.write(flat, flat), a.name + " four parts": strings.Join(p, ".") + "." + p[2], a.name + " two parts": p[0] + "." + p[1],
		})
	}
}

func TestD3_EncryptedTokensAreNotOpened(t *testing.T) {
	t.Parallel()
	s := newRing(t)
	forged := map[string]string{}
	for _, header := range []string{
		`{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":2147483647,"p2s":"c2FsdA"}`, `{"alg":"dir","enc":"A256GCM","zip":"DEF"}`, `{"alg":"RSA-OAEP","enc":"A128CBC-HS256","kid":"rsa"}`,
		`{"alg":"A256KW","enc":"A256GCM"}`, `{"alg":"ECDH-ES","enc":"A128GCM","epk":null}`, `{"alg":"RSA1_5","enc":"A128GCM"}`, `{"alg":"dir"}`, `{"enc":"A256GCM"}`, `{}`,
		object(called("EdDSA").header(), nil),
	} {
		for name, rest := range map[string]string{"whole": ".YWFh.YWFh.YWFh.YWFh", "no key": "..YWFh.YWFh.YWFh", "empty": "....", "short": "..YQ.YQ.YQ", "a bomb": "..YWFh." + strings.Repeat("A", 6000) + ".YWFh"} {
			forged[header+" "+name] = b64(header) + rest
		}
	}
	s.forbids(t, forged)
}

func TestD4_LongSignaturesAreRefusedUnread(t *testing.T) {
	t.Parallel()
	s := newStage(t, roomy, ringEnv(t)...)
	forged := map[string]string{}
	for _, a := range algorithms() {
		for _, length := range []int{1000, 6000, 8 << 10, 21_830, 500_000, 1_000_000} {
			input := b64(object(a.header(), nil)) + "." + b64(object(a.claims("d4"), nil))
			forged[fmt.Sprintf("%s, signature of %d", a.name, length)] = input + "." + strings.Repeat("A", length)
			forged[fmt.Sprintf("%s, payload of %d", a.name, length)] = a.token(nil, map[string]any{"x": strings.Repeat("x", max(length, 9000))})
			forged[fmt.Sprintf("%s, header of %d", a.name, length)] = a.token(map[string]any{"x": strings.Repeat("x", length)}, nil)
		}
	}
	deep := called("EdDSA")
	forged["depth 20000"] = deep.write(object(deep.header(), nil), put(object(deep.claims("d4"), nil), "x", strings.Repeat("[", 20000)+strings.Repeat("]", 20000)))
	s.soon(t, http.StatusUnauthorized, forged)
}

func TestD5_RubbishEndsNothing(t *testing.T) {
	t.Parallel()
	s := newRing(t)
	honest := called("ES256").token(nil, nil)
	pieces := []string{
		".", "..", "...", "e30", "bnVsbA", "W10", "IiI", "MQ", "eyJhbGciOiJub25lIn0", "eyJhbGciOm51bGx9", "eyJraWQiOnt9LCJhbGciOiJFUzI1NiJ9", "-", "_", "A", "AA", "AAA", "AAAA", "=", "~", "+/",
		honest, honest[:20], honest[len(honest)/2:], b64("{"), b64(`{"alg":`), b64(strings.Repeat("[", 500)), b64("\x00\xff"), b64(`{"iss":"` + issuerName + `"}`), b64(object(called("ES256").header(), nil)),
	}
	random := rand.New(rand.NewPCG(12, 5)) // the same rubbish in every run
	connection := newLine(s.address())
	defer connection.close()
	for n := range 3000 {
		var token strings.Builder
		for range 1 + random.IntN(6) {
			token.WriteString(pieces[random.IntN(len(pieces))])
			if random.IntN(2) == 0 {
				token.WriteByte('.')
			}
		}
		if token.String() == honest {
			continue
		}
		if status := connection.ask(t, token.String()); status != http.StatusBadRequest && status != http.StatusUnauthorized {
			t.Errorf("rubbish %d: status %d", n, status)
		}
	}
	s.refuses(t, attack{"CONNECT", "CONNECT {host} HTTP/1.1\nHost: {host}\nAuthorization: Bearer {driver}\n\n", 400}, attack{"CONNECT a path", "CONNECT /servo/10 HTTP/1.1\nHost: {host}\nAuthorization: Bearer {driver}\n\n", 400})
}

func TestD7_MalformedSignaturesAreTheClientsFault(t *testing.T) {
	t.Parallel()
	s := newRing(t)
	forged := map[string]string{}
	for _, a := range algorithms() {
		for _, n := range []int{0, 1, 2, 31, 32, 33, 63, 64, 65, 95, 96, 97, 131, 132, 133, 255, 256, 257, 512, 1024} {
			for _, filler := range []byte{0, 1, 0x30, 0x7f, 0xff} {
				other := a
				other.sign = given([]byte(strings.Repeat(string(rune(filler)), n))[:n])
				forged[fmt.Sprintf("%s: %d of %#x", a.name, n, filler)] = other.token(nil, nil)
			}
		}
	}
	s.forbids(t, forged)
}

func TestD8_KidOfAnyShapeIsRefused(t *testing.T) {
	t.Parallel()
	s := newRing(t)
	forged := map[string]string{}
	for _, a := range algorithms() {
		for name, kid := range map[string]any{
			"number": 1, "fraction": 1.5, "huge": raw("1e999"), "true": true, "null": raw("null"), "array": []string{a.kid}, "object": map[string]any{"kid": a.kid}, "nested": raw(strings.Repeat("[", 20) + strings.Repeat("]", 20)),
		} {
			forged[a.name+" "+name] = a.token(map[string]any{"kid": kid}, nil)
		}
		forged[a.name+" 10 kB"] = a.token(map[string]any{"kid": strings.Repeat("k", 10_000)}, nil)
		if a.kid == "" {
			continue // a secret looks at no kid
		}
		for _, kid := range []string{"", " ", a.kid + " ", a.kid + "\x00", strings.ToUpper(a.kid), "../../../../etc/passwd", "../" + a.kid, "/dev/null", "file:///dev/null", "' OR '1'='1", "$(reboot)", "{env.HOME}", "{file./etc/passwd}", "%00", "constructor", "\u212a", strings.Repeat("k", 500)} {
			forged[fmt.Sprintf("%s %.40q", a.name, kid)] = a.token(map[string]any{"kid": kid}, nil)
		}
	}
	s.forbids(t, forged)
}
