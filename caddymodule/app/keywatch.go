package app

import (
	"sync"
	"time"

	"go.uber.org/zap"
)

// muchSkew is how far two clocks may differ before it is worth a line: more than an answer's Date is rounded and delayed by.
const muchSkew = 10 * time.Second

// keyWatch tells people, once each, what changes in how an issuer's keys fare.
type keyWatch struct {
	log    func() *zap.Logger // of the configuration that serves
	issuer string

	mu     sync.Mutex
	skewed bool
	left   map[string]bool // why entries were left out, the last time
}

// fetched counts the fetches of one document, and tells when they begin to fail and when they work again.
func (w *keyWatch) fetched() func(error) {
	failing := false // only the one who fetches the document asks
	return func(err error) {
		countKeyRefresh(err)
		switch was := failing; {
		case err != nil && !was:
			w.log().Warn("keys cannot be fetched; the last ones count until max_stale", zap.String("issuer", w.issuer), zap.Error(err))
		case err == nil && was:
			w.log().Info("keys can be fetched again", zap.String("issuer", w.issuer))
		}
		failing = err != nil
	}
}

// skipped tells why entries of a set were left out, unless the set before had them too.
func (w *keyWatch) skipped(all []error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	left := make(map[string]bool, len(all))
	for _, why := range all {
		text := why.Error()
		if left[text] = true; !w.left[text] {
			w.log().Warn("key skipped", zap.String("issuer", w.issuer), zap.String("reason", text))
		}
	}
	w.left = left
}

// skew notes how far the publisher's clock is ahead of ours.
func (w *keyWatch) skew(ahead time.Duration) {
	clockSkew.Set(ahead.Seconds())
	w.mu.Lock()
	defer w.mu.Unlock()
	if skewed := ahead.Abs() > muchSkew; skewed != w.skewed {
		w.skewed = skewed
		if skewed {
			w.log().Warn("this machine's clock differs from the issuer's: its tokens may be refused, or live longer than they should",
				zap.String("issuer", w.issuer), zap.Duration("ahead", ahead))
		}
	}
}
