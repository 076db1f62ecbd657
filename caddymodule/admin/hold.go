package admin

import (
	"context"
	"net/http"
)

// hold is GET (is everything on hold?), POST (hold) and DELETE (resume) on /botlatch/hold.
func hold(w http.ResponseWriter, r *http.Request) error {
	a, err := running()
	if err != nil {
		return err
	}
	switch r.Method {
	case http.MethodGet:
		return writeJSON(w, http.StatusOK, a.Holding())
	case http.MethodPost:
		return press(w, r, a.Hold)
	case http.MethodDelete:
		return press(w, r, a.Resume)
	}
	return methodNotAllowed(w, r, "GET, POST, DELETE")
}

// press holds or resumes. A body may give the reason.
func press[T any](w http.ResponseWriter, r *http.Request, do func(ctx context.Context, reason, by string) (T, error)) error {
	if err := mayWrite(r); err != nil {
		return err
	}
	var body struct {
		Reason string `json:"reason"`
	}
	if r.ContentLength != 0 {
		if err := readJSON(w, r, maxBody, &body); err != nil {
			return err
		}
	}
	answer, err := do(r.Context(), body.Reason, askedBy(r))
	if err != nil {
		return apiError(err)
	}
	return writeJSON(w, http.StatusOK, answer)
}
