// Package app is the Caddy app "botlatch": what every site shares (issuers, the revocation list) and what outlives a
// reload. Everything that touches Caddy's lifecycle for shared state is here and nowhere else.
package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/internal/poolref"
	"github.com/botlatch/botlatch/caddymodule/revocation"
	"github.com/botlatch/botlatch/caddymodule/stream"
)

func init() { caddy.RegisterModule(App{}) }

// App is the configuration of the app "botlatch". It is optional: a site with its own issuer or secret works with the
// defaults.
type App struct {
	// Issuers whose tokens sites may accept. A site that names none with `accept` takes the only one; with more than
	// one it must name its own, or one team's provider would open another team's lock.
	Issuers []*Issuer `json:"issuers,omitempty"`

	// Where revocations are kept. Default: bolt, a file in Caddy's data directory. The first store that can be written
	// takes the writes. A store that cannot be read at start fails the start.
	StoresRaw []json.RawMessage `json:"revocation,omitempty" caddy:"namespace=botlatch.revocation_stores inline_key=store"`

	// How long the last list counts when a store cannot be read any more (Redis is away, a file is broken). After that
	// every token is answered 503, because somebody may have been revoked meanwhile; public rules still pass. Default:
	// 10m. -1, in a Caddyfile `none`, is for ever.
	MaxStaleness caddy.Duration `json:"max_staleness,omitempty"`

	// The most entries that the list may hold by what is written here; a revocation beyond it is an error that says so.
	// What stores hold is always taken in. Default: 20,000,000, about a gigabyte of memory.
	MaxEntries int `json:"max_entries,omitempty"`

	ctx       caddy.Context
	logger    *zap.Logger
	issuers   map[string]*accesstoken.Issuer
	openers   []revocation.Opener
	stores    []*storeRef
	loaded    chan struct{} // closed when every store was read once
	sites     []Site
	documents *documents // nil: not started
	keys      []*poolref.Ref[*sharedKeys]
	sweeper   *sweeper // nil: not started
	events    *announcer

	sessionKeys map[string]*SessionKeys // by file; "" is Caddy's storage
	rings       *ringKeeper             // nil: not started

	generation uint64          // of which configuration this is: later ones have higher numbers
	policies   map[string]Site // by Site.Policy
}

// CaddyModule returns the Caddy module information.
func (App) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "botlatch", New: func() caddy.Module { return new(App) }}
}

// Site is what the app asks of a handler that guards a site.
type Site interface {
	// Accepts are the issuers whose tokens the site takes.
	Accepts() []*accesstoken.Issuer
	// Identify verifies a raw token, and decides nothing.
	Identify(ctx context.Context, raw string) (*accesstoken.Token, error)
	// Consumes reports whether a rule of the site lets a token through once.
	Consumes() bool
	// Inspect tells what the site would say to a token, and decides nothing. An error is the caller's.
	Inspect(ctx context.Context, q Question, now time.Time) (Inspection, error)
	// SignsIn is what the site is to browsers that may sign in on it; nil: they may not.
	SignsIn() SignIn
	// Policy is a hash of all that decides who may do what on the site. It is known once the site is provisioned.
	Policy() string
}

// Provision parses and resolves. It opens nothing: `caddy validate` provisions too, beside a running service.
func (a *App) Provision(ctx caddy.Context) error {
	a.ctx, a.logger, a.loaded = ctx, ctx.Logger(), make(chan struct{})
	a.sessionKeys = make(map[string]*SessionKeys)
	a.generation, a.policies = process.generations.Add(1), make(map[string]Site)
	process.coming.Store(a.generation)
	a.issuers = make(map[string]*accesstoken.Issuer, len(a.Issuers))
	for _, i := range a.Issuers {
		built, err := a.Build(i)
		if err != nil {
			return err
		}
		if i.Name == "" {
			return errors.New("an issuer of the app needs a name: a nameless secret belongs to one site")
		}
		if _, twice := a.issuers[i.Name]; twice {
			return fmt.Errorf("issuer %s stands twice", i.Name)
		}
		a.issuers[i.Name] = built
	}
	if a.MaxStaleness == 0 {
		a.MaxStaleness = caddy.Duration(defaultMaxStaleness)
	}
	if a.MaxEntries == 0 {
		a.MaxEntries = defaultMaxEntries
	}
	if a.MaxStaleness < -1 || a.MaxEntries < 0 {
		return errors.New("max_staleness and max_entries are not negative")
	}
	if err := registerMetrics(ctx.GetMetricsRegistry()); err != nil {
		return fmt.Errorf("registering metrics: %w", err)
	}
	var err error
	if a.events, err = newAnnouncer(ctx); err != nil {
		return err
	}
	return a.provisionStores(ctx)
}

// Register makes a site known. Handlers call it when they are provisioned.
func (a *App) Register(s Site) {
	a.sites = append(a.sites, s)
	a.policies[s.Policy()] = s
}

// Sites are the sites that are known so far, in the order in which they were provisioned. The caller changes nothing.
func (a *App) Sites() []Site { return a.sites }

// Issuer returns the app's issuer of a name.
func (a *App) Issuer(name string) (*accesstoken.Issuer, bool) {
	i, ok := a.issuers[name]
	return i, ok
}

// OnlyIssuer returns the app's issuer when it has exactly one.
func (a *App) OnlyIssuer() (*accesstoken.Issuer, bool) {
	if len(a.issuers) != 1 {
		return nil, false
	}
	for _, i := range a.issuers {
		return i, true
	}
	return nil, false
}

// IssuersOf are the issuers of the app of these names or, of none, all of them, as they are configured.
func (a *App) IssuersOf(names []string) (some []*Issuer) {
	for _, i := range a.Issuers {
		if len(names) == 0 || slices.Contains(names, i.Name) {
			some = append(some, i)
		}
	}
	return some
}

// Start opens the stores and reads them, fetches the keys of issuers, and follows status lists from when tokens need them. Rules with once, and no
// store that notes which tokens were used, are an error. Caddy may have started the sites before: their requests wait up
// to a second for the list, then get 503.
func (a *App) Start() error {
	a.documents = a.followDocuments()
	a.sweeper = a.sweepStreams()
	if err := a.openStores(); err != nil {
		return err
	}
	if err := a.checkConsumer(); err != nil {
		return err
	}
	if err := a.checkKeeper(); err != nil {
		return err
	}
	return a.openSessionKeys()
}

// Stop lets the events of this instance be told and, when the process ends, its streams end and their last wills be sent.
// What it holds is released in Cleanup.
func (a *App) Stop() error {
	if caddy.Exiting() {
		endAll(stream.Shutdown)
		waitForStreams(lastStreams)
	}
	a.events.finish()
	return nil
}

// Cleanup releases what this instance holds, also after a Provision or Start that failed half way.
func (a *App) Cleanup() error {
	process.coming.CompareAndSwap(a.generation, 0) // its streams are those of any configuration that is gone
	a.sweeper.end()
	a.documents.end()
	a.rings.end()
	var errs []error
	for _, s := range a.stores {
		errs = append(errs, s.ref.Release())
	}
	for _, ref := range a.keys {
		errs = append(errs, ref.Release())
	}
	return errors.Join(errs...)
}

// Running returns the app of the configuration that serves now; nil: none. Caddy knows: nothing of ours points at it.
func Running() *App {
	a, _ := caddy.ActiveContext().AppIfConfigured("botlatch")
	app, _ := a.(*App)
	return app
}

// Interface guards
var (
	_ caddy.App          = (*App)(nil)
	_ caddy.Provisioner  = (*App)(nil)
	_ caddy.CleanerUpper = (*App)(nil)
)
