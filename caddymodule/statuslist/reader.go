package statuslist

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/jose"
)

// leeway is how far the clock of an issuer may be ahead of ours.
const leeway = time.Minute

var (
	errType     = errors.New("the typ header is not statuslist+jwt")
	errAlg      = errors.New("the issuer does not sign status lists with that algorithm")
	errFuture   = errors.New("the iat claim lies in the future")
	errRollback = errors.New("the list is older than the one that was known before")
)

// reader reads the lists that one URI publishes, one after the other.
type reader struct {
	lists *Lists
	uri   string

	mu     sync.Mutex
	newest time.Time // iat of the newest list that was read
}

// parse verifies a status list token and inflates its list. It is a remote.Parse.
func (r *reader) parse(ctx context.Context, body []byte, _ http.Header) (*list, time.Duration, error) {
	// A line break at the end of the file is no part of the token.
	c, err := jose.ParseDocument(strings.TrimRight(string(body), "\r\n"))
	if err != nil {
		return nil, 0, err
	}
	if c.Header.Type != "statuslist+jwt" {
		return nil, 0, errType
	}
	key, err := r.key(ctx, c.Header)
	if err != nil {
		return nil, 0, err
	}
	payload, err := c.Verify(key)
	if err != nil {
		return nil, 0, err
	}
	l, err := readList(payload, r.uri)
	if err != nil {
		return nil, 0, err
	}
	l.key = key
	fresh, err := r.judge(l, time.Now())
	return l, fresh, err
}

// key is the one key of the issuer that may verify h, and never a secret: whoever verifies with one could also sign.
func (r *reader) key(ctx context.Context, h jose.Header) (*jose.Key, error) {
	config := r.lists.config
	if len(config.Algorithms) > 0 && !slices.Contains(config.Algorithms, h.Algorithm) {
		return nil, errAlg
	}
	key, err := accesstoken.FindKey(ctx, config.Keys, h)
	if err != nil {
		return nil, err
	}
	if key.Symmetric() {
		return nil, accesstoken.ErrNoKey
	}
	return key, nil
}

// judge asks the times of a list, and says how long it is fresh. A list that is older than the one before would give
// back what was taken.
func (r *reader) judge(l *list, now time.Time) (time.Duration, error) {
	switch {
	case l.issuedAt.After(now.Add(leeway)):
		return 0, errFuture
	case !l.expiresAt.IsZero() && !now.Before(l.expiresAt):
		return 0, errExpired
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if l.issuedAt.Before(r.newest) {
		return 0, errRollback
	}
	r.newest = l.issuedAt
	fresh := l.fresh
	if fresh == 0 {
		fresh = standardTTL
	}
	if !l.expiresAt.IsZero() {
		fresh = min(fresh, l.expiresAt.Sub(now))
	}
	return fresh, nil
}
