package admin

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/app"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// How many entries a page has.
const (
	defaultLimit = 100
	maxLimit     = 1000
)

// listing asks for a page of the list. Its fields are the body of a search and, without value, the query of a list.
type listing struct {
	app.Filter

	After string `json:"after,omitempty"`
	Limit int    `json:"limit,omitempty"` // 1 to 1000; default: 100
}

// page is the answer to a list. With a filter it may be short, or empty, and have a page behind it all the same: each
// looks at so many entries and no more.
type page struct {
	Revocations []revocation.Entry `json:"revocations"`
	Next        string             `json:"next,omitempty"` // give it as after for the page behind
}

// list is GET /botlatch/revocations: ?kind=, ?iss= and ?since= filter; ?after= and ?limit= page.
func list(w http.ResponseWriter, r *http.Request, a *app.App) error {
	query, err := readQuery(r.URL.RawQuery)
	if err != nil {
		return caddy.APIError{HTTPStatus: http.StatusBadRequest, Err: err}
	}
	return query.answer(w, r, a)
}

// search is POST /botlatch/revocations/search: the list with a filter that may name a value. It changes nothing and is a
// POST because names of people and tokens have no business in a URL, which Caddy logs.
func search(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		return methodNotAllowed(w, r, http.MethodPost)
	}
	a, err := running()
	if err != nil {
		return err
	}
	query := listing{Limit: defaultLimit}
	if err := readJSON(w, r, maxBody, &query); err != nil {
		return err
	}
	if query.Limit < 1 || query.Limit > maxLimit {
		return caddy.APIError{HTTPStatus: http.StatusBadRequest, Err: errLimit}
	}
	return query.answer(w, r, a)
}

func (q listing) answer(w http.ResponseWriter, r *http.Request, a *app.App) error {
	entries, next, err := a.Page(r.Context(), q.Filter, q.After, q.Limit)
	if err != nil {
		return apiError(err)
	}
	if entries == nil {
		entries = []revocation.Entry{}
	}
	return writeJSON(w, http.StatusOK, page{entries, next})
}

var errLimit = fmt.Errorf("limit is a number from 1 to %d", maxLimit)

// readQuery reads each member once and no other: with a misspelt filter the list would look as if it held more.
func readQuery(raw string) (q listing, err error) {
	q.Limit = defaultLimit
	members, err := url.ParseQuery(raw)
	if err != nil {
		return q, errors.New("the query cannot be read")
	}
	for name, values := range members {
		if len(values) > 1 {
			return q, fmt.Errorf("%.20q stands twice in the query", name)
		}
		if err := q.set(name, values[0]); err != nil {
			return q, err
		}
	}
	return q, nil
}

// set sets one member. An empty one says nothing, but for iss, where it names a site's own secret.
func (q *listing) set(name, value string) (err error) {
	switch name {
	case "iss":
		q.Issuer = &value
		return nil
	case "kind", "since", "after", "limit":
	case "value":
		return errors.New("a value is not taken in a URL, which is logged: POST it to /botlatch/revocations/search")
	default:
		return fmt.Errorf("%.20q is not known in the query: kind, iss, since, after and limit are", name)
	}
	if value == "" {
		return nil
	}
	switch name {
	case "kind":
		q.Kind, err = revocation.ParseKind(value)
	case "since":
		if q.Since, err = time.Parse(time.RFC3339, value); err != nil {
			err = errors.New("since is not a time of RFC 3339")
		}
	case "after":
		q.After = value
	case "limit":
		if q.Limit, err = strconv.Atoi(value); err != nil || q.Limit < 1 || q.Limit > maxLimit {
			err = errLimit
		}
	}
	return err
}
