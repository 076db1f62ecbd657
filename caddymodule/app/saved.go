package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"path"
	"strings"
	"time"

	"github.com/caddyserver/certmagic"

	"github.com/botlatch/botlatch/caddymodule/remote"
)

// saved keeps remote documents in Caddy's storage, so that a restart survives an outage of their publisher. Latches that
// share a storage share them.
type saved struct {
	storage func() certmagic.Storage
	trust   string // a hash of who vouches for the publisher's host; empty: whom the system trusts
}

var errSaved = errors.New("what was saved is not what this version saves")

// key is the place of a document. Its URL is hashed: storage keys are paths, and a URL may hold anything. What was believed on
// somebody's word is not believed by who does not trust that somebody: after a change of trusted_ca, or in another latch.
func (s saved) key(url string) string {
	if s.trust != "" {
		url += " " + s.trust // a URL has no space
	}
	sum := sha256.Sum256([]byte(url))
	return path.Join("botlatch", "documents", hex.EncodeToString(sum[:]))
}

// Load implements remote.Saver.
func (s saved) Load(ctx context.Context, url string) (remote.Saved, error) {
	b, err := s.storage().Load(ctx, s.key(url))
	if err != nil {
		return remote.Saved{}, err
	}
	line, body, found := strings.Cut(string(b), "\n")
	at, fresh, _ := strings.Cut(line, " ")
	fetchedAt, err := time.Parse(time.RFC3339, at)
	lasts, notSaid := time.ParseDuration(fresh)
	if !found || err != nil || notSaid != nil {
		return remote.Saved{}, errSaved
	}
	return remote.Saved{Body: []byte(body), FetchedAt: fetchedAt, Fresh: lasts}, nil
}

// Save implements remote.Saver: a line with the time and how long it is fresh, then the body.
func (s saved) Save(ctx context.Context, url string, d remote.Saved) error {
	line := d.FetchedAt.UTC().Format(time.RFC3339) + " " + d.Fresh.String() + "\n"
	return s.storage().Store(ctx, s.key(url), append([]byte(line), d.Body...))
}

// Interface guards
var _ remote.Saver = saved{}
