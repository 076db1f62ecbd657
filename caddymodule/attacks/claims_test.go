package attacks_test

import (
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

func TestA8_AudienceOfAnyShapeIsAsked(t *testing.T) {
	t.Parallel()
	s := newRing(t)
	a := called("EdDSA")
	aud := func(value any) string { return a.token(nil, map[string]any{"aud": value}) }
	s.opens(t, map[string]string{
		"string": aud(audience), "array": aud([]string{audience}), "among others": aud([]string{"https://other.example.com", audience}),
	})
	forged := map[string]string{}
	for name, value := range map[string]any{
		"absent": nil, "null": raw("null"), "empty": "", "number": 1, "true": true, "empty array": []string{}, "array of null": raw("[null]"),
		"object": map[string]any{audience: true}, "object in an array": []any{map[string]any{"aud": audience}}, "nested": []any{[]string{audience}},
		"another": "https://other.example.com", "others": []string{"https://other.example.com", "*"}, "star": "*",
		"prefix": audience[:len(audience)-1], "longer": audience + "/", "case": strings.ToUpper(audience), "space": " " + audience,
		"two in one": audience + " https://other.example.com", "comma": audience + ",x", "an array as a string": `["` + audience + `"]`,
		"with an empty one": []string{audience, ""}, "with a number": []any{audience, 1}, "NUL": audience + "\u0000",
	} {
		forged[name] = aud(value)
	}
	forged["twice, ours last"] = a.write(object(a.header(), nil), strings.Replace(object(a.claims("x"), nil), "{", `{"aud":"x",`, 1))
	forged["another, Aud ours"] = a.token(nil, map[string]any{"aud": "x", "Aud": audience})
	s.forbids(t, forged)
}

func TestA9_OnlyIssuersOfTheSiteAreBelieved(t *testing.T) {
	t.Parallel()
	s := newRing(t)
	a := called("EdDSA")
	forged := map[string]string{}
	for name, iss := range map[string]any{
		"unknown": "https://evil.example.com/", "absent": nil, "null": raw("null"), "empty": "", "number": 1, "array": []string{issuerName},
		"object": map[string]any{"iss": issuerName}, "without its slash": strings.TrimSuffix(issuerName, "/"), "longer": issuerName + "/",
		"case": strings.ToUpper(issuerName), "space": issuerName + " ", "NUL": issuerName + "\u0000", "another of the site": hmacIssuer,
		"and another of the site": pemIssuer, "port": "https://id.example.com:443/", "user": "https://x@id.example.com/",
	} {
		forged[name] = a.token(nil, map[string]any{"iss": iss})
	}
	for _, other := range algorithms() {
		if other.issuer != issuerName {
			forged[other.name+" of another issuer in its name"] = other.token(nil, map[string]any{"iss": issuerName})
		} else {
			forged[other.name+" in the name of the secret"] = other.token(nil, map[string]any{"iss": hmacIssuer})
		}
	}
	forged["twice, ours last"] = a.write(object(a.header(), nil), strings.Replace(object(a.claims("x"), nil), "{", `{"iss":"x",`, 1))
	s.forbids(t, forged)

	// A public rule asks for no token: there a stranger's is no worse than none, and opens nothing else.
	for _, token := range []string{forged["unknown"], forged["absent"]} {
		if got := getWith(t, s.address(), "/healthz", token); got.status != http.StatusOK {
			t.Errorf("public: status %d", got.status)
		}
		if got := getWith(t, s.address(), "/status", token); got.status != http.StatusUnauthorized {
			t.Errorf("beside public: status %d", got.status)
		}
	}
}

func TestA10_TimesAreWholeSecondsAndNothingElse(t *testing.T) {
	t.Parallel()
	s := newRing(t)
	a := called("EdDSA")
	now := time.Now()
	soon := now.Unix() + 600
	forged := map[string]string{}
	for name, value := range map[string]any{
		"negative": -soon, "minus 1": -1, "minus 0": raw("-0"), "fraction": raw(`1.5`), "float": float64(soon) + 0.5, "decimal point": raw("4102444800.0"),
		"exponent": raw("4e9"), "string": "4102444800", "huge": raw("1e300"), "beyond 64 bits": raw("99999999999999999999"), "null": raw("null"),
		"true": true, "array": []int64{soon}, "object": map[string]any{}, "milliseconds": now.UnixMilli() + 600_000, "max int": math.MaxInt64,
		"date": now.Add(time.Hour).Format(time.RFC3339), "empty": "", "zero": 0,
	} {
		for _, claim := range []string{"exp", "nbf", "iat"} {
			if value == 0 && claim != "exp" || name == "minus 0" && claim != "exp" {
				continue // 1970 is a date before which nothing was issued; with exp it would live too long
			}
			forged[claim+" "+name] = a.token(nil, map[string]any{claim: value})
		}
	}
	for name, claims := range map[string]map[string]any{
		"no exp": {"exp": nil}, "exp now": {"exp": now.Unix()}, "nbf ahead": {"nbf": now.Unix() + 60}, "iat ahead": {"iat": now.Unix() + 60},
		"lives for years": {"exp": now.Unix() + 10*365*86400}, "lives for years, no iat": {"exp": now.Unix() + 10*365*86400, "iat": nil},
		"Exp for exp": {"exp": nil, "Exp": soon}, "expires for exp": {"exp": nil, "expires_at": soon},
		"iat of 1970": {"iat": 0, "nbf": 0},
	} {
		forged[name] = a.token(nil, claims)
	}
	forged["exp twice"] = a.write(object(a.header(), nil), strings.Replace(object(a.claims("x"), nil), "{", `{"exp":1,`, 1))
	s.forbids(t, forged) // expired ones are told so, and are no less refused
}

func TestA11_NothingUnverifiedReachesLogsHeadersOrAnswers(t *testing.T) {
	t.Parallel()
	access := filepath.Join(t.TempDir(), "access.log")
	s := newStage(t, identifyingSite, "ACCESS="+access)
	const canary = "canary7f3a"
	evil := map[string]any{}
	for _, claim := range []string{"sub", "jti", "client_id", "scope", "aud", "sid", canary} {
		evil[claim] = canary
	}
	stranger := algorithm{name: "EdDSA", kid: canary, issuer: canary, sign: ed(edKey())}
	var answers strings.Builder
	for _, forged := range []string{
		stranger.token(nil, evil),
		stranger.token(nil, object2(evil, "iss", issuerName)),
		stranger.token(map[string]any{"kid": s.key.ID}, object2(evil, "iss", issuerName)),
		stranger.token(map[string]any{"alg": canary, "typ": canary}, evil),
	} {
		got := tryToken(t, s.address(), forged)
		if got.status != http.StatusUnauthorized {
			t.Errorf("status %d, want 401", got.status)
		}
		answers.WriteString(got.body + got.header.Get("WWW-Authenticate"))
		if got := getWith(t, s.address(), "/healthz", forged); got.status != http.StatusOK {
			t.Errorf("public: status %d", got.status)
		}
		for name, values := range s.bot.Last().Header {
			if strings.Contains(strings.Join(values, " "), canary) {
				t.Errorf("the bot was told %s: %q", name, values)
			}
		}
	}
	s.honest(t)
	if got := s.bot.Last().Header.Get("X-Bot-Subject"); got != "ana" { // or nothing at all was proved above
		t.Errorf("X-Bot-Subject of an honest token is %q", got)
	}
	_, metrics := s.latch.Ask(t, http.MethodGet, "/metrics", "")
	for name, text := range map[string]string{"answers": answers.String(), "the log": s.latch.Log(), "metrics": metrics, "the access log": accessLog(t, access)} {
		if strings.Contains(text, canary) {
			t.Errorf("%s hold what nobody verified:\n%s", name, text)
		}
	}
}

// object2 is members with one more.
func object2(members map[string]any, name string, value any) map[string]any {
	all := map[string]any{name: value}
	for k, v := range members {
		if k != name {
			all[k] = v
		}
	}
	return all
}

// identifyingSite tells the bot who is calling, and writes an access log.
const identifyingSite = options + `
http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	log {
		output file {$ACCESS}
		format json
	}
	botlatch {
		public GET /healthz
		allow GET,POST /servo/* scope drive
		allow GET /** scope observe
	}
	reverse_proxy {$BOT} {
		header_up X-Bot-Subject {http.auth.user.id}
		header_up X-Bot-Issuer {http.botlatch.issuer}
		header_up X-Bot-Client {http.botlatch.client_id}
		header_up X-Bot-Scope {http.botlatch.scope}
		header_up X-Bot-Token {http.botlatch.token_id}
	}
}
`

// accessLog is what Caddy wrote about requests; something it must be.
func accessLog(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(b), `"status":`) {
		t.Fatalf("no access log: %v", err)
	}
	return string(b)
}

