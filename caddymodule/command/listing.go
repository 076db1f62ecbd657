package command

import (
	"errors"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/spf13/cobra"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// pageSize is how many entries one answer holds.
const pageSize = 1000

// listing is the body of POST /botlatch/revocations/search. The zero value asks for everything.
type listing struct {
	Kind   revocation.Kind `json:"kind,omitzero"`
	Issuer *string         `json:"iss,omitempty"`
	Value  string          `json:"value,omitempty"`
	Since  time.Time       `json:"since,omitzero"`
	After  string          `json:"after,omitempty"`
	Limit  int             `json:"limit,omitempty"` // of all pages together; zero: none
}

// readListing reads the flags of addListFlags.
func readListing(c *cobra.Command, now time.Time) (l listing, err error) {
	f := c.Flags()
	if kind, _ := f.GetString("kind"); f.Changed("kind") {
		if l.Kind, err = revocation.ParseKind(kind); err != nil {
			return l, errors.New("--kind is one of token, fingerprint, session, subject, key, issuer, all and hold")
		}
	}
	if issuer, _ := f.GetString("issuer"); f.Changed("issuer") {
		l.Issuer = &issuer
	}
	for _, flag := range []string{"value", "subject", "sub"} {
		if !f.Changed(flag) {
			continue
		}
		if l.Value, _ = f.GetString(flag); l.Value == "" {
			return l, errors.New("--" + flag + " is empty")
		}
		if flag != "value" {
			l.Kind = revocation.KindSubject
		}
	}
	if since, _ := f.GetString("since"); f.Changed("since") {
		if l.Since, err = readSince(since, now); err != nil {
			return l, err
		}
	}
	l.After, _ = f.GetString("after")
	if l.Limit, _ = f.GetInt("limit"); f.Changed("limit") && l.Limit < 1 {
		return l, errors.New("--limit is a number of 1 or more")
	}
	return l, nil
}

// readSince reads a time, or how long ago it is.
func readSince(s string, now time.Time) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	if d, err := caddy.ParseDuration(s); err == nil && d > 0 {
		return now.Add(-d), nil
	}
	return time.Time{}, errors.New("--since is neither a time such as 2026-01-02T15:04:05Z nor a duration such as 24h or 7d")
}

// page is the answer to a listing.
type page struct {
	Revocations []revocation.Entry `json:"revocations"`
	Next        string             `json:"next"`
}

// eachRevocation calls f with every entry that l asks for, page by page. When it ends at the limit it returns where to go
// on; behind that may be nothing.
func (c client) eachRevocation(l listing, f func(revocation.Entry) error) (next string, err error) {
	limited, left := l.Limit > 0, l.Limit
	for {
		l.Limit = pageSize
		if limited {
			l.Limit = min(left, pageSize)
		}
		var p page
		if err := c.do("POST", "/botlatch/revocations/search", l, &p); err != nil {
			return "", err
		}
		for _, e := range p.Revocations {
			if err := f(e); err != nil {
				return "", err
			}
		}
		left -= len(p.Revocations)
		if l.After = p.Next; p.Next == "" || limited && left <= 0 {
			return p.Next, nil
		}
	}
}
