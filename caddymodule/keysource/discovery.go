package keysource

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/remote"
)

// patience is how long a caller waits at most: for the metadata, for the set to be looked for, and for the set.
const patience = 2 * time.Second

var (
	errMetadata = errors.New("the metadata is not that of an issuer: no jwks_uri")
	errIssuer   = errors.New("the metadata names another issuer")
	errPending  = errors.New("the key set is not known yet")
)

// Discovery is the JWK set of an issuer that says itself where it is (RFC 8414, OpenID Connect Discovery 1.0). When it moves, the
// last set counts until the new one was read.
type Discovery struct {
	issuer   string
	options  Options
	metadata *remote.Document[string] // jwks_uri
	look     chan struct{}            // holds one when the metadata may say something new
	found    chan struct{}            // closed when there is a set to ask

	moving  sync.Mutex // held to change serving and coming
	serving atomic.Pointer[place]
	coming  atomic.Pointer[place] // takes the place of serving once it is known; nil: none
}

// place is a set at one URL, while it is kept.
type place struct {
	*JWKS

	stop context.CancelFunc
}

// NewDiscovery describes the set of an issuer, whose name is a URL. Its metadata must name it, byte for byte.
func NewDiscovery(issuer string, options Options) (*Discovery, error) {
	d := &Discovery{issuer: issuer, options: options, look: make(chan struct{}, 1), found: make(chan struct{})}
	first, second, err := metadataURLs(issuer)
	if err != nil {
		return nil, err
	}
	of := options.Remote
	of.Accept, of.Elsewhere, of.Changed = "application/json", []string{second}, d.changed
	if options.Fetched != nil {
		of.Fetched = options.Fetched()
	}
	d.metadata, err = remote.New(first, d.parse, of)
	return d, err
}

// metadataURLs are where an issuer may publish its metadata: OpenID Connect Discovery §4.1 appends to its path, RFC 8414 §3.1
// inserts before it. A slash at the end of the name is not taken along.
func metadataURLs(issuer string) (oidc, oauth string, err error) {
	u, err := url.Parse(issuer)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return "", "", errors.New("discovery needs an issuer whose name is a URL with a host, without query and fragment")
	}
	origin, path := u.Scheme+"://"+u.Host, strings.TrimSuffix(u.EscapedPath(), "/")
	if u.User != nil {
		return "", "", errors.New("discovery needs an issuer whose name holds no userinfo")
	}
	return origin + path + "/.well-known/openid-configuration", origin + "/.well-known/oauth-authorization-server" + path, nil
}

func (d *Discovery) parse(_ context.Context, body []byte, h http.Header) (string, time.Duration, error) {
	o, err := jose.ParseObject(body)
	if err != nil {
		return "", 0, err
	}
	if o["issuer"] != d.issuer {
		return "", 0, errIssuer
	}
	address, _ := o["jwks_uri"].(string)
	if address == "" {
		return "", 0, errMetadata
	}
	if _, err := NewJWKS(address, Options{Remote: d.options.Remote}); err != nil {
		return "", 0, fmt.Errorf("jwks_uri: %w", err)
	}
	return address, remote.Freshness(h), nil
}

// changed asks Run to look at the metadata.
func (d *Discovery) changed() {
	select {
	case d.look <- struct{}{}:
	default: // it looks anyway
	}
}

// Run fetches and refreshes until ctx ends. It is called once.
func (d *Discovery) Run(ctx context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() { d.metadata.Run(ctx) })
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.look:
		}
		if address, err := d.metadata.Get(ctx); err == nil {
			d.follow(ctx, &running, address)
		}
	}
}

// follow begins to keep the set at an address, if it is not that already.
func (d *Discovery) follow(ctx context.Context, running *sync.WaitGroup, address string) {
	d.moving.Lock()
	defer d.moving.Unlock()
	if next := d.coming.Load(); next != nil && next.address == address {
		return
	}
	if p := d.serving.Load(); p != nil && p.address == address {
		d.come(nil) // it has moved back
		return
	}
	options := d.options
	options.Fetched = func() func(error) {
		told := func(error) {}
		if d.options.Fetched != nil {
			told = d.options.Fetched()
		}
		return func(err error) {
			if err != nil {
				d.metadata.Ask() // it may have moved
			}
			told(err)
		}
	}
	j, err := NewJWKS(address, options)
	if err != nil {
		return // which parse has tried
	}
	kept, stop := context.WithCancel(ctx)
	running.Go(func() { j.Run(kept) })
	next := &place{j, stop}
	if d.serving.CompareAndSwap(nil, next) {
		close(d.found)
		return
	}
	d.come(next)
}

// come gives up the place that was to come for another; nil: for none.
func (d *Discovery) come(next *place) {
	if given := d.coming.Swap(next); given != nil {
		given.stop()
	}
}

// current is the set to ask; nil: none yet. A set that has moved is followed as soon as its new place has answered.
func (d *Discovery) current() *place {
	if next := d.coming.Load(); next != nil && next.State().Known {
		d.moving.Lock()
		defer d.moving.Unlock()
		if d.coming.CompareAndSwap(next, nil) {
			d.serving.Swap(next).stop()
		}
	}
	return d.serving.Load()
}

// Set implements accesstoken.KeySource.
func (d *Discovery) Set(ctx context.Context, missing string) (*jose.KeySet, error) {
	_, err := d.metadata.Last()
	if err != nil || d.serving.Load() == nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
		if _, err = d.metadata.Get(ctx); err != nil {
			return nil, err
		}
	}
	p := d.current()
	if p == nil {
		select {
		case <-d.found:
		case <-ctx.Done():
		}
		if p = d.current(); p == nil {
			return nil, errPending
		}
	}
	return p.Set(ctx, missing)
}

// State tells how the set fares.
func (d *Discovery) State() remote.State {
	of := d.metadata.State()
	p := d.current()
	if p == nil {
		of.Known, of.FetchedAt = false, time.Time{}
		return of
	}
	s := p.State()
	s.Known = s.Known && of.Known
	s.Err = errors.Join(of.Err, s.Err)
	if next := d.coming.Load(); next != nil {
		if err := next.State().Err; err != nil {
			s.Err = errors.Join(s.Err, fmt.Errorf("the keys have moved, and are not read at their new place: %w", err))
		}
	}
	return s
}

// Interface guards
var _ accesstoken.KeySource = (*Discovery)(nil)
