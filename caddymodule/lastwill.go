package caddymodule

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/botlatch/botlatch/caddymodule/app"
	"github.com/botlatch/botlatch/caddymodule/policy"
	"github.com/botlatch/botlatch/caddymodule/stream"
)

const (
	willTry   = 2 * time.Second        // how long the bot may take for an answer
	willPause = 500 * time.Millisecond // between two tries
	willTries = 10 * time.Second       // how long it is tried
)

var (
	errNoAnswer  = errors.New("the bot did not answer in time")
	errNoHandler = errors.New("nothing behind the latch answered: does the last will's path reach the bot?")
)

// routeGroup is where Caddy remembers which of several handle blocks a request has taken.
const routeGroup caddy.CtxKey = "route_group"

// will is a last will, made ready while its stream opens.
type will struct {
	words  *policy.LastWill
	target string
	next   caddyhttp.Handler
	stream *stream.Stream
	origin *http.Request       // the request that opened the stream
	vars   map[string]any      // Caddy's variables, as they were before the bot
	groups map[string]struct{} // handle blocks that were taken before the latch
}

// readWill makes the rule's last will ready; nil: it has none.
func (h *Handler) readWill(r *http.Request, p pass, s *stream.Stream, next caddyhttp.Handler) *will {
	if p.rule.LastWill == nil {
		return nil
	}
	vars, _ := r.Context().Value(caddyhttp.VarsCtxKey).(map[string]any)
	groups, _ := r.Context().Value(routeGroup).(map[string]struct{})
	return &will{p.rule.LastWill, p.rule.WillFor(p.target.Path), next, s, r, maps.Clone(vars), maps.Clone(groups)}
}

// leave sends the will, until the bot has taken it, or another stream took the last one's place, or it was tried for long
// enough. It runs beside the stream that left it, whose client must not wait for the bot.
func (w *will) leave() {
	log := caddy.Log().Named("http.handlers.botlatch").With(zap.String("site", w.stream.Site), zap.String("rule", w.stream.Rule))
	began := time.Now()
	for try := 1; ; try++ {
		err := w.try()
		if err == nil {
			app.LastWillSent(true)
			log.Info("last will sent", zap.Int("tries", try), zap.Duration("after", time.Since(began)))
			return
		}
		if time.Since(began)+willPause > willTries || !app.Streams().Alone(w.stream) {
			app.LastWillSent(false)
			log.Warn("last will not sent: the bot was not told to stop", zap.Int("tries", try), zap.Error(err))
			return
		}
		time.Sleep(willPause)
	}
}

// try sends it once.
func (w *will) try() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic of type %T", v)
		}
	}()
	// Not a deadline: that would count against the bot, and a pool with passive health checks would refuse the next try.
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	timer := time.AfterFunc(willTry, cancel)
	defer timer.Stop()
	answer := &willAnswer{header: make(http.Header)}
	r, err := w.request(ctx, answer)
	if err != nil {
		return err
	}
	err = w.next.ServeHTTP(answer, r)
	switch {
	case ctx.Err() != nil:
		return errNoAnswer
	case err != nil:
		return err
	case answer.status == 0:
		return errNoHandler
	case !done(answer.status):
		return fmt.Errorf("the answer was %d", answer.status)
	}
	return nil
}

// done reports whether an answer says that the bot has done it. Most redirects say that it must be asked elsewhere; a form is
// done, and the result is elsewhere.
func done(status int) bool {
	switch status {
	case http.StatusFound, http.StatusSeeOther, http.StatusNotModified:
		return true
	}
	return status < http.StatusMultipleChoices
}

// request is a request of the latch's own, with a context like that of any that Caddy serves, and with the variables of
// the one that opened the stream.
func (w *will) request(ctx context.Context, answer http.ResponseWriter) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, w.words.Method, w.target, strings.NewReader(w.words.Body))
	if err != nil {
		return nil, err
	}
	r.Host, r.RemoteAddr, r.TLS, r.RequestURI = w.origin.Host, w.origin.RemoteAddr, w.origin.TLS, w.target
	r.Header.Set("User-Agent", "botlatch")
	switch {
	case w.words.Body == "":
		r.Body = http.NoBody
	case json.Valid([]byte(w.words.Body)):
		r.Header.Set("Content-Type", "application/json")
	default:
		r.Header.Set("Content-Type", "text/plain; charset=utf-8")
	}
	server, _ := w.origin.Context().Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server)
	r = caddyhttp.PrepareRequest(r, caddy.NewReplacer(), answer, server)
	vars := r.Context().Value(caddyhttp.VarsCtxKey).(map[string]any)
	for name, value := range w.vars {
		if _, set := vars[name]; !set {
			vars[name] = value
		}
	}
	identify(r, w.stream.Token)
	return r.WithContext(context.WithValue(r.Context(), routeGroup, maps.Clone(w.groups))), nil
}

// willAnswer is a client that wants to know the status and nothing else.
type willAnswer struct {
	header http.Header
	status int // zero: none yet
}

func (a *willAnswer) Header() http.Header { return a.header }

func (a *willAnswer) WriteHeader(status int) {
	if a.status == 0 && status >= http.StatusOK {
		a.status = status
	}
}

func (a *willAnswer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return len(p), nil
}

func (a *willAnswer) Flush() {}
