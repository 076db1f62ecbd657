package accesstoken_test

import (
	"crypto"
	"fmt"
	"strings"
)

// timeVectors are well signed; their dates are of the wrong type, or the wrong ones.
func (k keys) timeVectors() []vector {
	hs256 := hs(crypto.SHA256, k.secret)
	of := func(name, expect, why string, now int64, changes ...string) vector {
		return vector{name: name, expect: expect, rows: "J11 A10", why: why, now: now, token: sign(header("HS256", ""), nameless(changes...), hs256)}
	}
	all := []vector{of("exp-missing", "malformed_token", "no exp", 0, "exp", "")}
	for form, value := range map[string]string{
		"string": `"1700003660"`, "null": `null`, "true": `true`, "object": `{}`, "array": `[1700003660]`, "negative": `-1`,
		"fraction": `1700003660.5`, "whole-fraction": `1700003660.0`, "exponent": `1.70000366e9`, "small-exponent": `1e9`,
		"milliseconds": `1700003660000`, "microseconds": `1700003660000000`, "past-rfc3339": `253402300800`,
		"past-int64": `9223372036854775808`, "wraps-int64": `18446744075409555276`, "400-digits": strings.Repeat("9", 400),
		"huge-exponent": `1e300`,
	} {
		for _, claim := range []string{"exp", "nbf", "iat"} {
			all = append(all, of(claim+"-"+form, "malformed_token", claim+" is no whole number of seconds: "+form, 0, claim, value))
		}
	}
	const exp = issued + 3660
	number := func(seconds int64) string { return fmt.Sprint(seconds) }
	return append(all,
		of("exp-zero", "malformed_token", "exp is 0, which is what a forgotten field looks like", 0, "exp", "0"),
		of("exp-long-ago", "expired", "exp is 1", 0, "exp", "1"),
		of("exp-last-second", "ok", "a second before exp", exp-1),
		of("exp-now", "expired", "exp is exact: the moment itself is too late", exp),
		of("exp-leeway", "expired", "no leeway for exp", exp+1),
		of("nbf-zero", "ok", "nbf is 0", 0, "nbf", "0"),
		of("nbf-now", "ok", "nbf is now", 0, "nbf", number(arrival)),
		of("nbf-leeway", "ok", "nbf within the leeway", 0, "nbf", number(arrival+5)),
		of("nbf-future", "not_yet_valid", "nbf a second behind the leeway", 0, "nbf", number(arrival+6)),
		of("iat-leeway", "ok", "iat within the leeway", 0, "iat", number(arrival+5)),
		of("iat-future", "not_yet_valid", "iat a second behind the leeway", 0, "iat", number(arrival+6)),
		of("expired-before-early", "expired", "expired, and not yet valid", 0, "exp", number(arrival-9), "nbf", number(arrival+9)),
		of("lifetime-limit", "ok", "a lifetime of 24 hours", 0, "exp", number(issued+86400)),
		of("lifetime", "lives_too_long", "a second more than 24 hours", 0, "exp", number(issued+86401)),
		of("lifetime-iat-zero", "lives_too_long", "iat is 0: it would be 53 years old", 0, "iat", "0"),
		of("lifetime-last-date", "lives_too_long", "exp in the year 9999, which no duration reaches", 0, "exp", "253402300799", "iat", "0"),
		of("lifetime-no-iat-limit", "ok", "no iat, and 24 hours from now", 0, "iat", "", "exp", number(arrival+86400)),
		of("lifetime-no-iat", "lives_too_long", "no iat, and more than 24 hours from now", 0, "iat", "", "exp", number(arrival+86401)),
		of("lifetime-kubernetes", "malformed_token", "a service account's token of old: no exp, no iat, no aud", 0, "exp", "", "iat", ""),
		of("exp-in-other-case", "malformed_token", "Exp is not exp", 0, "exp", "", "Exp", number(exp)),
		of("exp-beside-other-case", "expired", "exp counts, whatever EXP says", 0, "exp", "1", "EXP", number(exp)),
	)
}
