package botapi

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"net/http"
	"time"
)

//go:embed page/*.html page/*.css page/*.js
var pageFiles embed.FS

// pagePolicy lets the page be no more than it is: its own script and style, its own API, and the icon in its head. Nobody
// frames it, or a click meant for another page would open the door.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// servePage serves the web page of the robot: three resources, each of them its files one after another. The files of the
// script share one scope, and a proxy in front needs three rules, however many files there are.
func servePage(mux *http.ServeMux) {
	for pattern, s := range map[string]*sheet{
		"GET /{$}":      newSheet("text/html", "index.html"),
		"GET /page.css": newSheet("text/css", "page.css", "controls.css"),
		"GET /page.js": newSheet("text/javascript", "ask.js", "status.js", "mover.js", "door.js", "colour.js", "rose.js",
			"arm.js", "thermometer.js", "helm.js", "pad.js", "events.js"),
	} {
		mux.Handle(pattern, s)
	}
}

// sheet is one resource of the page.
type sheet struct {
	mediaType string
	etag      string
	text      []byte
}

func newSheet(mediaType string, files ...string) *sheet {
	s := &sheet{mediaType: mediaType + "; charset=utf-8"}
	for _, file := range files {
		text, err := pageFiles.ReadFile("page/" + file)
		if err != nil { // it is in this binary, or a test would have seen that it is not
			panic(err)
		}
		s.text = append(s.text, text...)
	}
	sum := sha256.Sum256(s.text)
	s.etag = `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	return s
}

// ServeHTTP has caches ask each time: the page and the API that it speaks to come from one binary.
func (s *sheet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", s.mediaType)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", s.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.text))
}

// Interface guards
var _ http.Handler = (*sheet)(nil)
