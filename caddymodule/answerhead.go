package caddymodule

import (
	"io"
	"net/http"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// headWriter lets somebody finish the header of an answer when all of it is known, right before it is written.
// Informational answers (1xx) pass as they are, but for 101, which is the last one.
type headWriter struct {
	*caddyhttp.ResponseWriterWrapper
	finish   func(status int, header http.Header)
	finished bool
}

// finishHead is w with a header that finish has the last word on. Such writers stand around each other as one likes.
func finishHead(w http.ResponseWriter, finish func(status int, header http.Header)) http.ResponseWriter {
	return &headWriter{ResponseWriterWrapper: &caddyhttp.ResponseWriterWrapper{ResponseWriter: w}, finish: finish}
}

// WriteHeader implements http.ResponseWriter.
func (h *headWriter) WriteHeader(status int) {
	if final := status >= 200 || status == http.StatusSwitchingProtocols; final && !h.finished {
		h.finished = true
		h.finish(status, h.Header())
	}
	h.ResponseWriterWrapper.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (h *headWriter) Write(b []byte) (int, error) {
	h.begin()
	return h.ResponseWriterWrapper.Write(b)
}

// ReadFrom implements io.ReaderFrom.
func (h *headWriter) ReadFrom(r io.Reader) (int64, error) {
	h.begin()
	return h.ResponseWriterWrapper.ReadFrom(r)
}

// FlushError is what http.ResponseController calls.
func (h *headWriter) FlushError() error {
	h.begin()
	return http.NewResponseController(h.Unwrap()).Flush()
}

// begin says the status that is meant by whoever says none.
func (h *headWriter) begin() {
	if !h.finished {
		h.WriteHeader(http.StatusOK)
	}
}

// Interface guards
var (
	_ http.ResponseWriter = (*headWriter)(nil)
	_ io.ReaderFrom       = (*headWriter)(nil)
)
