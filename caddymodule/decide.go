package caddymodule

import (
	"net/http"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/policy"
)

// pass is what a decision was made of. With a nil error it lets the request through: by which rule, with which token
// (nil: a public rule). With an error it holds what was known by then, for the answer and the log.
type pass struct {
	target policy.Target
	rule   *policy.Rule
	token  *accesstoken.Token // verified
	door   bool               // the request is for the latch itself

	document *document // it is for this
}

// decide is the whole decision. It reads the request and changes nothing. Errors are rows of deny.
func (h *Handler) decide(r *http.Request, now time.Time) (p pass, err error) {
	if p.target, err = h.reading.ParseTarget(r); err != nil {
		return p, err
	}
	if h.SignIn.has(p.target.Path) {
		p.door = true
		return p, h.checkDoor(r, p.target)
	}
	if p.document, err = h.metadata.find(r.Host, p.target.Path); err != nil || p.document != nil { // whatever the rules say
		return p, err
	}
	if p.rule, err = h.policy.Match(p.target); err != nil || p.rule.Public {
		return p, err
	}
	if err = h.checkHeld(); err != nil { // before all that may be wrong with a request, or with us
		return p, err
	}
	if err = h.checkTransport(r); err != nil {
		return p, err
	}
	if p.token, err = h.identity(r, p.target, now); err != nil {
		return p, err
	}
	if err = h.checkRevoked(r.Context(), p.token, now); err != nil {
		return p, err
	}
	return p, p.rule.Permit(p.token, now)
}

// scopes are what a challenge of p names.
func (p pass) scopes() []string {
	if p.rule == nil {
		return nil
	}
	return p.rule.Scopes()
}
