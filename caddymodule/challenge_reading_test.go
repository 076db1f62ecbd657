package caddymodule_test

import (
	"errors"
	"strings"
)

// challenge is one of a WWW-Authenticate field, as RFC 9110 §11.6.1 has it.
type challenge struct {
	scheme string // in lower case: it has none
	params map[string]string
}

var errChallenge = errors.New("no list of challenges")

// readChallenges reads a field as a client does that follows the grammar of RFC 9110 §11 to the letter. Of token68, which no
// scheme of ours has, it knows nothing.
func readChallenges(field string) (all []challenge, err error) {
	rest := field
	for {
		rest = strings.TrimLeft(rest, " \t,")
		if rest == "" {
			return all, nil
		}
		var name string
		if name, rest = cutToken(rest); name == "" {
			return nil, errChallenge
		}
		after := strings.TrimLeft(rest, " \t")
		if !strings.HasPrefix(after, "=") { // a scheme begins, and a space stands before its parameters
			if rest != "" && rest[0] != ' ' && rest[0] != ',' {
				return nil, errChallenge
			}
			all = append(all, challenge{strings.ToLower(name), map[string]string{}})
			continue
		}
		if len(all) == 0 {
			return nil, errChallenge
		}
		var value string
		if value, rest, err = cutValue(strings.TrimLeft(after[1:], " \t")); err != nil {
			return nil, err
		}
		name = strings.ToLower(name)
		params := all[len(all)-1].params
		if _, twice := params[name]; twice { // §11.2: once for each challenge
			return nil, errChallenge
		}
		params[name] = value
		if rest = strings.TrimLeft(rest, " \t"); rest != "" && rest[0] != ',' {
			return nil, errChallenge
		}
	}
}

// cutToken takes a token of §5.6.2 off the front.
func cutToken(s string) (token, rest string) {
	i := 0
	for i < len(s) && (s[i] > ' ' && s[i] < 0x7f && strings.IndexByte("\"(),/:;<=>?@[\\]{}", s[i]) < 0) {
		i++
	}
	return s[:i], s[i:]
}

// cutValue takes a token or a quoted-string of §5.6.4 off the front.
func cutValue(s string) (value, rest string, err error) {
	if !strings.HasPrefix(s, `"`) {
		if value, rest = cutToken(s); value == "" {
			err = errChallenge
		}
		return value, rest, err
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:], nil
		case s[i] == '\\':
			if i++; i == len(s) {
				return "", "", errChallenge
			}
		}
		if s[i] < ' ' && s[i] != '\t' || s[i] == 0x7f {
			return "", "", errChallenge
		}
		b.WriteByte(s[i])
	}
	return "", "", errChallenge
}
