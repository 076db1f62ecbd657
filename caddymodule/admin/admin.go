// Package admin is the admin API under /botlatch/. One file, one resource. It only translates HTTP: everything it can
// do is a method of app.
package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/app"
)

func init() { caddy.RegisterModule(API{}) }

// API is the module admin.api.botlatch. It has no configuration and keeps nothing: Caddy makes it before the apps and
// never cleans it up.
type API struct{}

// CaddyModule returns the Caddy module information.
func (API) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "admin.api.botlatch", New: func() caddy.Module { return new(API) }}
}

// Routes returns the routes.
func (API) Routes() []caddy.AdminRoute {
	return []caddy.AdminRoute{
		{Pattern: "/botlatch/status", Handler: caddy.AdminHandlerFunc(status)},
		{Pattern: "/botlatch/ready", Handler: caddy.AdminHandlerFunc(ready)},
		{Pattern: "/botlatch/revocations", Handler: caddy.AdminHandlerFunc(revocations)},
		{Pattern: "/botlatch/revocations/search", Handler: caddy.AdminHandlerFunc(search)},
		{Pattern: "/botlatch/revocations/import", Handler: caddy.AdminHandlerFunc(importRevocations)},
		{Pattern: "/botlatch/hold", Handler: caddy.AdminHandlerFunc(hold)},
		{Pattern: "/botlatch/streams", Handler: caddy.AdminHandlerFunc(streams)},
		{Pattern: "/botlatch/invitations", Handler: caddy.AdminHandlerFunc(invitations)},
		{Pattern: "/botlatch/sessions", Handler: caddy.AdminHandlerFunc(sessions)},
		{Pattern: "/botlatch/session_keys", Handler: caddy.AdminHandlerFunc(sessionKeys)},
		{Pattern: "/botlatch/inspect", Handler: caddy.AdminHandlerFunc(inspect)},
	}
}

// maxBody bounds a request body, bytes: a token and a reason.
const maxBody = 16 << 10

var errNoLatch = errors.New("no latch is running in this configuration")

// running is the app that serves now, or 404.
func running() (*app.App, error) {
	if a := app.Running(); a != nil {
		return a, nil
	}
	return nil, caddy.APIError{HTTPStatus: http.StatusNotFound, Err: errNoLatch}
}

// mayWrite lets writes in through a unix socket, whose file mode says who may. Over TCP they need an Origin field, which
// Caddy has then compared with the origins it allows: that keeps a web page in somebody's browser out, and no more.
func mayWrite(r *http.Request) error {
	if onSocket(r) {
		return nil
	}
	if r.Header.Get("Origin") != "" {
		return nil
	}
	return caddy.APIError{
		HTTPStatus: http.StatusForbidden,
		Err:        errors.New("writes need a unix socket (admin unix//run/botlatch/admin.sock|0600), or an allowed Origin"),
	}
}

func onSocket(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return ok && local.Network() == "unix"
}

// askedBy says for the audit where a write came from. Who was behind the socket is not known: Caddy's admin server keeps
// the connection to itself.
func askedBy(r *http.Request) string {
	if onSocket(r) {
		return "admin API, unix socket"
	}
	return fmt.Sprintf("admin API, %s, origin %s", r.RemoteAddr, r.Header.Get("Origin"))
}

func methodNotAllowed(w http.ResponseWriter, r *http.Request, allow string) error {
	w.Header().Set("Allow", allow)
	return caddy.APIError{HTTPStatus: http.StatusMethodNotAllowed, Err: fmt.Errorf("method %s not allowed", r.Method)}
}

func writeJSON(w http.ResponseWriter, status int, v any) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(v)
}

// readJSON reads a body of one JSON value, of at most limit bytes, without members that nobody asked for.
func readJSON(w http.ResponseWriter, r *http.Request, limit int64, v any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, limit))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		err = atEnd(d)
	}
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return caddy.APIError{HTTPStatus: http.StatusRequestEntityTooLarge, Err: err}
	}
	if err != nil {
		return caddy.APIError{HTTPStatus: http.StatusBadRequest, Err: fmt.Errorf("reading the body: %w", err)}
	}
	return nil
}

// atEnd is an error when d holds anything more. More would not see a bracket, nor a body that is too large.
func atEnd(d *json.Decoder) error {
	_, err := d.Token()
	switch {
	case err == nil:
		return errors.New("more than one JSON value")
	case errors.Is(err, io.EOF):
		return nil
	}
	return err
}

// Interface guards
var _ caddy.AdminRouter = API{}
