package app

import (
	"sync"
	"sync/atomic"

	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/revocation"
	"github.com/botlatch/botlatch/caddymodule/stream"
)

// process is what one process has one of, whatever configurations come and go: a revocation must not be forgotten
// because a reload dropped a store, nor a counter start again.
var process struct {
	list        revocation.List
	streams     stream.Registry
	wills       atomic.Int64  // last wills that are being sent
	generations atomic.Uint64 // configurations that were provisioned
	coming      atomic.Uint64 // the last of them, unless it was given up

	button  sync.Mutex         // held by whoever holds or resumes: one after the other
	ownHold *revocation.Source // what this process itself says of the hold, for as long as no store does
}

func init() {
	// The first source there is, so that a process that has seen many stores still has one for it.
	var err error
	if process.ownHold, err = process.list.Source("memory:hold"); err != nil {
		panic(err)
	}
}

// pool holds open stores by resource: two configurations of one file share it across a reload.
var pool = caddy.NewUsagePool()
