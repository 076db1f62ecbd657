package app

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/caddyserver/caddy/v2"
)

// Resolve replaces placeholders such as {env.BOT_AUDIENCE} in the words of a configuration's option. It is called once,
// when the configuration is loaded: nothing that a request brings can stand for a word. A placeholder that is unknown,
// not set or empty is an error, and so is a brace that belongs to none: taken literally, the word would guard something
// else than it seems to. A brace that is meant is written \{ or \}. Errors begin with the option, and say what to do.
func Resolve(option string, words []string) error {
	for i, word := range words {
		resolved, err := resolve(word)
		if err != nil {
			return fmt.Errorf("%s: %w", option, err)
		}
		words[i] = resolved
	}
	return nil
}

// Why a word cannot be resolved. None of it quotes the word, which may be a secret.
var (
	errBrace = errors.New(`it holds a brace that belongs to no placeholder: write {env.NAME} or {file.PATH}, or \{ for a brace`)
	errWord  = errors.New(`it holds an unknown placeholder: {env.NAME} and {file.PATH} are known, \{ is a brace`)
	errEmpty = errors.New("it resolves to white space alone")
)

// paired are the parts of a word in which braces may stand.
var paired = regexp.MustCompile(`\\[{}]|\{[^{}]*\}`)

func resolve(word string) (string, error) {
	if !strings.ContainsAny(word, "{}") {
		return word, nil
	}
	// Caddy takes {env.NAME without its end for text.
	if strings.ContainsAny(paired.ReplaceAllString(word, ""), "{}") {
		return "", errBrace
	}
	resolved, err := caddy.NewReplacer().ReplaceFunc(word, func(name string, value any) (any, error) {
		switch {
		case caddy.ToString(value) != "":
			return value, nil
		case strings.HasPrefix(name, "env."):
			return nil, fmt.Errorf("{%s} is not set, or empty: set it where Caddy is started", name)
		case strings.HasPrefix(name, "file."):
			return nil, fmt.Errorf("{%s} is empty, or cannot be read by Caddy", name)
		}
		return nil, errWord
	})
	if err == nil && strings.TrimSpace(resolved) == "" {
		err = errEmpty
	}
	return resolved, err
}
