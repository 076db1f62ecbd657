package admin

import (
	"errors"
	"net/http"

	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/app"
)

// invitations is GET (list), POST (invite) and DELETE (cancel) on /botlatch/invitations.
func invitations(w http.ResponseWriter, r *http.Request) error {
	a, err := running()
	if err != nil {
		return err
	}
	switch r.Method {
	case http.MethodGet:
		all, err := a.Invitations(r.Context())
		if err != nil {
			return signInError(err)
		}
		return writeJSON(w, http.StatusOK, map[string][]app.Invitation{"invitations": all})
	case http.MethodPost:
		return invite(w, r, a)
	case http.MethodDelete:
		return cancelInvitation(w, r, a)
	}
	return methodNotAllowed(w, r, "GET, POST, DELETE")
}

// invite answers with the link, which nobody gets to see again.
func invite(w http.ResponseWriter, r *http.Request, a *app.App) error {
	if err := mayWrite(r); err != nil {
		return err
	}
	var req app.InviteRequest
	if err := readJSON(w, r, maxBody, &req); err != nil {
		return err
	}
	invited, err := a.Invite(r.Context(), req, askedBy(r))
	if err != nil {
		return signInError(err)
	}
	return writeJSON(w, http.StatusCreated, invited)
}

func cancelInvitation(w http.ResponseWriter, r *http.Request, a *app.App) error {
	if err := mayWrite(r); err != nil {
		return err
	}
	var req struct {
		ID string `json:"id"`
	}
	if err := readJSON(w, r, maxBody, &req); err != nil {
		return err
	}
	cancelled, err := a.CancelInvitation(r.Context(), req.ID, askedBy(r))
	if err != nil {
		return signInError(err)
	}
	return writeJSON(w, http.StatusOK, cancelled)
}

// signInError gives an error the status that says whose it is.
func signInError(err error) error {
	var status int
	switch {
	case errors.Is(err, app.ErrInvitation):
		status = http.StatusBadRequest
	case errors.Is(err, app.ErrNoInvitation), errors.Is(err, app.ErrNoSession):
		status = http.StatusNotFound
	case errors.Is(err, app.ErrInvitationUsed), errors.Is(err, app.ErrNoKeeper), errors.Is(err, app.ErrNoSignIn):
		status = http.StatusConflict
	default:
		return apiError(err)
	}
	return caddy.APIError{HTTPStatus: status, Err: err}
}
