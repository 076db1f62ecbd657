package caddymodule

import (
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// unmarshalSignIn reads the doors of a site:
//
//	sign_in {
//		invite       [<duration>]
//		token
//		oidc         <issuer> {
//			client_id     <id>
//			client_secret <secret>
//			scopes        <scope...>
//			resource      <uri>
//			grant         <claim> <value> scope <scope...>
//			lifetime      <duration>
//			insecure_loopback
//		}
//		home         <path...>
//		origin       <origin>
//		service_workers
//		session_keys <file>
//	}
func (h *Handler) unmarshalSignIn(d *caddyfile.Dispenser) error {
	if d.NextArg() {
		return d.Errf("sign_in takes a block, '%s' is too much: sign_in { invite }", d.Val())
	}
	h.SignIn = new(SignIn)
	said := make(map[string]bool)
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		word := d.Val()
		if said[word] {
			return d.Errf("'%s' stands twice", word)
		}
		said[word] = word != "oidc"
		if err := h.SignIn.unmarshalWord(d, word); err != nil {
			return err
		}
	}
	if h.SignIn.Invite == nil && !h.SignIn.Token && len(h.SignIn.OIDC) == 0 {
		return d.Err("sign_in: no way in: say invite, token or oidc")
	}
	return nil
}

func (s *SignIn) unmarshalWord(d *caddyfile.Dispenser, word string) error {
	switch word {
	case "invite":
		s.Invite = new(InviteDoor)
		if !d.NextArg() {
			return nil
		}
		if err := lifetime(d, &s.Invite.Lifetime); err != nil {
			return err
		}
		if d.NextArg() {
			return d.Errf("'invite' takes one value, '%s' is too much", d.Val())
		}
		return nil
	case "oidc":
		o := new(OIDCDoor)
		s.OIDC = append(s.OIDC, o)
		return o.unmarshal(d)
	case "token":
		s.Token = true
		return noArgs(d)
	case "home":
		return someArgs(d, &s.Home)
	case "origin":
		return oneArg(d, &s.Origin)
	case "service_workers":
		s.ServiceWorkers = true
		return noArgs(d)
	case "session_keys":
		return oneArg(d, &s.SessionKeys)
	}
	return d.Errf("unrecognized option '%s' of sign_in", word)
}

// lifetime reads how long a browser stays in.
func lifetime(d *caddyfile.Dispenser, into *caddy.Duration) error {
	life, err := caddy.ParseDuration(d.Val())
	if err != nil || life < time.Second {
		return d.Errf("'%s' is not how long a browser stays in, such as 30d", d.Val())
	}
	*into = caddy.Duration(life)
	return nil
}

// unmarshal reads the provider and its block.
func (o *OIDCDoor) unmarshal(d *caddyfile.Dispenser) error {
	if err := oneArg(d, &o.Issuer); err != nil {
		return err
	}
	said := make(map[string]bool)
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		word := d.Val()
		if said[word] {
			return d.Errf("'%s' stands twice", word)
		}
		said[word] = word != "grant"
		if err := o.unmarshalWord(d, word); err != nil {
			return err
		}
	}
	if o.ClientID == "" {
		return d.Errf("oidc %s: client_id is missing", o.Issuer)
	}
	return nil
}

func (o *OIDCDoor) unmarshalWord(d *caddyfile.Dispenser, word string) error {
	switch word {
	case "client_id":
		return oneArg(d, &o.ClientID)
	case "client_secret":
		return oneArg(d, &o.ClientSecret)
	case "scopes":
		return someArgs(d, &o.Scopes)
	case "resource":
		return oneArg(d, &o.Resource)
	case "grant":
		return o.unmarshalGrant(d)
	case "lifetime":
		if !d.NextArg() {
			return d.ArgErr()
		}
		return lifetime(d, &o.Lifetime)
	case "insecure_loopback":
		o.InsecureLoopback = true
		return noArgs(d)
	}
	return d.Errf("unrecognized option '%s' of oidc", word)
}

// unmarshalGrant reads <claim> <value> scope <scope...>.
func (o *OIDCDoor) unmarshalGrant(d *caddyfile.Dispenser) error {
	args := d.RemainingArgs()
	if len(args) < 4 || args[2] != "scope" {
		return d.Err("grant is <claim> <value> scope <scope...>, such as: grant email ana@example.com scope door:open")
	}
	o.Grants = append(o.Grants, &OIDCGrant{Claim: args[0], Value: args[1], Scope: args[3:]})
	return nil
}

// unmarshalPanel reads panel scope <scope...>.
func (h *Handler) unmarshalPanel(d *caddyfile.Dispenser) error {
	args := d.RemainingArgs()
	if len(args) < 2 || args[0] != "scope" {
		return d.Err("panel says whom it is for: panel scope <scope...>")
	}
	h.Panel = &Panel{Scope: args[1:]}
	return nil
}
