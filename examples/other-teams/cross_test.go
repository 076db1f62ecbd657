package otherteams_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// pair is a team and the other one.
type pair struct{ own, other *team }

// trials are tokens of either team at the own team's bot: what came of it, and why.
var trials = map[string]struct {
	token  func(*testing.T, pair) string
	status int
	reason string
}{
	"ok/own": {func(t *testing.T, p pair) string { return p.own.own(t) }, http.StatusOK, ""},
	"ok/own key, as the forged ones are made": {func(t *testing.T, p pair) string {
		return p.own.forge(t, p.own.issuer, p.own.site, p.own.scope)
	}, http.StatusOK, ""},
	"deny/other issuer, for its own bot": {func(t *testing.T, p pair) string { return p.other.own(t) }, http.StatusUnauthorized, "unknown_issuer"},
	"deny/other issuer, for this bot": {func(t *testing.T, p pair) string {
		return p.other.token(t, p.own.site, p.own.scope)
	}, http.StatusUnauthorized, "unknown_issuer"},
	"deny/for the other bot": {func(t *testing.T, p pair) string {
		return p.own.token(t, p.other.site, p.own.scope)
	}, http.StatusUnauthorized, "wrong_audience"},
	"deny/scope of the other bot": {func(t *testing.T, p pair) string {
		return p.own.token(t, p.own.site, p.other.scope)
	}, http.StatusForbidden, "insufficient_scope"},
	"deny/looks alone": {func(t *testing.T, p pair) string {
		return p.own.token(t, p.own.site, "observe")
	}, http.StatusForbidden, "insufficient_scope"},
	"deny/other team's key of the same name, our issuer": {func(t *testing.T, p pair) string {
		return p.other.forge(t, p.own.issuer, p.own.site, p.own.scope)
	}, http.StatusUnauthorized, "bad_signature"},
	"deny/our key, other issuer": {func(t *testing.T, p pair) string {
		return p.own.forge(t, p.other.issuer, p.own.site, p.own.scope)
	}, http.StatusUnauthorized, "unknown_issuer"},
	"deny/other team's key, issuer of neither": {func(t *testing.T, p pair) string {
		return p.other.forge(t, p.own.issuer+"/", p.own.site, p.own.scope)
	}, http.StatusUnauthorized, "unknown_issuer"},
}

// TestNeitherTeamOpensTheOthersBot, whatever its provider and its key say.
func TestNeitherTeamOpensTheOthersBot(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	reasons := make(map[string]int)
	for team, p := range map[string]pair{"arms": {s.arms, s.locks}, "locks": {s.locks, s.arms}} {
		for name, c := range trials {
			t.Run(name+"/"+team, func(t *testing.T) {
				token, elsewhere := c.token(t, p), p.other.bot.Hits()
				p.own.is(t, c.status, token)
				if p.other.bot.Hits() != elsewhere {
					t.Error("the other bot was reached")
				}
			})
			if reasons[c.reason]++; c.reason == "" {
				if issuer := p.own.bot.Last().Header.Get("X-Bot-Issuer"); issuer != p.own.issuer {
					t.Errorf("the bot of %s is told another issuer", team)
				}
			}
		}
	}
	delete(reasons, "")
	_, metrics := s.latch.Ask(t, http.MethodGet, "/metrics", "")
	for reason, n := range reasons {
		if want := fmt.Sprintf("botlatch_requests_total{outcome=\"deny\",reason=%q} %d\n", reason, n); !strings.Contains(metrics, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
}

// TestARevocationTakesOutOneTeam alone, although both have a client and a key of the same name.
func TestARevocationTakesOutOneTeam(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for team, p := range map[string]pair{"arms": {s.arms, s.locks}, "locks": {s.locks, s.arms}} {
		for name, what := range map[string][]string{"client": {"--sub", "app"}, "issuer": nil} {
			t.Run(team+"/"+name, func(t *testing.T) {
				entry := append([]string{"--issuer", p.own.issuer}, what...)
				own, other := p.own.own(t), p.other.own(t)
				s.botlatch(t, append([]string{"revoke"}, entry...)...)
				p.own.is(t, http.StatusUnauthorized, own)
				p.own.is(t, http.StatusUnauthorized, p.own.own(t))
				p.other.is(t, http.StatusOK, other)
				s.botlatch(t, append([]string{"revocations", "remove"}, entry...)...)
				p.own.is(t, http.StatusOK, own)
			})
		}
	}
	// Last: nothing but another key mends it.
	own, other := s.arms.own(t), s.locks.own(t)
	s.botlatch(t, "revoke", "--issuer", s.arms.issuer, "--kid", "2026")
	s.arms.is(t, http.StatusUnauthorized, own)
	s.locks.is(t, http.StatusOK, other)
}
