package caddymodule

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/policy"
)

// The defaults of Handler, and the bounds of its leeway.
const (
	defaultRealm       = "botlatch"
	defaultLeeway      = 5 * time.Second
	maxLeeway          = 60 * time.Second
	defaultMaxLifetime = 24 * time.Hour
)

func (h *Handler) provisionLimits() error {
	if slices.Contains(h.Audience, "") {
		return errors.New("audience holds an empty name, which no token may bear")
	}
	for _, i := range h.accepted {
		if i.Shared && len(h.Audience) == 0 && len(i.Audience) == 0 && len(i.ClientID) == 0 {
			return fmt.Errorf("issuer %s makes tokens for others too: say which are for this site (audience <aud...>, or client_id <id...>)", i.Name)
		}
	}
	h.validation = accesstoken.Validation{
		Audience: h.Audience, Leeway: defaultLeeway, MaxLifetime: time.Duration(h.MaxLifetime),
	}
	if h.Leeway != nil {
		h.validation.Leeway = time.Duration(*h.Leeway)
	}
	if h.validation.Leeway < 0 || h.validation.Leeway > maxLeeway {
		return fmt.Errorf("leeway %s is not between 0s and %s", h.validation.Leeway, maxLeeway)
	}
	switch {
	case h.MaxLifetime == 0:
		h.validation.MaxLifetime = defaultMaxLifetime
	case h.MaxLifetime == -1:
		h.validation.MaxLifetime = 0
	case h.MaxLifetime < 0:
		return errors.New("max_lifetime is negative")
	}
	return nil
}

// provisionRealm refuses characters that could not stand in a header field.
func (h *Handler) provisionRealm() error {
	h.realm.Name = h.Realm
	if h.realm.Name == "" {
		h.realm.Name = defaultRealm
	}
	for _, c := range h.realm.Name {
		if c < ' ' || c > '~' {
			return errors.New("realm holds a character that is not printable ASCII")
		}
	}
	return nil
}

// provisionReading says how strictly paths are read.
func (h *Handler) provisionReading() error {
	h.reading = policy.Reading{LenientPath: h.InsecureLenientPath}
	if h.InsecureLenientPath && slices.ContainsFunc(h.Rules, func(r *policy.Rule) bool { return r.LastWill.Starred() }) {
		return errors.New("last_will: a star in its path does not go with insecure_lenient_path: what a client wrote there could " +
			"lead anywhere")
	}
	return nil
}
