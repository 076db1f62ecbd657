package stream

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

// longest is how long anything in these tests may take, however busy the machine.
const longest = 20 * time.Second

func nothing(bool) {}

func TestServeAsksOnceMoreWhenTheStreamIsRegistered(t *testing.T) {
	t.Parallel()
	for _, cause := range []Cause{Open, Revoked, Unavailable, Shutdown} {
		var g Registry
		s, w := new(Stream), httptest.NewRecorder()
		var asked, served, after int
		err := g.Serve(t.Context(), s, w, httptest.NewRequest(http.MethodGet, "/", nil), func(x *Stream) Cause {
			asked++
			// A revocation that comes from here on finds it; one that came before is found by this question.
			if x != s || len(g.All()) != 1 || g.All()[0] != s {
				t.Errorf("%s: asked before it was registered", cause)
			}
			return cause
		}, func(w http.ResponseWriter, _ *http.Request) error {
			served++
			w.WriteHeader(http.StatusNoContent)
			return nil
		}, func(bool) { after++ })
		if asked != 1 || after != 1 || g.Len() != 0 || s.Cause() != cause {
			t.Errorf("%s: asked %d times, after %d times, %d left, cause %s", cause, asked, after, g.Len(), s.Cause())
		}
		if cause == Open && (err != nil || served != 1 || w.Code != http.StatusNoContent) {
			t.Errorf("%v, served %d times, status %d", err, served, w.Code)
		}
		if cause != Open && (!errors.Is(err, ErrUnanswered) || served != 0 || w.Body.Len() != 0) {
			t.Errorf("%s: %v, served %d times", cause, err, served)
		}
	}
}

// TestARevocationMeetsARequestThatIsBeingRegistered: whichever comes first, the request is not served, or cut.
func TestARevocationMeetsARequestThatIsBeingRegistered(t *testing.T) {
	t.Parallel()
	for range 2000 {
		var g Registry
		var revoked atomic.Bool
		ask := func(*Stream) Cause {
			if revoked.Load() {
				return Revoked
			}
			return Open
		}
		swept := make(chan struct{})
		go func() {
			defer close(swept)
			revoked.Store(true)
			g.Sweep(time.Now(), ask)
		}()
		s := new(Stream)
		err := g.Serve(t.Context(), s, httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil), ask,
			func(_ http.ResponseWriter, r *http.Request) error {
				select {
				case <-r.Context().Done():
				case <-time.After(longest):
					t.Error("it stays open")
				}
				return r.Context().Err()
			}, nothing)
		<-swept
		if !errors.Is(err, ErrUnanswered) || s.Cause() != Revoked {
			t.Fatalf("%v, cause %s", err, s.Cause())
		}
	}
}

func TestErrorsAndPanicsOfNextGoOn(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		media string
		cut   bool
		panic any
		err   error
		want  any // recovered or returned; nil: neither
	}{
		"an error":                             {"", false, nil, broken, broken},
		"a panic":                              {"", false, "boom", nil, "boom"},
		"an abort":                             {"text/event-stream", false, http.ErrAbortHandler, nil, http.ErrAbortHandler},
		"an error of a cut body":               {"text/plain", true, nil, broken, broken},
		"an abort of a cut body":               {"text/plain", true, http.ErrAbortHandler, nil, http.ErrAbortHandler},
		"an abort of a cut event stream":       {"text/event-stream", true, http.ErrAbortHandler, nil, nil},
		"an abort of a cut camera":             {"multipart/x-mixed-replace; boundary=a", true, http.ErrAbortHandler, nil, nil},
		"another panic of a cut event stream":  {"text/event-stream", true, "boom", nil, "boom"},
		"an abort of a request cut unanswered": {"none", true, http.ErrAbortHandler, nil, http.ErrAbortHandler},
		"an error of a request cut unanswered": {"none", true, nil, broken, ErrUnanswered},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var g Registry
			after := 0
			got := func() (got any) {
				defer func() {
					if v := recover(); v != nil {
						got = v
					}
				}()
				s := &Stream{LastWill: true}
				err := g.Serve(t.Context(), s, httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil), never,
					func(w http.ResponseWriter, _ *http.Request) error {
						if c.media != "none" {
							w.Header().Set("Content-Type", c.media)
							w.WriteHeader(http.StatusOK)
						}
						if c.cut {
							s.End(Expired)
						}
						if c.panic != nil {
							panic(c.panic)
						}
						return c.err
					}, func(last bool) {
						if !last || g.Len() != 1 || !s.Over() {
							t.Error("not over")
						}
						after++
					})
				if err != nil {
					return err
				}
				return nil
			}()
			if got != c.want || after != 1 {
				t.Errorf("%v, want %v; after was called %d times", got, c.want, after)
			}
		})
	}
}

func TestTheContextOfACutStreamIsCancelledAndNothingElse(t *testing.T) {
	t.Parallel()
	var g Registry
	s := new(Stream)
	_ = g.Serve(t.Context(), s, httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil), never,
		func(_ http.ResponseWriter, r *http.Request) error {
			if r.Context().Err() != nil {
				t.Error("done before it is cut")
			}
			s.End(Expired)
			<-r.Context().Done()
			// A deadline, or a cause of our own, would count against the bot.
			if err := r.Context().Err(); err != context.Canceled || context.Cause(r.Context()) != context.Canceled { //nolint:errorlint // exactly that one
				t.Errorf("%v because of %v", err, context.Cause(r.Context()))
			}
			return nil
		}, nothing)
}
