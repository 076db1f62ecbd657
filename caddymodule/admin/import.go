package admin

import (
	"net/http"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// maxImportBody bounds the body of an import, bytes: more than app.MaxImport entries of the usual length.
const maxImportBody = 1 << 20

// imported is the answer to an import.
type imported struct {
	Imported int `json:"imported"`
}

// importRevocations is POST /botlatch/revocations/import: entries as the list shows them, in a body of the form
// {"revocations": [...], "reason": "..."}. All or none are taken, and the answer comes when they are durable.
func importRevocations(w http.ResponseWriter, r *http.Request) error {
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
	var body struct {
		Revocations []revocation.Entry `json:"revocations"`
		Reason      string             `json:"reason"` // for the audit: why they are imported
	}
	if err := readJSON(w, r, maxImportBody, &body); err != nil {
		return err
	}
	if err := a.Import(r.Context(), body.Revocations, body.Reason, askedBy(r)); err != nil {
		return apiError(err)
	}
	return writeJSON(w, http.StatusOK, imported{len(body.Revocations)})
}
