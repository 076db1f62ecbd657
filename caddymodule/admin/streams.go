package admin

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/app"
)

var (
	errStreamID = errors.New("say which stream: ?id=, as the list has it")
	errNoStream = errors.New("no stream of that id is open")
)

// streams is GET (list) and DELETE ?id= (end one) on /botlatch/streams.
func streams(w http.ResponseWriter, r *http.Request) error {
	a, err := running()
	if err != nil {
		return err
	}
	switch r.Method {
	case http.MethodGet:
		return writeJSON(w, http.StatusOK, map[string][]app.OpenStream{"streams": a.OpenStreams()})
	case http.MethodDelete:
		return endStream(w, r, a)
	}
	return methodNotAllowed(w, r, "GET, DELETE")
}

func endStream(w http.ResponseWriter, r *http.Request, a *app.App) error {
	if err := mayWrite(r); err != nil {
		return err
	}
	id, err := strconv.ParseUint(r.URL.Query().Get("id"), 10, 64)
	if err != nil {
		return caddy.APIError{HTTPStatus: http.StatusBadRequest, Err: errStreamID}
	}
	if !a.EndStream(id, askedBy(r)) {
		return caddy.APIError{HTTPStatus: http.StatusNotFound, Err: errNoStream}
	}
	return writeJSON(w, http.StatusOK, map[string]uint64{"ended": id})
}
