package oidc

import (
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Finish ends the sign-in that a callback, a GET of CallbackPath on the site of origin, answers. Whatever it returns, the answer
// sets the cookie of Spent. The errors are those of this package.
func (p *Provider) Finish(r *http.Request, origin string, now time.Time) (*Person, error) {
	f, err := find(r, origin, p.key, now)
	if err != nil {
		return nil, err
	}
	if f.Issuer != p.config.Issuer {
		return nil, ErrMixUp
	}
	m, err := p.discovery.get(r.Context(), now)
	if err != nil {
		return nil, err
	}
	code, err := readAnswer(r.URL.RawQuery, p.config.Issuer, m.saysIssuer)
	if err != nil {
		return nil, err
	}
	tokens, err := p.exchange(r.Context(), m, f, code)
	if err != nil {
		return nil, err
	}
	id, err := p.verify(r.Context(), m, f, tokens, now)
	if err != nil {
		return nil, err
	}
	who, err := p.person(r.Context(), id, tokens)
	if err != nil {
		return nil, err
	}
	who.Replaces = f.Replaces
	return who, nil
}

// readAnswer is the code of a callback, or what its error means. Both count only from the provider that was asked.
func readAnswer(rawQuery, issuer string, saysIssuer bool) (code string, err error) {
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return "", ErrMixUp
	}
	for _, name := range [...]string{"iss", "error", "code"} { // RFC 6749 §3.1: none stands twice
		if len(query[name]) > 1 {
			return "", fmt.Errorf("%w: %s stands twice", ErrMixUp, name)
		}
	}
	switch { // RFC 9207 §2.4
	case query.Has("iss") && query.Get("iss") != issuer:
		return "", fmt.Errorf("%w: iss is another's", ErrMixUp)
	case !query.Has("iss") && saysIssuer:
		return "", fmt.Errorf("%w: iss is missing", ErrMixUp)
	case query.Has("error"):
		return "", refused(query.Get("error"))
	case query.Get("code") == "":
		return "", fmt.Errorf("%w: neither a code nor an error came back", ErrProvider)
	}
	return query.Get("code"), nil
}
