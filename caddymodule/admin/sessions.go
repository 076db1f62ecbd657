package admin

import (
	"net/http"

	"github.com/botlatch/botlatch/caddymodule/app"
)

// sessions is GET (list) and DELETE (sign one out) on /botlatch/sessions.
func sessions(w http.ResponseWriter, r *http.Request) error {
	a, err := running()
	if err != nil {
		return err
	}
	switch r.Method {
	case http.MethodGet:
		all, err := a.Sessions(r.Context())
		if err != nil {
			return signInError(err)
		}
		return writeJSON(w, http.StatusOK, map[string][]app.SignedIn{"sessions": all})
	case http.MethodDelete:
		return endSession(w, r, a)
	}
	return methodNotAllowed(w, r, "GET, DELETE")
}

func endSession(w http.ResponseWriter, r *http.Request, a *app.App) error {
	if err := mayWrite(r); err != nil {
		return err
	}
	var req struct {
		ID     string `json:"sid"`
		Reason string `json:"reason"`
	}
	if err := readJSON(w, r, maxBody, &req); err != nil {
		return err
	}
	answer, err := a.EndSession(r.Context(), req.ID, req.Reason, askedBy(r))
	if err != nil {
		return signInError(err)
	}
	return writeJSON(w, http.StatusOK, answer)
}

// sessionKeys is POST on /botlatch/session_keys: new keys sign from now on. now also drops the old ones.
func sessionKeys(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		return methodNotAllowed(w, r, http.MethodPost)
	}
	a, err := running()
	if err != nil {
		return err
	}
	if err := mayWrite(r); err != nil {
		return err
	}
	var req struct {
		Now bool `json:"now"`
	}
	if r.ContentLength != 0 {
		if err := readJSON(w, r, maxBody, &req); err != nil {
			return err
		}
	}
	if err := a.RotateSessionKeys(r.Context(), req.Now, askedBy(r)); err != nil {
		return signInError(err)
	}
	return writeJSON(w, http.StatusOK, map[string]bool{"rotated": true, "signed_out": req.Now})
}
