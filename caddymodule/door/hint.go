package door

import (
	"crypto/sha256"
	"sync"
	"time"
)

// maxHints bounds the ID tokens that are kept.
const maxHints = 1024

// hint is what a provider wants to see of who signs out there (OpenID Connect RP-Initiated Logout 1.0 §2). It lives in memory only, and is
// lost at a restart.
type hint struct {
	provider *Provider
	idToken  string
	ends     time.Time
}

// hints are those of the browsers that are signed in, by their cookies, hashed. The zero value is ready.
type hints struct {
	mu  sync.Mutex
	all map[[32]byte]hint
}

func (h *hints) keep(cookie string, one hint, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all == nil {
		h.all = make(map[[32]byte]hint)
	}
	for key, old := range h.all {
		if !now.Before(old.ends) || len(h.all) >= maxHints { // any: it is lost at a restart, too
			delete(h.all, key)
		}
	}
	h.all[sha256.Sum256([]byte(cookie))] = one
}

func (h *hints) take(cookie string) (hint, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	key := sha256.Sum256([]byte(cookie))
	one, ok := h.all[key]
	delete(h.all, key)
	return one, ok
}
