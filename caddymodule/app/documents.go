package app

import (
	"context"
	"sync"
	"time"

	"github.com/botlatch/botlatch/caddymodule/statuslist"
)

// documents are the status lists that the issuers of a configuration publish, while they are kept fresh.
type documents struct {
	stop    context.CancelFunc
	running sync.WaitGroup
}

// followDocuments begins to keep fresh what all issuers publish, keys and status lists, those of sites too: the sites of a
// configuration are all provisioned before anything of it is started.
func (a *App) followDocuments() *documents {
	ctx, stop := context.WithCancel(context.Background())
	d := &documents{stop: stop}
	for _, i := range a.allIssuers() {
		if keys, ok := i.Keys.(*sharedKeys); ok {
			keys.begin()
		}
		if lists, ok := i.Status.(*statuslist.Lists); ok {
			d.running.Go(func() { lists.Run(ctx, time.Duration(a.MaxStaleness), saved{storage: a.ctx.Storage}) })
		}
	}
	return d
}

// end returns when nothing of followDocuments is left.
func (d *documents) end() {
	if d != nil {
		d.stop()
		d.running.Wait()
	}
}
