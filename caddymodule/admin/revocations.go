package admin

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/app"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// How many entries a page has.
const (
	defaultLimit = 100
	maxLimit     = 1000
)

// page is the answer to a list.
type page struct {
	Revocations []revocation.Entry `json:"revocations"`
	Next        string             `json:"next,omitempty"` // give it as ?after= for the page behind
}

// revocations is GET (a page: ?after=, ?limit=), POST (revoke) and DELETE (take back) on /botlatch/revocations.
func revocations(w http.ResponseWriter, r *http.Request) error {
	a, err := running()
	if err != nil {
		return err
	}
	switch r.Method {
	case http.MethodGet:
		return list(w, r, a)
	case http.MethodPost:
		return change(w, r, a.Revoke)
	case http.MethodDelete:
		return change(w, r, a.Restore)
	}
	return methodNotAllowed(w, r, "GET, POST, DELETE")
}

func list(w http.ResponseWriter, r *http.Request, a *app.App) error {
	limit := defaultLimit
	if s := r.URL.Query().Get("limit"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > maxLimit {
			return caddy.APIError{HTTPStatus: http.StatusBadRequest, Err: errors.New("limit is a number from 1 to 1000")}
		}
		limit = n
	}
	entries, next, err := a.Page(r.Context(), r.URL.Query().Get("after"), limit)
	if err != nil {
		return apiError(err)
	}
	if entries == nil {
		entries = []revocation.Entry{}
	}
	return writeJSON(w, http.StatusOK, page{entries, next})
}

// change revokes or takes back. The answer is the entry as it was stored, and comes when it is durable.
func change(w http.ResponseWriter, r *http.Request, do func(context.Context, app.Request, string) (revocation.Entry, error)) error {
	if err := mayWrite(r); err != nil {
		return err
	}
	var req app.Request
	if err := readJSON(w, r, maxBody, &req); err != nil {
		return err
	}
	entry, err := do(r.Context(), req, "admin API")
	if err != nil {
		return apiError(err)
	}
	return writeJSON(w, http.StatusOK, entry)
}

// apiError gives an error the status that says whose it is.
func apiError(err error) error {
	status := http.StatusServiceUnavailable
	switch {
	case errors.Is(err, app.ErrEntry), errors.Is(err, revocation.ErrCursor), errors.Is(err, app.ErrQuestion):
		status = http.StatusBadRequest
	case errors.Is(err, app.ErrNoWriter):
		status = http.StatusConflict
	}
	return caddy.APIError{HTTPStatus: status, Err: err}
}
