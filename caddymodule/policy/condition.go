package policy

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/deny"
)

var errNoID = errors.New("once needs a token with a jti or uti")

// Permit asks the rule's conditions of t: InsufficientScope, ClaimNotMet or TooOld is the answer to one that is not
// met. Whether a token was used before, for once, nobody is asked here.
func (r *Rule) Permit(t *accesstoken.Token, now time.Time) error {
	switch {
	case r.Public:
		return nil
	case t == nil || !r.conditional():
		return deny.Because(deny.Internal, errors.New("rule was not compiled"))
	}
	for _, scope := range r.Scope {
		if !t.HasScope(scope) {
			return deny.Because(deny.InsufficientScope, nil)
		}
	}
	if len(r.AnyScope) > 0 && !slices.ContainsFunc(r.AnyScope, t.HasScope) {
		return deny.Because(deny.InsufficientScope, nil)
	}
	for name, values := range r.Claim {
		if claim, _ := t.Claims.At(name); !holds(claim, values) {
			return deny.Because(deny.ClaimNotMet, fmt.Errorf("claim %q does not hold a value of the rule", name))
		}
	}
	if r.Once && t.ID == "" {
		return deny.Because(deny.ClaimNotMet, errNoID)
	}
	if r.IssuedWithin > 0 && (t.IssuedAt.IsZero() || now.Sub(t.IssuedAt) > time.Duration(r.IssuedWithin)) {
		return deny.Because(deny.TooOld, nil)
	}
	return nil
}

// Scopes are what a challenge names: the scopes of which the client lacks some.
func (r *Rule) Scopes() []string { return slices.Concat(r.Scope, r.AnyScope) }

// conditional reports whether the rule asks anything of a token.
func (r *Rule) conditional() bool {
	return r.AnyToken || len(r.Scope) > 0 || len(r.AnyScope) > 0 || len(r.Claim) > 0
}

// checkConditions refuses conditions that are missing, contradict each other or cannot be met.
func (r *Rule) checkConditions() error {
	if !r.conditional() {
		return errors.New("no condition: add scope, any_scope or claim, or any_token to ask for nothing more than a token")
	}
	if r.AnyToken && (len(r.Scope) > 0 || len(r.AnyScope) > 0 || len(r.Claim) > 0) {
		return errors.New("any_token asks for no scope and no claim: leave it or them out")
	}
	scopes := r.Scopes()
	for i, scope := range scopes {
		if !deny.ValidScope(scope) {
			return fmt.Errorf("scope %q: is not a scope-token of RFC 6749", scope)
		}
		if slices.Contains(scopes[:i], scope) {
			return fmt.Errorf("scope %q: stands twice", scope)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Claim)) {
		if err := checkClaim(name, r.Claim[name]); err != nil {
			return err
		}
	}
	return nil
}

// asks reports whether every token that r permits is permitted by other too.
func (r *Rule) asks(other *Rule) bool {
	switch {
	case other.Public:
		return true
	case r.Public, other.Once && !r.Once:
		return false
	}
	for _, scope := range other.Scope {
		if !slices.Contains(r.Scope, scope) {
			return false
		}
	}
	among := func(scope string) bool { return slices.Contains(other.AnyScope, scope) }
	if len(other.AnyScope) > 0 && !slices.ContainsFunc(r.Scope, among) &&
		(len(r.AnyScope) == 0 || slices.ContainsFunc(r.AnyScope, func(s string) bool { return !among(s) })) {
		return false
	}
	for name, values := range other.Claim {
		own := r.Claim[name]
		if len(own) == 0 || slices.ContainsFunc(own, func(v string) bool { return !slices.Contains(values, v) }) {
			return false
		}
	}
	return other.IssuedWithin == 0 || 0 < r.IssuedWithin && r.IssuedWithin <= other.IssuedWithin
}
