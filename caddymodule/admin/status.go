package admin

import (
	"net/http"
)

// status is GET /botlatch/status: issuers, stores and counts.
func status(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet {
		return methodNotAllowed(w, r, http.MethodGet)
	}
	a, err := running()
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, a.Status())
}

// ready is GET /botlatch/ready: 200 when keys and list are known, else 503. For health checks.
func ready(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet {
		return methodNotAllowed(w, r, http.MethodGet)
	}
	a, err := running()
	if err != nil {
		return err
	}
	code := http.StatusOK
	isReady := a.Status().Ready
	if !isReady {
		code = http.StatusServiceUnavailable
	}
	return writeJSON(w, code, map[string]bool{"ready": isReady})
}
