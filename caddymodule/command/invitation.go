package command

import (
	"fmt"
	"strings"
	"time"
)

// invitation is one of the answer to GET /botlatch/invitations.
type invitation struct {
	ID      string    `json:"id"`
	Site    string    `json:"site"`
	Name    string    `json:"name"`
	Scope   []string  `json:"scope"`
	For     int64     `json:"for_seconds"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
	Taken   *taken    `json:"taken,omitempty"`
}

// taken says who has taken an invitation.
type taken struct {
	At      time.Time `json:"at"`
	Address string    `json:"address,omitempty"`
	Browser string    `json:"browser,omitempty"`
	Session string    `json:"sid"`
}

// invited is the answer to POST /botlatch/invitations. Nobody gets to see its link again.
type invited struct {
	invitation

	Link string `json:"link"`
}

// state is what has become of it.
func (v invitation) state(now time.Time) string {
	switch left := v.Expires.Sub(now).Round(time.Second); {
	case v.Taken != nil:
		return v.Taken.String()
	case left <= 0:
		return "over: nobody took it"
	default:
		return "open, " + left.String() + " left"
	}
}

// String is who has taken it, in words.
func (t taken) String() string {
	s := "taken at " + t.At.Format(time.RFC3339)
	if t.Address != "" {
		s += " from " + visible(t.Address)
	}
	if t.Browser != "" {
		s += " by " + browser(t.Browser)
	}
	return s
}

// stay is how long the browser stays signed in.
func (v invitation) stay() string {
	const day = 24 * 60 * 60
	if v.For%day == 0 {
		return fmt.Sprintf("%dd", v.For/day)
	}
	return (time.Duration(v.For) * time.Second).String()
}

// scopes are those of an invitation or of a session.
func scopes(all []string) string { return visible(strings.Join(all, " ")) }
