package accesstoken_test

import (
	"fmt"
	"slices"
	"strings"
)

// What most tokens say, as JSON, in this order.
var usual = [][2]string{
	{"iss", `"` + provider + `"`},
	{"aud", `"` + door + `"`},
	{"sub", `"ana"`},
	{"client_id", `"phone"`},
	{"jti", `"j-1"`},
	{"scope", `"door:open door:read"`},
	{"iat", fmt.Sprint(issued)},
	{"exp", fmt.Sprint(issued + 3660)},
}

// claims is the usual payload with changes.
func claims(changes ...string) string { return object(usual, changes...) }

// nameless is the payload of the site's own secret: the tokens of tutorials have no iss and no aud.
func nameless(changes ...string) string {
	return claims(append([]string{"iss", "", "aud", "", "client_id", ""}, changes...)...)
}

// header is the JOSE header of an access token of RFC 9068, with changes. An empty kid is left out.
func header(alg, kid string, changes ...string) string {
	members := [][2]string{{"alg", `"` + alg + `"`}, {"typ", `"at+jwt"`}}
	if kid != "" {
		members = append(members, [2]string{"kid", `"` + kid + `"`})
	}
	return object(members, changes...)
}

// object writes members as JSON after changes: a name and its JSON, alternately. Empty JSON takes a member out; a new
// name comes last.
func object(members [][2]string, changes ...string) string {
	members = slices.Clone(members)
	for i := 0; i < len(changes); i += 2 {
		change := [2]string{changes[i], changes[i+1]}
		at := slices.IndexFunc(members, func(m [2]string) bool { return m[0] == change[0] })
		if at < 0 {
			members = append(members, change)
		} else {
			members[at] = change
		}
	}
	var b strings.Builder
	for _, m := range members {
		if m[1] != "" {
			fmt.Fprintf(&b, `,"%s":%s`, m[0], m[1])
		}
	}
	return "{" + strings.TrimPrefix(b.String(), ",") + "}"
}
