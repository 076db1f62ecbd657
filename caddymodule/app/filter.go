package app

import (
	"time"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// Filter says which entries a page holds: those that have all that it names, letter by letter. The zero value takes all.
type Filter struct {
	Kind   revocation.Kind `json:"kind,omitzero"`
	Issuer *string         `json:"iss,omitempty"`   // empty: of a site's nameless secret, or of no issuer
	Value  string          `json:"value,omitempty"` // jti, sub, sid, thumbprint or fingerprint
	Since  time.Time       `json:"since,omitzero"`  // made then or later
}

// takes reports whether the page holds e.
func (f Filter) takes(e revocation.Entry) bool {
	return (f.Kind == 0 || f.Kind == e.Kind) &&
		(f.Issuer == nil || *f.Issuer == e.Issuer) &&
		(f.Value == "" || f.Value == e.Value) &&
		(f.Since.IsZero() || !e.At.Before(f.Since))
}

// first are the entries that f takes, at most limit, and how many were looked at: all, unless there are more to take.
func (f Filter) first(all []revocation.Entry, limit int) (taken []revocation.Entry, looked int) {
	for i, e := range all {
		switch {
		case !f.takes(e):
		case len(taken) == limit:
			return taken, i
		default:
			taken = append(taken, e)
		}
	}
	return taken, len(all)
}

// all reports whether f takes everything.
func (f Filter) all() bool { return f == Filter{} }
