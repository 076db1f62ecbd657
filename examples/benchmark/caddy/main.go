// Command caddy is the one Caddy of the benchmark: with the latch, with caddy-security and with a handler that burns time.
// What a site does not name costs it nothing, so all Caddy systems are the same program.
package main

import (
	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	_ "github.com/caddyserver/caddy/v2/modules/standard"
	_ "github.com/greenpau/caddy-security"

	_ "github.com/botlatch/botlatch/caddymodule"
)

func main() { caddycmd.Main() }
