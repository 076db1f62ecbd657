package app

import (
	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// process is what one process has one of, whatever configurations come and go: a revocation must not be forgotten
// because a reload dropped a store, nor a counter start again.
var process struct {
	list revocation.List
}

// pool holds open stores by resource: two configurations of one file share it across a reload.
var pool = caddy.NewUsagePool()
