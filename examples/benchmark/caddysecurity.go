package main

// caddySecurity is github.com/greenpau/caddy-security with an authorization policy: the token from Authorization, a static
// key, one role. Its cache of verified tokens is on, as it is by default.
func caddySecurity() system {
	return caddy(system{
		name: "caddy-security", what: "Caddy with caddy-security", base: plain, refusal: 401,
		lacks: map[string]string{"EdDSA": "caddy-security takes no Ed25519 key"},
		versions: func(p *programs) (string, error) {
			return p.module("caddy-security", "github.com/greenpau/caddy-security")
		},
	})
}
