package botapi

import (
	"net/http"
)

// routes is the page and the whole API. ServeMux lets HEAD through where GET is named.
func (b *Bot) routes() http.Handler {
	mux := http.NewServeMux()
	servePage(mux)
	mux.Handle("GET /healthz", answer(health))
	mux.Handle("GET /api/door", answer(b.door.show))
	mux.Handle("POST /api/door/lock", answer(b.door.lock))
	mux.Handle("POST /api/door/unlock", answer(b.door.unlock))
	mux.Handle("GET /api/arm", answer(b.arm.show))
	mux.Handle("GET /api/arm/joints/{joint}", answer(b.arm.showJoint))
	mux.Handle("PUT /api/arm/joints/{joint}", answer(b.arm.moveJoint))
	mux.Handle("GET /api/rose", answer(b.rose.show))
	mux.Handle("PUT /api/rose", answer(b.rose.light))
	mux.Handle("GET /api/thermometer", answer(b.thermometer.show))
	mux.HandleFunc("GET /api/events", b.events.serve)
	mux.HandleFunc("GET /api/drive", b.drive.serve)
	mux.Handle("POST /api/drive/stop", answer(b.drive.stop))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if unmatched, pattern := mux.Handler(r); pattern == "" {
			refuse(w, r, unmatched)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func health(*http.Request) (any, error) {
	return map[string]string{"status": "ok"}, nil
}

// refuse says what the mux says to a request no pattern fits, 404 or 405, as a problem instead of plain text.
func refuse(w http.ResponseWriter, r *http.Request, unmatched http.Handler) {
	said := &verdict{header: make(http.Header)}
	unmatched.ServeHTTP(said, r)
	switch said.status {
	case http.StatusNotFound:
		newProblem(said.status, "nothing is here").write(w)
	case http.StatusMethodNotAllowed:
		allow := said.header.Get("Allow")
		w.Header().Set("Allow", allow)
		newProblem(said.status, "only "+allow+" here").write(w)
	default: // the way to the clean form of an unclean path
		unmatched.ServeHTTP(w, r)
	}
}

// verdict keeps status and header of a response and drops its body.
type verdict struct {
	header http.Header
	status int
}

func (v *verdict) Header() http.Header { return v.header }

func (v *verdict) WriteHeader(status int) { v.status = status }

func (v *verdict) Write(p []byte) (int, error) { return len(p), nil }

// Interface guards
var _ http.ResponseWriter = (*verdict)(nil)
