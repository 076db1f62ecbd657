package admin

import (
	"net/http"

	"github.com/botlatch/botlatch/caddymodule/app"
)

// inspections is the answer to an inspection.
type inspections struct {
	Sites []app.Inspection `json:"sites"`
}

// inspect is POST /botlatch/inspect: what each site would say to a token, row by row. It changes nothing and is a POST
// because a token has no business in a URL, where logs would keep it.
func inspect(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		return methodNotAllowed(w, r, http.MethodPost)
	}
	a, err := running()
	if err != nil {
		return err
	}
	var q app.Question
	if err := readJSON(w, r, maxBody, &q); err != nil {
		return err
	}
	sites, err := a.Inspect(r.Context(), q)
	if err != nil {
		return apiError(err)
	}
	return writeJSON(w, http.StatusOK, inspections{sites})
}
