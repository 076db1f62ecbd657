package latchtest

import "regexp"

// tokenLike is what a token looks like, or the first bytes of a JOSE header that begins with alg, typ or kid. The
// letters eyJ alone are not enough: one thumbprint in some thousands has them by chance.
var tokenLike = regexp.MustCompile(`eyJ[\w-]*\.[\w-]|eyJ(?:hbGci|0eXAi|raWQi)`)

// ShowsToken says whether a text, of a log or of an answer, has a token in it, or the beginning of one.
func ShowsToken(text string) bool { return tokenLike.MatchString(text) }
