package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// consumeTimeout is how long a request waits for the store that notes its token.
const consumeTimeout = 5 * time.Second

var (
	errNoID       = errors.New("once needs a token with a jti or uti")
	errNoConsumer = errors.New("a rule with once needs a revocation store that notes which tokens were used, and none of this " +
		"configuration does: add one, such as `revocation bolt`")
)

// Consume uses t up: nil, which is durable, is the answer to one request that bears its iss and jti (or uti), whatever the rule,
// among all latches that share the first store that can note it. deny.Used is the answer to every other one, deny.Unavailable
// when nobody knows, and the token may be used up then. It is the one call on the way of a request that waits for a store:
// at most 5 s, unless a disk holds on to a write.
func (a *App) Consume(ctx context.Context, t *accesstoken.Token, now time.Time) error {
	if t.ID == "" {
		return deny.Because(deny.ClaimNotMet, errNoID)
	}
	bounded, cancel := context.WithTimeout(ctx, consumeTimeout)
	defer cancel()
	if err := a.ready(bounded); err != nil {
		return err
	}
	store, consumer := a.consumer()
	if consumer == nil {
		return deny.Because(deny.Unavailable, errNoConsumer)
	}
	first, err := consumer.Consume(bounded, revocation.HashKey(revocation.KindToken, t.Issuer.Name, t.ID), t.ExpiresAt)
	switch {
	case err != nil:
		return deny.Because(deny.Unavailable, fmt.Errorf("revocation store %s does not say whether the token was used: %w", store.resource, err))
	case !first:
		return deny.Because(deny.Used, nil)
	}
	// Again: somebody may have revoked it while the store was asked.
	return a.CheckRevoked(ctx, t, now)
}

// consumer is the first store that can note which tokens were used; nil: none can.
func (a *App) consumer() (*followed, revocation.Consumer) {
	for _, s := range a.stores {
		if c, ok := s.followed.store.(revocation.Consumer); ok {
			return s.followed, c
		}
	}
	return nil, nil
}

// checkConsumer refuses rules with once that no store would enforce.
func (a *App) checkConsumer() error {
	if _, c := a.consumer(); c == nil && slices.ContainsFunc(a.sites, Site.Consumes) {
		return errNoConsumer
	}
	return nil
}
