package caddymodule

import (
	"net/http"

	"github.com/botlatch/botlatch/caddymodule/cors"
)

// provisionCORS reads the origins. A site that enforces nothing leaves what the bot says of CORS as it is.
func (h *Handler) provisionCORS() (err error) {
	if len(h.CORS) == 0 {
		return nil
	}
	policy, err := cors.New(h.CORS)
	if !h.InsecureReportOnly {
		h.cors = policy
	}
	return err
}

// shareWith is w for an answer that a page of another origin may read, if the site names it. The fields stand there from
// the beginning, for the errors that Caddy answers, and have the last word over what the bot says.
func (h *Handler) shareWith(w http.ResponseWriter, r *http.Request) http.ResponseWriter {
	origin := h.cors.Origin(r)
	h.cors.Replace(w.Header(), origin)
	return finishHead(w, func(_ int, header http.Header) { h.cors.Replace(header, origin) })
}
