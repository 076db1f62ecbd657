// Package cors answers for a bot to pages that live on another origin and send their tokens in the Authorization field:
// the CORS protocol of the Fetch Standard. What the bot itself says of CORS is replaced, never merged: many bots let every
// page read everything.
//
// Nothing here is a check of who may act. A page of another origin is one more client that needs a token; CORS only lets it
// send the token and read the answer. Credentials that a browser adds by itself (cookies) are never allowed.
package cors

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Policy is the origins whose pages may use a site. Safe for concurrent use.
type Policy struct{ origins map[string]bool }

// New takes origins as browsers write them (RFC 6454 §6.1): scheme://host, with :port only where it is not the scheme's own,
// in lower case, without a path. An error says what is wrong with one. A star and null are none: they stand for any page.
func New(origins []string) (*Policy, error) {
	p := &Policy{origins: make(map[string]bool, len(origins))}
	for _, origin := range origins {
		if err := check(origin); err != nil {
			return nil, fmt.Errorf("cors %s: %w", origin, err)
		}
		p.origins[origin] = true
	}
	return p, nil
}

func check(origin string) error {
	if strings.Contains(origin, "*") || origin == "null" {
		return errors.New("it stands for pages that nobody knows; name the origins, such as https://app.example.com")
	}
	u, err := url.Parse(origin)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return errors.New("it is no origin, such as https://app.example.com")
	}
	host := u.Host
	if ports := map[string]string{"http": "80", "https": "443"}; u.Port() != "" && u.Port() == ports[u.Scheme] {
		host = u.Hostname()
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
	}
	if want := strings.ToLower(u.Scheme + "://" + host); origin != want {
		return fmt.Errorf("browsers write this origin %s", want)
	}
	for _, c := range origin {
		if c <= ' ' || c > '~' {
			return errors.New("browsers write a host in ASCII (xn--…)")
		}
	}
	return nil
}

// Origin is the origin of r's page when it is one of the policy; else empty.
func (p *Policy) Origin(r *http.Request) string {
	if fields := r.Header["Origin"]; len(fields) == 1 && p.origins[fields[0]] {
		return fields[0]
	}
	return ""
}
