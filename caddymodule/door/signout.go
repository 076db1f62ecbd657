package door

import (
	"net/http"

	"github.com/botlatch/botlatch/caddymodule/session"
)

// farewell is what the page says behind a sign-out: where a person is still signed in. Empty: nowhere.
type farewell struct{ Location, Host string }

// signOut ends the session that the browser has. There is no automatic way back.
func (d *Door) signOut(v *visit) {
	name := session.CookieName(v.Origin)
	if s := d.Desk.Session(v.r, false); s != nil {
		if err := d.Desk.End(v.r.Context(), s); err != nil {
			v.w.Header().Set("Retry-After", "5")
			d.page(v, http.StatusServiceUnavailable, "plain", notice{
				"Signing out did not work",
				"You may still be signed in. Go back, and try again. If it stays so, tell the owner.",
			})
			return
		}
	}
	location, host := d.elsewhere(v.r.Context(), session.Find(v.r, name), v.now)
	setCookie(v.w, name, "", -1)
	v.w.Header().Set("Clear-Site-Data", `"cache"`) // pages that only who is signed in may see
	d.page(v, http.StatusOK, "signedout", farewell{location, host})
}
