package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrQuestion wraps what is wrong with a question; the caller can mend it.
var ErrQuestion = errors.New("question not understood")

// Question asks what the sites would say to a token. Its fields are the body of the admin API.
type Question struct {
	// The access token. Required.
	Token string `json:"token"`

	// The request that it would come with. Without a path every rule is asked.
	Method string `json:"method,omitempty"` // as rules name it: GET, or WS for a WebSocket handshake
	Path   string `json:"path,omitempty"`   // as it would be sent, escaped
}

// Inspection is what one site would say to a token. It holds no claim value.
type Inspection struct {
	Hosts      []string `json:"hosts,omitempty"` // for which the site answers; none: any
	Listen     []string `json:"listen"`
	Realm      string   `json:"realm"`
	Issuers    []string `json:"issuers"` // whose tokens it takes; empty name: the site's own
	ReportOnly bool     `json:"insecure_report_only,omitempty"`

	Checks   []Check `json:"checks"`   // in the order in which a request meets them
	Rules    []Check `json:"rules"`    // what each rule says to the token, or the one that decides the path
	Accepted bool    `json:"accepted"` // it passes the checks and what was asked of the rules
}

// Check is one row of an inspection.
type Check struct {
	Name   string   `json:"name"`
	Passed bool     `json:"passed"`
	Reason string   `json:"reason,omitempty"` // label of the denial, as in logs and metrics
	Detail string   `json:"detail,omitempty"` // what stands in the log beside it
	Scope  []string `json:"scope,omitempty"`  // what the rule asks for
	Once   bool     `json:"once,omitempty"`   // the rule takes each token once; whether this one was used, nobody is asked
}

// Inspect asks every site in turn. Nothing is decided, counted or logged.
func (a *App) Inspect(ctx context.Context, q Question) ([]Inspection, error) {
	switch {
	case q.Token == "":
		return nil, fmt.Errorf("%w: token is missing", ErrQuestion)
	case (q.Method == "") != (q.Path == ""):
		return nil, fmt.Errorf("%w: method and path go together", ErrQuestion)
	case q.Path != "" && !strings.HasPrefix(q.Path, "/"):
		return nil, fmt.Errorf("%w: path does not begin with a slash", ErrQuestion)
	}
	now := time.Now()
	all := make([]Inspection, 0, len(a.sites))
	for _, s := range a.sites {
		i, err := s.Inspect(ctx, q, now)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrQuestion, err)
		}
		all = append(all, i)
	}
	return all, nil
}