func TestA14_WithoutASecretTheLatchDoesNotStart(t *testing.T) {
	t.Parallel()
	const short = "loading keys: secret of "
	nameless := strings.Replace(options+site, "botlatch {\n\t\tpublic", "botlatch {\n\t\t{$LINE}\n\t\tpublic", 1)
	for name, c := range map[string]struct{ line, want string }{
		"empty":             {`secret ""`, "needs exactly one value"},
		"nothing":           {`secret`, "needs exactly one value"},
		"white space":       {`secret "                                        "`, "white space"},
		"unset":             {`secret {env.NOT_SET}`, "env.NOT_SET"},
		"set to nothing":    {`secret {env.NOTHING}`, "env.NOTHING"},
		"set to a space":    {`secret {env.SPACE}`, "white space"},
		"a file not there":  {`secret {file./nowhere/secret}`, "/nowhere/secret"},
		"an empty file":     {`secret {file.` + latchtest.WriteFile(t, "empty", "\n") + `}`, "is empty"},
		"a brace too many":  {`secret {env.LONG`, "loading keys: "},
		"no placeholder":    {`secret {http.request.header.X-Secret}`, "placeholder"},
		"of 31 bytes":       {`secret 0123456789abcdefghijklmnopqrstu`, short + "31 bytes"},
		"short, in base64":  {`secret_base64 c2hvcnQ=`, short + "5 bytes"},
		"no base64":         {`secret_base64 not!base64`, "not base64"},
		"one byte repeated": {`secret aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`, "one byte repeated"},
	} {
		refusesToStart(t, name, c.want, strings.Replace(nameless, "{$LINE}", c.line, 1), "NOTHING=", "SPACE= ")
	}
	for alg, length := range map[string]int{"HS256": 31, "HS384": 47, "HS512": 63} {
		line := "issuer own {\n keys secret " + b64(secret())[:length] + "\n algorithms " + alg + "\n }"
		refusesToStart(t, alg, alg+" needs ", strings.Replace(nameless, "{$LINE}", line, 1))
	}
	// The same lines with a real secret start, or nothing was proved.
	s := newStage(t, strings.Replace(nameless, "{$LINE}", "accept "+issuerName+"\nsecret "+b64(secret())[:32], 1))
	s.honest(t)
}
