package door

import (
	"net/http"
	"strings"
	"time"

	"github.com/botlatch/botlatch/caddymodule/session"
)

// maxForm bounds what a form sends, bytes: an access token and a little.
const maxForm = 16 << 10

// formTimeout is how long a form may take. Caddy waits for ever, and so would the end of the process.
const formTimeout = 10 * time.Second

// mayPost lets in what the site's own pages send, of a bounded size, from a browser that keeps cookies, and not too often.
// Otherwise it has answered.
func (d *Door) mayPost(v *visit) bool {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
	switch {
	case !fromOwnPage(v):
		d.page(v, http.StatusForbidden, "plain", notice{
			"This did not come from this site's own page",
			"Open this site's own page, and try again from there.",
		})
		return false
	case v.r.URL.Path != Root+"out" && !d.limit.allow(v.Address, v.now): // who shares an address with a guesser can leave
		d.tooMany(v, v.r.URL.Path[len(Root):])
		return false
	case !strings.HasPrefix(v.r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		d.page(v, http.StatusUnsupportedMediaType, "plain", notice{"That was not sent by a form of this site", "Go back, and try again."})
		return false
	}
	connection := http.NewResponseController(v.w)
	_ = connection.SetReadDeadline(v.now.Add(formTimeout)) // where it cannot be set, nobody waits for a form
	if err := v.r.ParseForm(); err != nil {
		d.page(v, http.StatusRequestEntityTooLarge, "plain", notice{"That was too long, or could not be read", "Go back, and try again."})
		return false
	}
	_ = connection.SetReadDeadline(time.Time{}) // or the request would end while a provider is asked
	return true
}

func (d *Door) tooMany(v *visit, door string) {
	d.Desk.Count(door, Limited)
	v.w.Header().Set("Retry-After", "60")
	d.page(v, http.StatusTooManyRequests, "plain", notice{"Too many attempts", "Wait a minute, and try again."})
}

// fromOwnPage: a browser says so by itself, and no page can.
func fromOwnPage(v *visit) bool {
	site, origin := v.r.Header.Values("Sec-Fetch-Site"), v.r.Header.Values("Origin")
	switch {
	case len(site) > 1 || len(origin) > 1:
		return false
	case len(origin) == 1 && origin[0] != v.Origin && origin[0] != "null": // no-referrer makes it null
		return false
	case len(site) == 1:
		return site[0] == "same-origin"
	}
	return len(origin) == 1 && origin[0] == v.Origin // a browser from before Sec-Fetch-Site
}

// The probe tells whether a browser keeps cookies, before something is used up for a session that it would not keep.
const probeName = session.NamePrefix + "-probe"

// probe sets the cookie with a page that has a form.
func (d *Door) probe(v *visit) {
	probeWith(v.w.Header())
}

func probeWith(h http.Header) { addCookie(h, probeName, "1", 3600) }

// keepsCookies reports whether it came back, or has answered.
func (d *Door) keepsCookies(v *visit) bool {
	if _, err := v.r.Cookie(probeName); err == nil {
		return true
	}
	d.page(v, http.StatusBadRequest, "plain", notice{
		"Your browser keeps no cookies for this site",
		"Allow cookies for this site, open the link once more, and try again. Nothing was used up.",
	})
	return false
}

// setCookie sets one of ours, for some seconds; negative: takes it away.
func setCookie(w http.ResponseWriter, name, value string, seconds int) {
	addCookie(w.Header(), name, value, seconds)
}

func addCookie(h http.Header, name, value string, seconds int) {
	c := &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: seconds, Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}
	h.Add("Set-Cookie", c.String())
}

// letIn gives the browser its session, and ends the one that it had. The answer is the way home.
func (d *Door) letIn(v *visit, cookie string, g Grant) {
	d.give(v, cookie, g)
	v.w.Header().Set("Cache-Control", "no-store")
	http.Redirect(v.w, v.r, d.Home, http.StatusSeeOther)
}

// give sets the session's cookie.
func (d *Door) give(v *visit, cookie string, g Grant) {
	if old := d.Desk.Session(v.r, false); old != nil {
		_ = d.Desk.End(v.r.Context(), old) // its cookie is replaced; what is left of it ends by itself
	}
	setCookie(v.w, session.CookieName(v.Origin), cookie, max(1, int(g.ExpiresAt.Sub(v.now).Seconds())))
	setCookie(v.w, probeName, "", -1)
}
