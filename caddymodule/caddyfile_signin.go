package caddymodule

import (
	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// unmarshalSignIn reads the doors of a site:
//
//	sign_in {
//		invite       [<duration>]
//		token
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
		said[word] = true
		if err := h.SignIn.unmarshalWord(d, word); err != nil {
			return err
		}
	}
	if h.SignIn.Invite == nil && !h.SignIn.Token {
		return d.Err("sign_in: no way in: say invite or token")
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
		life, err := caddy.ParseDuration(d.Val())
		if err != nil || life <= 0 {
			return d.Errf("invite %s: how long a browser stays in, such as 30d", d.Val())
		}
		s.Invite.Lifetime = caddy.Duration(life)
		if d.NextArg() {
			return d.Errf("'invite' takes one value, '%s' is too much", d.Val())
		}
		return nil
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
