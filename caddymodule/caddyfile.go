package caddymodule

import (
	"errors"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"

	"github.com/botlatch/botlatch/caddymodule/app"
	"github.com/botlatch/botlatch/caddymodule/policy"
)

func init() {
	httpcaddyfile.RegisterDirective("botlatch", parseDirective)
	// Before every directive that can reach a bot: handle, route and invoke come before the responders, so "before
	// reverse_proxy" would let a handle block run unchecked.
	httpcaddyfile.RegisterDirectiveOrder("botlatch", httpcaddyfile.Before, "basic_auth")
}

// parseDirective reads the directive. It refuses a matcher, because what that does not match would be unguarded.
func parseDirective(helper httpcaddyfile.Helper) ([]httpcaddyfile.ConfigValue, error) {
	helper.Next()
	if helper.CountRemainingArgs() > 0 {
		return nil, helper.Err("botlatch takes no matcher: what it does not match would be unguarded; use rules (allow, public)")
	}
	if helper.IsNamedRoute() {
		return nil, helper.Err("botlatch in a named route: of several directives there Caddy keeps the first alone, and nothing would be guarded; " +
			"write it in the site, from a snippet where several sites share it (import)")
	}
	helper.Reset()
	h := new(Handler)
	if err := h.UnmarshalCaddyfile(helper.Dispenser); err != nil {
		return nil, err
	}
	return helper.NewRoute(nil, h), nil
}

// UnmarshalCaddyfile reads a site's block. secret, secret_base64 and keys are an issuer without a name, the site's own:
//
//	botlatch {
//		accept           <iss...>
//		issuer           <iss> {
//			...
//		}
//		secret           <secret>
//		secret_base64    <secret>
//		keys             static <file...> | jwks <url> {
//			...
//		}
//		audience         <audience...>
//		public           <methods> <path...>
//		allow            <methods> <path...> [scope <scope...>] [any_scope <scope...>] [claim <name> <value...>] [any_token] {
//			issued_within <duration>
//			once
//			replayable
//		}
//		sign_in          {
//			...
//		}
//		panel            scope <scope...>
//		cors             <origin...>
//		identity_headers <name...>
//		realm            <realm>
//		metadata         off
//		leeway           <duration>
//		max_lifetime     <duration>|none
//		insecure_lenient_path
//		insecure_http
//		insecure_query_token
//		insecure_report_only
//	}
func (h *Handler) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next()
	if d.NextArg() {
		return d.ArgErr()
	}
	said := make(map[string]bool)
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		word := d.Val()
		if said[word] {
			return d.Errf("'%s' stands twice", word)
		}
		said[word] = word != "allow" && word != "public" && word != "issuer"
		if err := h.unmarshalWord(d, word); err != nil {
			return err
		}
	}
	if h.Panel != nil && len(h.Rules) == 0 {
		return nil // it brings its own
	}
	// Here as well as in Provision, because here the file and the lines are known.
	if _, err := policy.New(h.Rules); err != nil {
		return d.WrapErr(err)
	}
	return nil
}

func (h *Handler) unmarshalWord(d *caddyfile.Dispenser, word string) error {
	switch word {
	case "allow", "public":
		rule, err := parseRule(d)
		h.Rules = append(h.Rules, rule)
		return err
	case "issuer":
		i := new(app.Issuer)
		h.Issuers = append(h.Issuers, i)
		return i.UnmarshalCaddyfile(d)
	case "secret", "secret_base64", "keys":
		return h.unmarshalOwnKeys(d, word)
	case "insecure_lenient_path":
		h.InsecureLenientPath = true
		return noArgs(d)
	case "insecure_report_only":
		h.InsecureReportOnly = true
		return noArgs(d)
	case "insecure_http":
		h.InsecureHTTP = true
		return noArgs(d)
	case "insecure_query_token":
		h.InsecureQueryToken = true
		return noArgs(d)
	case "accept":
		return someArgs(d, &h.Accept)
	case "audience":
		return someArgs(d, &h.Audience)
	case "sign_in":
		return h.unmarshalSignIn(d)
	case "panel":
		return h.unmarshalPanel(d)
	case "cors":
		return someArgs(d, &h.CORS)
	case "identity_headers":
		return someArgs(d, &h.IdentityHeaders)
	case "realm":
		return oneArg(d, &h.Realm)
	case "metadata":
		return h.unmarshalMetadata(d)
	case "leeway", "max_lifetime":
		return h.unmarshalDuration(d, word)
	}
	return d.Errf("unrecognized option '%s' of botlatch", word)
}

// unmarshalOwnKeys reads the keys of an issuer without a name, which is the site's own. Its errors show no secret.
func (h *Handler) unmarshalOwnKeys(d *caddyfile.Dispenser, word string) error {
	for _, i := range h.Issuers {
		if i.Name == "" {
			return d.Err("secret, secret_base64 and keys: a site takes one of them")
		}
	}
	i := new(app.Issuer)
	h.Issuers = append(h.Issuers, i)
	args := d.RemainingArgs()
	if word == "keys" {
		if len(args) == 0 {
			return d.Err("'keys' needs a value: keys static <file...>, or keys jwks <url>")
		}
		return i.Keys.Unmarshal(d, args[0], args[1:])
	}
	return i.Keys.Unmarshal(d, word, args)
}

// unmarshalMetadata reads the one thing that can be said of it: it is there by itself.
func (h *Handler) unmarshalMetadata(d *caddyfile.Dispenser) error {
	var text string
	if err := oneArg(d, &text); err != nil {
		return err
	}
	if text != "off" {
		return d.Errf("metadata takes off alone, not '%s': it is there by itself", text)
	}
	h.DisableMetadata = true
	return nil
}

func (h *Handler) unmarshalDuration(d *caddyfile.Dispenser, word string) error {
	var text string
	if err := oneArg(d, &text); err != nil {
		return err
	}
	if word == "max_lifetime" && text == "none" {
		h.MaxLifetime = -1
		return nil
	}
	duration, err := caddy.ParseDuration(text)
	if err == nil && duration < 0 {
		err = errors.New("it is negative")
	}
	if err != nil {
		return d.Errf("%s: %v", word, err)
	}
	if word == "leeway" {
		leeway := caddy.Duration(duration)
		h.Leeway = &leeway
		return nil
	}
	if duration < time.Second {
		return d.Errf("max_lifetime %s: no token lives that short; say none for no limit", text)
	}
	h.MaxLifetime = caddy.Duration(duration)
	return nil
}

func noArgs(d *caddyfile.Dispenser) error {
	word := d.Val()
	if d.NextArg() {
		return d.Errf("'%s' takes no value, '%s' is too much", word, d.Val())
	}
	return nil
}

func oneArg(d *caddyfile.Dispenser, value *string) error {
	word := d.Val()
	if !d.NextArg() || d.Val() == "" {
		return d.Errf("'%s' needs a value", word)
	}
	*value = d.Val()
	if d.NextArg() {
		return d.Errf("'%s' takes one value, '%s' is too much", word, d.Val())
	}
	return nil
}

func someArgs(d *caddyfile.Dispenser, values *[]string) error {
	word := d.Val()
	if *values = d.RemainingArgs(); len(*values) == 0 {
		return d.Errf("'%s' needs a value", word)
	}
	return nil
}

// Interface guards
var _ caddyfile.Unmarshaler = (*Handler)(nil)
