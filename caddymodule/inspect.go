package caddymodule

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/app"
	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/policy"
)

// Inspect implements app.Site: the steps of decide, each asked for itself, so that whoever holds a token that is refused
// learns all that is wrong with it. A step that needs the token is left out when the token was not verified.
func (h *Handler) Inspect(ctx context.Context, q app.Question, now time.Time) (app.Inspection, error) {
	i := app.Inspection{
		Hosts: h.site.hosts, Listen: h.site.listen, Realm: h.realm.Name, ReportOnly: h.InsecureReportOnly,
		Rules: []app.Check{},
	}
	for _, issuer := range h.accepted {
		i.Issuers = append(i.Issuers, issuer.Name)
	}
	token, err := h.verifier.Verify(ctx, q.Token)
	i.Checks = append(i.Checks, row("verify", err))
	if err == nil {
		i.Checks = append(i.Checks,
			row("validate", h.validation.Validate(token, now)),
			row("revocation", h.app.CheckRevoked(ctx, token, now)))
	}
	i.Accepted = passed(i.Checks, true)
	if q.Path == "" {
		for _, rule := range h.Rules {
			if token != nil && !rule.Public {
				i.Rules = append(i.Rules, permission(rule, token, now))
			}
		}
		i.Accepted = i.Accepted && passed(i.Rules, false)
		return i, nil
	}
	rule, err := h.ruleFor(ctx, q)
	switch {
	case errors.Is(err, errNoRequest):
		return i, err
	case err != nil:
		i.Rules = append(i.Rules, row("rule", err))
		i.Accepted = false
	case rule.Public:
		i.Rules = append(i.Rules, row(rule.String(), nil)) // whatever the token
		i.Accepted = true
	case token != nil:
		i.Rules = append(i.Rules, permission(rule, token, now))
		i.Accepted = i.Accepted && passed(i.Rules, true)
	}
	return i, nil
}

// errNoRequest is the answer to a method and a path that no request could have.
var errNoRequest = errors.New("method and path make no request")

// ruleFor is the rule that decides the request which is asked about.
func (h *Handler) ruleFor(ctx context.Context, q app.Question) (*policy.Rule, error) {
	method := q.Method
	if method == policy.WebSocket {
		method = http.MethodGet
	}
	r, err := http.NewRequestWithContext(ctx, method, "/", http.NoBody)
	if err != nil {
		return nil, errNoRequest
	}
	// As the server reads a request line: url.Parse would take a host out of //host/path.
	if r.URL, err = url.ParseRequestURI(q.Path); err != nil {
		return nil, errNoRequest
	}
	if q.Method == policy.WebSocket {
		r.Header.Set("Connection", "Upgrade")
		r.Header.Set("Upgrade", "websocket")
	}
	target, err := h.reading.ParseTarget(r)
	if err != nil {
		return nil, err
	}
	return h.policy.Match(target)
}

// permission is what a rule says to a token. It uses nothing up.
func permission(rule *policy.Rule, token *accesstoken.Token, now time.Time) app.Check {
	check := row(rule.String(), rule.Permit(token, now))
	check.Scope, check.Once = rule.Scopes(), rule.Once
	return check
}

// row is one answer, as the log would have it.
func row(name string, err error) app.Check {
	check := app.Check{Name: name, Passed: err == nil}
	if err != nil {
		check.Reason = deny.ReasonOf(err).String()
		if why := errors.Unwrap(err); why != nil {
			check.Detail = why.Error()
		}
	}
	return check
}

// passed reports whether all of the rows, or any of them, passed.
func passed(rows []app.Check, all bool) bool {
	for _, c := range rows {
		if c.Passed != all {
			return !all
		}
	}
	return all
}
