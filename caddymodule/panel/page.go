package panel

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

var (
	style = func() string {
		b, err := files.ReadFile("pages/style.css")
		if err != nil {
			panic(err)
		}
		return string(b)
	}()
	page = template.Must(template.New("panel.html").Funcs(template.FuncMap{
		"style": func() template.CSS { return template.CSS(style) }, //nolint:gosec // our own
		"time":  func(t time.Time) string { return t.UTC().Format("2 Jan, 15:04 UTC") },
		"chart": drawChart,
	}).ParseFS(files, "pages/panel.html"))
	policy = func() string {
		sum := sha256.Sum256([]byte(style))
		return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
			"'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
	}()
)

// show answers with the page, below a notice.
func (p *Panel) show(w http.ResponseWriter, r *http.Request, status int, notice string) {
	var b bytes.Buffer
	err := page.Execute(&b, struct {
		Status
		Notice string
	}{p.Desk.Look(r.Context()), notice})
	if err != nil {
		panic(err) // the template does not fit its data
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b.Bytes())
	}
}
