package app

import (
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// Unmarshal reads what follows `keys`. Errors do not show a secret:
//
//	keys static        <file...>
//	keys secret        <secret>
//	keys secret_base64 <secret>
//	keys jwks          <url> {
//		max_stale  <duration>
//		cooldown   <duration>
//		trusted_ca <file...>
//		insecure_loopback
//	}
//	keys discovery     {
//		...
//	}
func (k *Keys) Unmarshal(d *caddyfile.Dispenser, kind string, args []string) error {
	switch kind {
	case "static":
		if len(args) == 0 {
			return d.Err("keys static needs a file")
		}
		k.Files = args
		return nil
	case "secret", "secret_base64":
		if len(args) != 1 || args[0] == "" {
			return d.Errf("'%s' needs exactly one value", kind) // never name the words: one of them is the secret
		}
		if kind == "secret" {
			k.Secret = args[0]
		} else {
			k.SecretBase64 = args[0]
		}
		return nil
	case "jwks":
		if len(args) != 1 || args[0] == "" {
			return d.Err("keys jwks needs exactly one URL")
		}
		k.JWKS = args[0]
		return k.unmarshalFetched(d)
	case "discovery":
		if len(args) != 0 {
			return d.Errf("keys discovery takes no value, '%s' is too much: the issuer's name says where to look", args[0])
		}
		k.Discovery = true
		return k.unmarshalFetched(d)
	}
	return d.Errf("unrecognized keys '%s': static, secret, secret_base64, jwks and discovery are known", kind)
}

// unmarshalFetched reads the block of keys that are fetched, if there is one.
func (f *FetchedKeys) unmarshalFetched(d *caddyfile.Dispenser) error {
	said := make(map[string]bool)
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		word := d.Val()
		if said[word] {
			return d.Errf("'%s' stands twice", word)
		}
		said[word] = true
		args := d.RemainingArgs()
		var err error
		switch word {
		case "max_stale":
			f.MaxStale, err = oneDuration(d, word, args)
		case "cooldown":
			f.Cooldown, err = oneDuration(d, word, args)
		case "trusted_ca":
			if f.TrustedCA = args; len(args) == 0 {
				err = d.Err("'trusted_ca' needs a file")
			}
		case "insecure_loopback":
			if f.InsecureLoopback = true; len(args) > 0 {
				err = d.Errf("'insecure_loopback' takes no value, '%s' is too much", args[0])
			}
		default:
			err = d.Errf("unrecognized option '%s' of keys: max_stale, cooldown, trusted_ca and insecure_loopback are known", word)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// oneDuration reads the value of a word: a second or more.
func oneDuration(d *caddyfile.Dispenser, word string, args []string) (caddy.Duration, error) {
	if len(args) != 1 {
		return 0, d.Errf("'%s' takes one duration", word)
	}
	duration, err := caddy.ParseDuration(args[0])
	if err != nil || duration < time.Second {
		return 0, d.Errf("%s %s is not a duration of a second or more, such as 30s or 24h", word, args[0])
	}
	return caddy.Duration(duration), nil
}
