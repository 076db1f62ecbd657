package otherteams_test

import (
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// becomes waits until the answer of the team's bot is that.
func (m *team) becomes(t *testing.T, want int, token string) {
	t.Helper()
	var status int
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if status = m.asks(t.Context(), token); status == want {
			return
		}
	}
	t.Fatalf("status %d in the end, want %d", status, want)
}

// TestAnOutageOfOneProviderIsNoneOfTheOtherTeams: neither while it runs, nor when the latch starts and knows nothing.
func TestAnOutageOfOneProviderIsNoneOfTheOtherTeams(t *testing.T) {
	t.Parallel()
	s := prepareStage(t)
	arms := s.arms.own(t)
	s.arms.provider.Kill()
	s.latch.RunUnready()
	s.locks.becomes(t, http.StatusOK, s.locks.own(t))
	s.arms.is(t, http.StatusServiceUnavailable, arms)
	s.locks.is(t, http.StatusOK, s.locks.own(t))

	s.locks.provider.Kill() // and now the other way round: its keys are known
	s.locks.is(t, http.StatusOK, s.locks.forge(t, s.locks.issuer, s.locks.site, s.locks.scope))
	s.arms.is(t, http.StatusServiceUnavailable, arms)
}

// TestAProviderThatHangsHoldsUpItsOwnTeam alone.
func TestAProviderThatHangsHoldsUpItsOwnTeam(t *testing.T) {
	t.Parallel()
	s := prepareStage(t)
	silent := latchtest.Listen(t, func(conn net.Conn) { _, _ = conn.Read(make([]byte, 1)); <-t.Context().Done() })
	s.arms.issuer = "http://" + silent
	s.latch.Setenv("ARMS_ISSUER", s.arms.issuer)
	s.latch.RunUnready()
	s.locks.becomes(t, http.StatusOK, s.locks.own(t))
	arms, status := s.arms.forge(t, s.arms.issuer, s.arms.site, s.arms.scope), make(chan int)
	go func() { status <- s.arms.asks(t.Context(), arms) }()
	for range 20 {
		s.locks.is(t, http.StatusOK, s.locks.own(t))
	}
	if got := <-status; got != http.StatusServiceUnavailable {
		t.Errorf("status %d, want 503", got)
	}
}
