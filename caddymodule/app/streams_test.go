package app

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/revocation"
	"github.com/botlatch/botlatch/caddymodule/stream"
)

// TestAShortRequestOutlivesAReload that takes its policy away: whoever asks at that moment would be told that the bot did
// not answer. What is a stream ends at once, and what takes long ends too.
func TestAShortRequestOutlivesAReload(t *testing.T) {
	t.Parallel()
	began := time.Now()
	for name, c := range map[string]struct {
		media string // what is answered; empty: nothing yet
		after time.Duration
		want  stream.Cause
	}{
		"ok/just come":        {"", 0, stream.Open},
		"ok/being answered":   {"text/plain", 0, stream.Open},
		"ok/almost a second":  {"", time.Second - 1, stream.Open},
		"end/a second":        {"", time.Second, stream.PolicyChanged},
		"end/a long answer":   {"text/plain", time.Second, stream.PolicyChanged},
		"end/an event stream": {"text/event-stream", 0, stream.PolicyChanged},
		"end/a camera":        {"multipart/x-mixed-replace; boundary=a", 0, stream.PolicyChanged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var open stream.Registry
			s := &stream.Stream{Policy: "of the configuration before", Since: began}
			_ = open.Serve(t.Context(), s, httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil),
				func(*stream.Stream) stream.Cause { return stream.Open },
				func(w http.ResponseWriter, _ *http.Request) error {
					if c.media != "" {
						w.Header().Set("Content-Type", c.media)
						w.WriteHeader(http.StatusOK)
					}
					if got := new(App).mayStay(s, began.Add(c.after)); got != c.want {
						t.Errorf("%s, want %s", got, c.want)
					}
					return nil
				}, func(bool) {})
		})
	}
}

// TestTheConfigurationBeforeLeavesTheNextOnesStreamsAlone, of whose sites it knows nothing, unless a revocation matches
// them: the next one may take long to start. One that was given up is none.
func TestTheConfigurationBeforeLeavesTheNextOnesStreamsAlone(t *testing.T) {
	now := time.Now()
	_, good := followedApp(t, &distant{fickle: fickle{entry: revocation.Entry{
		Kind: revocation.KindToken, Issuer: t.Name(), Value: "jti", At: now,
	}}}, time.Minute)
	bad := &accesstoken.Token{Names: revocation.NewNames(t.Name(), now, [revocation.NumKinds]string{revocation.KindToken: "jti"})}
	a := &App{generation: 7}
	before := process.coming.Swap(8)
	t.Cleanup(func() { process.coming.Store(before) })
	for name, c := range map[string]struct {
		generation uint64
		token      *accesstoken.Token
		want       stream.Cause
	}{
		"end/of the one before":           {6, nil, stream.PolicyChanged},
		"end/of this one":                 {7, nil, stream.PolicyChanged},
		"ok/of the next, without a token": {8, nil, stream.Open},
		"ok/of the next":                  {8, good, stream.Open},
		"end/of the next, revoked":        {8, bad, stream.Revoked},
		"end/of one that was given up":    {9, good, stream.PolicyChanged},
	} {
		s := &stream.Stream{Policy: "unknown", Generation: c.generation, Token: c.token}
		if got := a.mayStay(s, now); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestAStreamIsAskedAboutWhenItIsRegistered: a revocation may have walked what is open just before.
func TestAStreamIsAskedAboutWhenItIsRegistered(t *testing.T) {
	t.Parallel()
	now := time.Now()
	a, good := followedApp(t, &distant{fickle: fickle{entry: revocation.Entry{
		Kind: revocation.KindToken, Issuer: t.Name(), Value: "jti", At: now,
	}}}, time.Minute)
	bad := &accesstoken.Token{Names: revocation.NewNames(t.Name(), now, [revocation.NumKinds]string{revocation.KindToken: "jti"})}
	for token, want := range map[*accesstoken.Token]stream.Cause{nil: stream.Open, good: stream.Open, bad: stream.Revoked} {
		if got := a.StreamCause(&stream.Stream{Token: token, Since: now}); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
