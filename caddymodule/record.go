package caddymodule

import (
	"errors"
	"net/http"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/botlatch/botlatch/caddymodule/app"
	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/stream"
)

// Of each reason, this many lines a second are logged, and then one in so many: a flood of bad tokens must not become a
// flood of lines, nor hide another reason.
const (
	firstLines = 10
	thereafter = 100
)

// recorder leaves one trace of one decision: a counter, and for a denial a sampled log line. It has all counters at
// hand.
type recorder struct {
	denied, wouldDeny [deny.NumReasons]prometheus.Counter
	token, guest      prometheus.Counter
	cut               [stream.NumCauses]prometheus.Counter
	verifying         prometheus.Histogram
	log, reminder     *zap.Logger
	accessLog         *zap.Logger // Caddy's own
}

// remindEvery is how often a site that enforces nothing says so.
const remindEvery = time.Minute

// newRecorder takes the logger of the site and that of Caddy's http app.
func newRecorder(log, http *zap.Logger) *recorder {
	c := &recorder{
		token: app.Allowed(false), guest: app.Allowed(true), verifying: app.Verifying(), accessLog: http.Named("log.access"),
	}
	for reason := range deny.NumReasons {
		c.denied[reason], c.wouldDeny[reason] = app.Denied(reason), app.WouldDeny(reason)
	}
	for cause := stream.Open + 1; cause < stream.NumCauses; cause++ {
		c.cut[cause] = app.EndedStreams(cause)
	}
	c.reminder = log.WithOptions(zap.WrapCore(func(core zapcore.Core) zapcore.Core {
		return zapcore.NewSamplerWithOptions(core, remindEvery, 1, 0)
	}))
	c.log = log.WithOptions(zap.WrapCore(func(core zapcore.Core) zapcore.Core {
		return zapcore.NewSamplerWithOptions(core, time.Second, firstLines, thereafter)
	}))
	return c
}

// decision records what was decided. Of the token it logs only what was verified.
func (c *recorder) decision(r *http.Request, p pass, err error, reportOnly bool) {
	counters, message := &c.denied, "denied: "
	if reportOnly {
		c.reminder.Warn("insecure_report_only: this site enforces nothing")
		counters, message = &c.wouldDeny, "would deny: "
	}
	if err == nil {
		if p.token == nil {
			c.guest.Inc()
		} else {
			c.token.Inc()
		}
		return
	}
	reason := deny.ReasonOf(err)
	counters[reason].Inc()
	// One message a reason, because the sampler goes by the message.
	if line := c.log.Check(levelOf(reason), message+reason.String()); line != nil {
		line.Write(fields(r, p, reason, err)...)
	}
}

// verified records how long a token took that was not seen before.
func (c *recorder) verified(took time.Duration) { c.verifying.Observe(took.Seconds()) }

// unanswered records a request that was let through, sent, and given up.
func (c *recorder) unanswered(r *http.Request, err error) {
	c.denied[deny.Unanswered].Inc()
	if line := c.log.Check(levelOf(deny.Unanswered), "the bot did not answer, and the request is not sent again"); line != nil {
		line.Write(fields(r, pass{}, deny.Unanswered, err)...)
	}
}

// ended records a stream that the latch ended; of any other it says nothing.
func (c *recorder) ended(a *app.App, s *stream.Stream) {
	cause := s.Cause()
	if cause == stream.Open {
		return
	}
	c.cut[cause].Inc()
	issuer := ""
	if s.Token != nil {
		issuer = s.Token.Issuer.Name
	}
	a.StreamEnded(cause, s.Kind(), s.Site, issuer)
	if line := c.log.Check(zapcore.InfoLevel, "stream ended: "+cause.String()); line != nil {
		all := []zap.Field{
			zap.Stringer("cause", cause), zap.Stringer("kind", s.Kind()), zap.String("rule", s.Rule),
			zap.Duration("after", time.Since(s.Since)), zap.String("iss", issuer),
		}
		if s.Token != nil {
			all = append(all, zap.String("kid", s.Token.KeyID), zap.String("fingerprint", s.Token.Fingerprint[:shortFingerprint]))
		}
		line.Write(all...)
	}
}

// failed records an error of the handlers behind the latch that Caddy does not get to see.
func (c *recorder) failed(r *http.Request, level zapcore.Level, status int, err error) {
	if line := c.log.Check(level, "a handler behind the latch failed"); line != nil {
		clientIP, _ := caddyhttp.GetVar(r.Context(), caddyhttp.ClientIPVarKey).(string)
		line.Write(zap.Int("status", status), zap.String("client_ip", clientIP), zap.String("method", r.Method), zap.Error(err))
	}
}

// levelOf is INFO for a refusal, however bad the token; WARN when something that we need is missing; ERROR when it is
// our own fault.
func levelOf(reason deny.Reason) zapcore.Level {
	switch reason {
	case deny.Unavailable, deny.Unanswered:
		return zapcore.WarnLevel
	case deny.Internal:
		return zapcore.ErrorLevel
	}
	return zapcore.InfoLevel
}

func fields(r *http.Request, p pass, reason deny.Reason, err error) []zap.Field {
	clientIP, _ := caddyhttp.GetVar(r.Context(), caddyhttp.ClientIPVarKey).(string)
	all := []zap.Field{
		zap.Stringer("reason", reason), zap.Int("status", reason.Status()), zap.String("client_ip", clientIP),
	}
	if why := errors.Unwrap(err); why != nil {
		all = append(all, zap.NamedError("detail", why))
	}
	if p.target.Method != "" {
		all = append(all, zap.String("method", p.target.Method))
	}
	if p.rule != nil {
		all = append(all, zap.Stringer("rule", p.rule))
	}
	if p.token != nil {
		all = append(all, zap.String("iss", p.token.Issuer.Name), zap.String("kid", p.token.KeyID),
			zap.String("fingerprint", p.token.Fingerprint[:shortFingerprint]))
	}
	return all
}

// shortFingerprint is how many characters of a fingerprint are logged: enough to tell tokens apart, not to name one.
const shortFingerprint = 12
