package policy

import (
	"fmt"
	"slices"
)

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
			if earlier.hides(pattern) {
				taken |= earlier.methods
			}
			if taken&words != 0 || rest != 0 && rest&^taken == 0 {
				return fmt.Errorf("%s: hidden on %s by %s, which decides first, whatever the case of letters and with a "+
					"slash at the end too", r.name(i), pattern, earlier.name(j))
			}
		}
	}
	return nil
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
			if get.Once {
				return fmt.Errorf("%s: opens on %s what %s opens once for each token, and a bot without WebSocket answers a "+
					"handshake as a GET: leave WS out there", ws.name(i), pattern, get.name(j))
			}
			if !ws.asks(get) {
				return fmt.Errorf("%s: asks less of WS on %s than %s asks of GET, and a bot without WebSocket answers a "+
					"handshake as a GET: ask for the same, or write GET,WS in a rule before it", ws.name(i), pattern, get.name(j))
			}
			if get.hides(pattern) {
				break // no later rule decides a GET there
			}
		}
	}
	return nil
}
