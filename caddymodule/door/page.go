package door

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"strconv"
	"time"
)

//go:embed pages
var files embed.FS

// notice is what a page says: what is the case, and what to do.
type notice struct{ Title, Text string }

// Style and script stand in each page, named by their hash, so that a page needs nothing else, not even to be signed in.
var (
	style  = read("pages/style.css")
	script = read("pages/invitation.js")
	pages  = template.Must(template.New("").Funcs(template.FuncMap{
		"style":  func() template.CSS { return template.CSS(style) }, //nolint:gosec // our own
		"script": func() template.JS { return template.JS(script) },  //nolint:gosec // our own
		"day":    func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") },
	}).ParseFS(files, "pages/*.html"))
	policy = "default-src 'none'; style-src " + hash(style) + "; script-src " + hash(script) +
		"; base-uri 'none'; frame-ancestors 'none'; form-action 'self'" // and providers
)

func read(name string) string {
	b, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// hash is a source expression (Content Security Policy Level 3 §2.3.1).
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// view is what a page is made of.
type view struct {
	*Door

	Data any
}

// page answers v.
func (d *Door) page(v *visit, status int, name string, data any) {
	body := d.render(name, data)
	h := v.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	d.protect(h)
	v.w.WriteHeader(status)
	if v.r.Method != http.MethodHead {
		_, _ = v.w.Write(body)
	}
}

// protect sets what keeps a page of ours to itself.
func (d *Door) protect(h http.Header) {
	h.Set("Content-Security-Policy", policy+d.formTargets())
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
}

func (d *Door) render(name string, data any) []byte {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name+".html", view{d, data}); err != nil {
		panic(err) // a template of ours does not fit its data
	}
	return b.Bytes()
}
