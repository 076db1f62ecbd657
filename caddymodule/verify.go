package caddymodule

import (
	"context"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
)

// verify is step 4. How long it takes is measured for tokens that were not seen before: for the others it would tell how
// long a map lookup takes.
func (h *Handler) verify(ctx context.Context, raw string) (*accesstoken.Token, error) {
	if t := h.verifier.Known(raw); t != nil {
		return t, nil
	}
	began := time.Now()
	t, err := h.verifier.Verify(ctx, raw)
	h.record.verified(time.Since(began))
	return t, err
}
