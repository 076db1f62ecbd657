package command

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// told is a latch that gives one answer a second, and the last one for ever.
type told struct {
	answers []answerOf
	cancel  error

	mu     sync.Mutex // one that hangs is still asked when the next one is
	asked  int
	undone []string
}

type answerOf struct {
	all   []invitation
	err   error
	hangs bool
}

func (l *told) invitations() ([]invitation, error) {
	l.mu.Lock()
	a := l.answers[min(l.asked, len(l.answers)-1)]
	l.asked++
	l.mu.Unlock()
	if a.hangs {
		time.Sleep(time.Hour)
	}
	return a.all, a.err
}

func (l *told) cancelInvitation(id string) (invitation, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.undone = append(l.undone, id)
	return invitation{}, l.cancel
}

func TestWaitsUntilSomebodyTookTheInvitation(t *testing.T) {
	t.Parallel()
	made := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) // by another clock
	open := invitation{ID: "a1", Name: "ana", Created: made, Expires: made.Add(10 * time.Minute)}
	used := open
	used.Taken = &taken{Session: "S"}
	other := invitation{ID: "b2"}
	still, done := answerOf{all: []invitation{other, open}}, answerOf{all: []invitation{used}}
	none, hangs := answerOf{all: []invitation{other}}, answerOf{hangs: true}
	gone := errors.New("dial: no such file")
	away := answerOf{err: latchError{gone}}
	for name, c := range map[string]struct {
		answers []answerOf
		cancel  error
		stop    time.Duration // when ^C comes
		code    int
		says    string
		after   time.Duration
	}{
		"ok/at once":                {answers: []answerOf{done}, after: time.Second},
		"ok/after a while":          {answers: []answerOf{still, still, done}, after: 3 * time.Second},
		"ok/latch restarts":         {answers: []answerOf{still, away, away, done}, after: 4 * time.Second, says: "The latch does not say who: dial"},
		"ok/latch comes back":       {answers: []answerOf{away, still, done}, after: 3 * time.Second, says: "answers again"},
		"ok/latch hangs once":       {answers: []answerOf{hangs, done}, after: 6 * time.Second, says: "no answer within 5s"},
		"ok/faster than ^C":         {answers: []answerOf{still, done}, stop: 1500 * time.Millisecond, cancel: latchError{errors.New("used")}, after: 1500 * time.Millisecond},
		"deny/expired":              {answers: []answerOf{still}, code: 3, says: "in time", after: 602 * time.Second},
		"deny/taken back elsewhere": {answers: []answerOf{still, none}, code: 3, says: "somebody else", after: 2 * time.Second},
		"deny/^C":                   {answers: []answerOf{still}, stop: 2500 * time.Millisecond, code: 3, says: "was taken back", after: 2500 * time.Millisecond},
		"deny/^C, gone already":     {answers: []answerOf{still, none}, stop: 1500 * time.Millisecond, cancel: latchError{errors.New("404")}, code: 3, says: "somebody else", after: 1500 * time.Millisecond},
		"deny/^C, latch is gone":    {answers: []answerOf{still, away}, stop: 1500 * time.Millisecond, cancel: latchError{gone}, code: 2, says: "until 2026-01-02T03:14:05Z. Take it back: caddy botlatch invitations cancel a1 --address 'x'", after: 1500 * time.Millisecond},
		"deny/^C while it hangs":    {answers: []answerOf{hangs, still}, stop: 2 * time.Second, code: 3, says: "was taken back", after: 2 * time.Second},
		"deny/latch stays away":     {answers: []answerOf{still, away}, code: 2, says: "cancel a1", after: 62 * time.Second},
		"deny/latch stays hung":     {answers: []answerOf{hangs}, code: 2, says: "no answer within 5s", after: 66 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				latch, said := &told{answers: c.answers, cancel: c.cancel}, new(strings.Builder)
				w := waiting{invitation: open, latch: latch, again: " --address 'x'", said: said}
				ctx, stop := context.WithTimeout(t.Context(), 3*time.Hour)
				defer stop()
				if c.stop > 0 {
					time.AfterFunc(c.stop, stop)
				}
				began, interrupted := time.Now(), 0
				v, err := w.wait(ctx, func() { interrupted++ })
				if took := time.Since(began); took != c.after {
					t.Errorf("waited for %s, want %s", took, c.after)
				}
				if code := exitCode(err); code != c.code || code == 0 && v.Taken == nil {
					t.Errorf("%v: exit code %d, want %d; taken: %v", err, code, c.code, v.Taken)
				}
				if all := said.String() + errorText(err); !strings.Contains(all, c.says) {
					t.Errorf("said %q, want %q in it", all, c.says)
				}
				if pressed := c.stop > 0; (len(latch.undone) == 1 && latch.undone[0] == "a1") != pressed || (interrupted == 1) != pressed {
					t.Errorf("cancelled %q, interrupted %d times", latch.undone, interrupted)
				}
				time.Sleep(2 * time.Hour) // what hangs ends
			})
		})
	}
}

func exitCode(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.As(err, new(latchError)):
		return exitLatch
	case errors.As(err, new(refusal)):
		return exitRefused
	}
	return 1
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
