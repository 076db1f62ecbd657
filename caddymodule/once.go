package caddymodule

import (
	"fmt"
	"net/http"
	"time"

	"github.com/botlatch/botlatch/caddymodule/deny"
)

// useUp is the first act of a release, and the only one that can refuse: under a rule with once it uses the token up. It
// comes before the decision is recorded, so that a request leaves one trace, of what became of it. A panic denies.
func (h *Handler) useUp(r *http.Request, p pass, now time.Time) (err error) {
	if !p.rule.Once {
		return nil
	}
	defer func() {
		if v := recover(); v != nil {
			err = deny.Because(deny.Internal, fmt.Errorf("panic of type %T", v))
		}
	}()
	return h.app.Consume(r.Context(), p.token, now)
}

// Consumes implements app.Site.
func (h *Handler) Consumes() bool {
	for _, rule := range h.Rules {
		if rule.Once {
			return true
		}
	}
	return false
}
