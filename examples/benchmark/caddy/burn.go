package main

import (
	"net/http"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

func init() {
	caddy.RegisterModule(burn{})
	httpcaddyfile.RegisterHandlerDirective("burn", parse)
	httpcaddyfile.RegisterDirectiveOrder("burn", httpcaddyfile.Before, "reverse_proxy")
}

// burn is the control of the benchmark: it works for a known time on each request. Where the measurement does not read that
// time, it tells no such differences apart.
type burn struct {
	// Time is how long a request is worked on.
	Time caddy.Duration `json:"time,omitempty"`
}

// CaddyModule implements caddy.Module.
func (burn) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.burn", New: func() caddy.Module { return new(burn) }}
}

// ServeHTTP works, and does not sleep: a thread that sleeps takes no CPU.
func (b *burn) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	for began := time.Now(); time.Since(began) < time.Duration(b.Time); {
		continue
	}
	return next.ServeHTTP(w, r)
}

// UnmarshalCaddyfile reads:
//
//	burn <duration>
func (b *burn) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next()
	var text string
	if !d.AllArgs(&text) {
		return d.ArgErr()
	}
	duration, err := caddy.ParseDuration(text)
	if err != nil {
		return d.Errf("parsing duration: %v", err)
	}
	b.Time = caddy.Duration(duration)
	return nil
}

func parse(h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
	b := new(burn)
	return b, b.UnmarshalCaddyfile(h.Dispenser)
}

// Interface guards
var (
	_ caddy.Module                = (*burn)(nil)
	_ caddyhttp.MiddlewareHandler = (*burn)(nil)
	_ caddyfile.Unmarshaler       = (*burn)(nil)
)
