package app

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

func init() { httpcaddyfile.RegisterGlobalOption("botlatch", parseGlobal) }

// parseGlobal reads the global option block, which stands once:
//
//	botlatch {
//		issuer <iss> {
//			...
//		}
//		revocation <store> [<arguments...>]
//		max_staleness <duration>|none
//		max_entries <number>
//	}
func parseGlobal(d *caddyfile.Dispenser, existing any) (any, error) {
	if existing != nil {
		d.Next()
		return nil, d.Err("global option 'botlatch' stands twice")
	}
	var a App
	if err := a.UnmarshalCaddyfile(d); err != nil {
		return nil, err
	}
	return httpcaddyfile.App{Name: "botlatch", Value: caddyconfig.JSON(a, nil)}, nil
}

// UnmarshalCaddyfile reads the global option block.
func (a *App) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next()
	if d.NextArg() {
		return d.ArgErr()
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		switch d.Val() {
		case "issuer":
			i := new(Issuer)
			if err := i.UnmarshalCaddyfile(d); err != nil {
				return err
			}
			a.Issuers = append(a.Issuers, i)
		case "revocation":
			store, err := parseStore(d)
			if err != nil {
				return err
			}
			a.StoresRaw = append(a.StoresRaw, store)
		case "max_staleness", "max_entries":
			if err := a.unmarshalLimit(d, d.Val()); err != nil {
				return err
			}
		default:
			return d.Errf("unrecognized option '%s' of botlatch: issuer, revocation, max_staleness and max_entries are known", d.Val())
		}
	}
	return nil
}

// unmarshalLimit reads max_staleness or max_entries, which stand once.
func (a *App) unmarshalLimit(d *caddyfile.Dispenser, word string) error {
	if word == "max_staleness" && a.MaxStaleness != 0 || word == "max_entries" && a.MaxEntries != 0 {
		return d.Errf("'%s' stands twice", word)
	}
	args := d.RemainingArgs()
	if len(args) != 1 {
		return d.Errf("'%s' takes one value", word)
	}
	var err error
	switch {
	case word == "max_entries":
		if a.MaxEntries, err = strconv.Atoi(args[0]); err != nil || a.MaxEntries < 1 {
			return d.Errf("max_entries %s is not a number of 1 or more", args[0])
		}
	case args[0] == "none":
		a.MaxStaleness = -1
	default:
		duration, err := caddy.ParseDuration(args[0])
		if err != nil || duration < time.Second {
			return d.Errf("max_staleness %s is not a duration of a second or more, such as 10m; none means for ever", args[0])
		}
		a.MaxStaleness = caddy.Duration(duration)
	}
	return nil
}

// parseStore reads `revocation <store> …`; the rest of the line and its block are the store's own.
func parseStore(d *caddyfile.Dispenser) (json.RawMessage, error) {
	if !d.NextArg() {
		return nil, d.Err("revocation needs the name of a store, such as bolt")
	}
	name := d.Val()
	module, err := caddyfile.UnmarshalModule(d, "botlatch.revocation_stores."+name)
	if err != nil {
		return nil, err
	}
	opener, ok := module.(revocation.Opener)
	if !ok {
		return nil, d.Errf("'%s' is no revocation store", name)
	}
	return caddyconfig.JSONModuleObject(opener, "store", name, nil), nil
}

// UnmarshalCaddyfile reads an issuer, in the global options or in a site:
//
//	issuer <iss> {
//		keys        static <file...> | secret <secret> | secret_base64 <secret> | jwks <url> | discovery {
//			...
//		}
//		audience    <audience...>
//		client_id   <client_id...>
//		algorithms  <alg...>
//		profile     compat|strict
//		scope_claim <claim...>
//		status_lists <https prefix...>
//		insecure_accept_id_tokens
//	}
func (i *Issuer) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	if !d.NextArg() || d.Val() == "" {
		return d.Err("issuer needs the iss of its tokens")
	}
	i.Name = d.Val()
	if d.NextArg() {
		return d.Errf("issuer takes one name, '%s' is too much", d.Val())
	}
	said := make(map[string]bool)
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		word := d.Val()
		if said[word] {
			return d.Errf("'%s' stands twice in issuer %s", word, i.Name)
		}
		said[word] = true
		if err := i.unmarshalWord(d, word); err != nil {
			return err
		}
	}
	if !said["keys"] {
		return d.Errf("issuer %s says nothing of its keys", i.Name)
	}
	return nil
}

func (i *Issuer) unmarshalWord(d *caddyfile.Dispenser, word string) error {
	args := d.RemainingArgs()
	if word == "insecure_accept_id_tokens" {
		if len(args) > 0 {
			return d.Errf("%s takes no value", word)
		}
		i.AcceptIDTokens = true
		return nil
	}
	if len(args) == 0 {
		return d.Errf("'%s' needs a value", word)
	}
	switch word {
	case "keys":
		return i.Keys.Unmarshal(d, args[0], args[1:])
	case "audience":
		i.Audience = args
	case "client_id":
		i.ClientID = args
	case "algorithms":
		i.Algorithms = args
	case "profile":
		if len(args) > 1 {
			return d.Errf("profile takes one word, '%s' is too much", args[1])
		}
		i.Profile = args[0]
	case "scope_claim":
		i.ScopeClaim = args
	case "status_lists":
		i.StatusLists = args
	default:
		return d.Errf("unrecognized option '%s' of issuer %s", word, i.Name)
	}
	return nil
}

// Interface guards
var (
	_ caddyfile.Unmarshaler = (*App)(nil)
	_ caddyfile.Unmarshaler = (*Issuer)(nil)
)
