package caddymodule

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/policy"
	"github.com/botlatch/botlatch/caddymodule/stream"
)

// open is what is known of a request while it is open.
func (h *Handler) open(r *http.Request, p pass, now time.Time) *stream.Stream {
	s := &stream.Stream{
		Site: h.siteText, Latch: h.place, Rule: p.rule.String(), Path: p.target.Path, Policy: h.hash,
		Generation: h.app.Generation(),
		Since:      now, Token: p.token, LastWill: p.rule.LastWill != nil,
	}
	if p.token != nil {
		s.TokenEnds = p.token.ExpiresAt
	}
	if p.rule.MaxStream > 0 {
		s.Limit = now.Add(time.Duration(p.rule.MaxStream))
	}
	if s.LastWill || p.target.Method == policy.WebSocket {
		s.Line, _ = r.Context().Value(caddyhttp.ConnCtxKey).(net.Conn)
	}
	if s.LastWill {
		stream.WatchLine(s.Line)
	}
	return s
}

// keepLines makes the server's requests know their connections, as caddyhttp.ConnCtxKey: Caddy leaves that to those who need it.
func keepLines(server *caddyhttp.Server) {
	server.RegisterConnContext(func(ctx context.Context, line net.Conn) context.Context {
		if ctx.Value(caddyhttp.ConnCtxKey) != nil {
			return ctx // another site of this server
		}
		return context.WithValue(ctx, caddyhttp.ConnCtxKey, line)
	})
}

// denialOf is the answer to a request that was ended before its answer had begun. When the bot may have it, nobody knows
// whether it acted, and the client must not take it for refused: a request is written by another goroutine than the one
// that is ended here, and one that the bot has answered was not refused either.
func denialOf(cause stream.Cause, sent *attempt) error {
	switch {
	case sent.begun.Load():
		return deny.Because(deny.Unanswered, nil)
	case cause == stream.Expired:
		return deny.Because(deny.Expired, nil)
	case cause == stream.Revoked:
		return deny.Because(deny.Revoked, nil)
	case cause == stream.Held:
		return deny.Because(deny.Held, nil)
	}
	return deny.Because(deny.Unavailable, nil)
}
