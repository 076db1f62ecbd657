package app

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
)

// thumbprintOf resolves the kid of a request. A kid is a nickname that two issuers may both have given; the thumbprint
// (RFC 7638) is the key itself, so the entry still holds when the key is taken out of the configuration and put back
// under another kid. Errors never quote the kid: a log would then hold what a client sent.
func (a *App) thumbprintOf(ctx context.Context, req Request) (string, error) {
	var found, owners []string
	secrets := false
	for _, i := range a.allIssuers() {
		if req.Issuer != nil && *req.Issuer != i.Name {
			continue
		}
		thumbprint, secret, err := keyNamed(ctx, i, req.KeyID)
		if err != nil {
			return "", fmt.Errorf("the keys of issuer %q are not known at the moment: name the key by its thumbprint, as value: %w", i.Name, err)
		}
		secrets = secrets || secret
		if thumbprint == "" {
			continue
		}
		owners = append(owners, i.Name)
		if !slices.Contains(found, thumbprint) {
			found = append(found, thumbprint)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return "", fmt.Errorf("several keys have that kid: say whose it is, iss is one of %q", owners)
	case secrets:
		return "", errors.New("no key here has that kid; a secret has no thumbprint to be named by: change the secret where " +
			"it is configured, or revoke everything issued until now (kind all)")
	}
	return "", errors.New("no key here has that kid: /botlatch/status lists them; a key that is gone goes by its thumbprint, as value")
}

// keyNamed looks for a kid among the keys of an issuer, and reports whether one of them is a secret.
func keyNamed(ctx context.Context, i *accesstoken.Issuer, kid string) (thumbprint string, secret bool, err error) {
	set, err := i.Keys.Set(ctx, "")
	if err != nil {
		return "", false, err
	}
	for _, key := range set.Keys() {
		secret = secret || key.Symmetric()
		if key.ID == kid && !key.Symmetric() {
			thumbprint = key.Thumbprint
		}
	}
	return thumbprint, secret, nil
}
