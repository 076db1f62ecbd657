package app

import (
	"fmt"

	"github.com/caddyserver/caddy/v2"
)

// Resolve replaces placeholders such as {env.BOT_AUDIENCE} in words of the configuration. It is called once, when the
// configuration is loaded: nothing that a request brings can stand for a word. A placeholder that is unknown or empty is
// an error.
func Resolve(words []string) error {
	replacer := caddy.NewReplacer()
	for i, word := range words {
		resolved, err := replacer.ReplaceOrErr(word, true, true)
		if err != nil {
			return fmt.Errorf("resolving %s: %w", word, err)
		}
		words[i] = resolved
	}
	return nil
}
