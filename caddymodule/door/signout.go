package door

import (
	"net/http"

	"github.com/botlatch/botlatch/caddymodule/session"
)

// signOut ends the session that the browser has. There is no automatic way back.
func (d *Door) signOut(v *visit) {
	if s := d.Desk.Session(v.r, false); s != nil {
		if err := d.Desk.End(v.r.Context(), s); err != nil {
			v.w.Header().Set("Retry-After", "5")
			d.page(v, http.StatusServiceUnavailable, "plain", notice{"Signing out did not work",
				"You may still be signed in. Go back, and try again. If it stays so, tell the owner."})
			return
		}
	}
	setCookie(v.w, session.CookieName(v.Origin), "", -1)
	v.w.Header().Set("Clear-Site-Data", `"cache"`) // pages that only who is signed in may see
	d.offerDoors(v, http.StatusOK, notice{"You are signed out", "Whatever was open on this site has ended."})
}
