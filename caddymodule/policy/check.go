package policy

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/botlatch/botlatch/caddymodule/deny"
)

// compile reads the rule's words and refuses what contradicts itself.
func (r *Rule) compile() error {
	var err error
	if r.methods, err = parseMethods(r.Methods); err != nil {
		return err
	}
	if len(r.Paths) == 0 {
		return errors.New("no path: name some")
	}
	r.patterns = make([]*Pattern, len(r.Paths))
	for i, path := range r.Paths {
		if r.patterns[i], err = ParsePattern(path); err != nil {
			return err
		}
		if slices.Contains(r.Paths[:i], path) {
			return fmt.Errorf("path %q: stands twice", path)
		}
	}
	if r.IssuedWithin < 0 {
		return errors.New("issued_within: is not greater than zero")
	}
	if r.Public {
		return r.checkPublic()
	}
	return r.checkConditions()
}

// checkPublic refuses what nobody should open to everybody.
func (r *Rule) checkPublic() error {
	if r.conditional() || r.IssuedWithin > 0 {
		return errors.New("public asks for no token: leave the conditions out, or write allow")
	}
	// A preflight that the bot answers by itself tells every web page to go ahead.
	if r.methods&methodOptions != 0 {
		return errors.New("public does not go with OPTIONS, which * contains: name the other methods")
	}
	for _, p := range r.patterns {
		if p.rest && r.methods != methodGet {
			return fmt.Errorf("public with ** goes with GET alone: name the paths below %s", p)
		}
	}
	return nil
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

// checkHidden refuses a method word and path of rule i that earlier rules hide: it would look as if it granted
// something.
func (p *Policy) checkHidden(i int) error {
	r := p.rules[i]
	words, rest := r.methods, methods(0)
	if slices.Contains(r.Methods, AnyMethod) {
		// Behind "allow GET /x" an "allow * /x" means every other method, and is hidden when there is none left.
		words, rest = words&^anyMethod, anyMethod
	}
	for _, pattern := range r.patterns {
		var taken methods
		for j, earlier := range p.rules[:i] {
			if earlier.methods&r.methods == 0 || !earlier.hides(pattern) {
				continue
			}
			taken |= earlier.methods
			if taken&words != 0 || rest != 0 && rest&^taken == 0 {
				return fmt.Errorf("rule %d (%s): hidden on %s by rule %d (%s), which decides first, whatever the case of "+
					"letters and with a slash at the end too", i+1, r, pattern, j+1, earlier)
			}
		}
	}
	return nil
}

// hides reports whether one of r's patterns selects all that q does.
func (r *Rule) hides(q *Pattern) bool {
	return slices.ContainsFunc(r.patterns, func(p *Pattern) bool { return p.Hides(q) })
}

// checkHandshake refuses a WS path of rule i on which a rule for GET asks for more. A Node bot that listens for no
// upgrades answers a handshake as a GET, so that the handshake would be the cheaper way to the same act.
func (p *Policy) checkHandshake(i int) error {
	ws := p.rules[i]
	if ws.methods&methodWS == 0 {
		return nil
	}
	for _, pattern := range ws.patterns {
		for j, get := range p.rules {
			if get.methods&methodGet == 0 || !slices.ContainsFunc(get.patterns, pattern.Meets) {
				continue
			}
			if !ws.asks(get) {
				return fmt.Errorf("rule %d (%s): asks less of WS on %s than rule %d (%s) asks of GET, and a bot without "+
					"WebSocket answers a handshake as a GET: ask for the same, or write GET,WS in a rule before it",
					i+1, ws, pattern, j+1, get)
			}
			if get.hides(pattern) {
				break // no later rule decides a GET there
			}
		}
	}
	return nil
}

// asks reports whether every token that r permits is permitted by other too.
func (r *Rule) asks(other *Rule) bool {
	switch {
	case other.Public:
		return true
	case r.Public:
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
