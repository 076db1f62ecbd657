package caddymodule

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/botlatch/botlatch/caddymodule/deny"
)

// errActed stops another attempt. It is thrown through the proxy and caught in sendOnce: a cancelled context would
// lose, now and then, against an idle connection that is at hand.
var errActed = errors.New("sent to the bot before, without an answer")

// answered is the placeholder in which the proxy notes the status of a complete answer.
const answered = "http.reverse_proxy.status_code"

// sendOnce lets the proxy send r, which a traces, at most once without an answer. GET acts on bots, and net/http repeats one whose
// reused connection died; lb_retries and lb_try_duration repeat more, and an error route that proxies does too. So a
// request that was sent and not answered is answered 502 here.
func (h *Handler) sendOnce(w http.ResponseWriter, r *http.Request, a *attempt, next caddyhttp.Handler) error {
	defer func() {
		if v := recover(); v == errActed { //nolint:errorlint // a panic value, ours alone and never wrapped
			h.giveUp(w, r)
		} else if v != nil {
			panic(v)
		}
	}()
	err := next.ServeHTTP(w, r)
	if err != nil && a.unanswered() {
		h.giveUp(w, r)
		return nil
	}
	return err
}

func (h *Handler) giveUp(w http.ResponseWriter, r *http.Request) {
	err := deny.Because(deny.Unanswered, errActed)
	h.record.unanswered(r, err)
	h.realm.Write(w, err, nil)
}

// attempt is what became of a request on its way to the bot.
type attempt struct {
	replacer *caddy.Replacer
	begun    atomic.Bool // it had a connection: from then on it may be on its way
	sent     atomic.Bool // its header block was written
}

func newAttempt(r *http.Request) *attempt {
	replacer, ok := r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer)
	if !ok {
		replacer = caddy.NewReplacer() // outside of Caddy nobody notes an answer: one attempt it is
	}
	return &attempt{replacer: replacer}
}

// unanswered reports whether the bot may have acted and did not answer in full.
func (a *attempt) unanswered() bool {
	_, done := a.replacer.Get(answered)
	return a.sent.Load() && !done
}

// trace is ctx with a trace that panics when another attempt has its connection after one that was not answered. What a
// proxy sends after an answer, because forward_auth or handle_response says so, is another request.
//
// It is thrown in GotConn, before anything is written, and never in GetConn, which HTTP/2 calls with its connection pool
// locked: the lock would stay, and with it every later request to the bot.
func (a *attempt) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			if a.unanswered() {
				// Nobody gives it back to its pool. A connection of HTTP/2 that others use, too, stays.
				if !info.Reused || info.WasIdle {
					drop(info.Conn)
				}
				panic(errActed)
			}
			a.begun.Store(true)
			a.sent.Store(false)
			a.replacer.Delete(answered)
		},
		WroteHeaders: func() { a.sent.Store(true) },
	})
}

// drop closes a connection that the transport has given out and nobody will use. That of HTTP/3 stands for many requests,
// and panics when one of them closes it; its pool looks after it.
func drop(c net.Conn) {
	defer func() { _ = recover() }()
	_ = c.Close()
}
