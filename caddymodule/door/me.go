package door

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// person is who is signed in, for the bot's own page.
type person struct {
	Subject string    `json:"sub"`
	Name    string    `json:"name,omitempty"`
	Picture string    `json:"picture,omitempty"`
	Scope   string    `json:"scope"`
	Expires time.Time `json:"expires"`
}

// me says who is signed in, to the site's own pages.
func (d *Door) me(v *visit) {
	h := v.w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	s := d.Desk.Session(v.r, true)
	if s == nil {
		h.Set("Content-Type", "application/problem+json")
		v.w.WriteHeader(http.StatusUnauthorized)
		_, _ = v.w.Write([]byte(`{"type":"about:blank","title":"Unauthorized","status":401,"detail":"Nobody is signed in here"}`))
		return
	}
	h.Set("Content-Type", "application/json")
	_ = json.NewEncoder(v.w).Encode(person{s.Subject, s.Name, s.Picture, strings.Join(s.Scope, " "), s.ExpiresAt.UTC()})
}
