package app

import (
	"context"
	"errors"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/remote"
	"github.com/botlatch/botlatch/caddymodule/statuslist"
)

var errOnStatusList = errors.New("by its issuer's status list")

// statusLists are the lists of an issuer, below prefixes.
func statusLists(prefixes []string, issuer *accesstoken.Issuer, public bool) (*statuslist.Lists, error) {
	if !public {
		return nil, errors.New("a status list is signed with a key whose public half is known here; this issuer has a secret")
	}
	return statuslist.New(statuslist.Config{
		Prefixes: prefixes, Keys: issuer.Keys, Algorithms: issuer.Algorithms,
		Remote: remote.Options{Fetched: countRefresh},
	})
}

// checkStatus asks the status list of t's issuer, if t stands on one.
func checkStatus(ctx context.Context, t *accesstoken.Token, now time.Time) error {
	if t.Status == nil {
		return nil
	}
	revoked, err := t.Issuer.Status.Revoked(ctx, t, now)
	switch {
	case err != nil:
		return deny.Because(deny.Unavailable, err)
	case revoked:
		return deny.Because(deny.Revoked, errOnStatusList)
	}
	return nil
}

// StatusListStatus is how the status lists below one prefix fare. It names no list: its URI stood in a token.
type StatusListStatus struct {
	Prefix    string `json:"prefix"`
	Lists     int    `json:"lists"`   // in use
	Unknown   int    `json:"unknown"` // of them; tokens on these are answered 503
	LastError string `json:"last_error,omitempty"`
}

func statusListStatus(ctx context.Context, i *accesstoken.Issuer) (all []StatusListStatus) {
	lists, ok := i.Status.(*statuslist.Lists)
	if !ok {
		return nil
	}
	for _, state := range lists.State(ctx, time.Now()) {
		status := StatusListStatus{Prefix: state.Prefix, Lists: state.Lists, Unknown: state.Unknown}
		if state.Err != nil {
			status.LastError = state.Err.Error()
		}
		all = append(all, status)
	}
	return all
}
