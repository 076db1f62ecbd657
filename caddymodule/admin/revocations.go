package admin

import (
	"context"
	"errors"
	"net/http"

	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/app"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// revocations is GET (list), POST (revoke) and DELETE (take back) on /botlatch/revocations.
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

// change revokes or takes back. The answer is the entry, and comes when the change is durable.
func change[T any](w http.ResponseWriter, r *http.Request, do func(context.Context, app.Request, string) (T, error)) error {
	if err := mayWrite(r); err != nil {
		return err
	}
	var req app.Request
	if err := readJSON(w, r, maxBody, &req); err != nil {
		return err
	}
	answer, err := do(r.Context(), req, askedBy(r))
	if err != nil {
		return apiError(err)
	}
	return writeJSON(w, http.StatusOK, answer)
}

// apiError gives an error the status that says whose it is.
func apiError(err error) error {
	status := http.StatusServiceUnavailable
	switch {
	case errors.Is(err, app.ErrEntry), errors.Is(err, revocation.ErrCursor), errors.Is(err, app.ErrQuestion):
		status = http.StatusBadRequest
	case errors.Is(err, app.ErrNoWriter):
		status = http.StatusConflict
	case errors.Is(err, app.ErrFull):
		status = http.StatusInsufficientStorage
	}
	return caddy.APIError{HTTPStatus: status, Err: err}
}
