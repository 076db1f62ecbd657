package door

import (
	"errors"
	"net/http"
)

// What can be wrong with an invitation.
var (
	ErrNoInvitation   = errors.New("no such invitation")
	ErrInvitationUsed = errors.New("the invitation was used")
	ErrInvitationOver = errors.New("the invitation is over")
)

// invitation is the page that a link leads to. The secret stands behind the # and does not come along.
func (d *Door) invitation(v *visit) {
	if !d.Invites {
		d.noSuchDoor(v)
		return
	}
	d.probe(v)
	d.page(v, http.StatusOK, "invitation", nil)
}

// takeInvitation lets in who brings its secret.
func (d *Door) takeInvitation(v *visit) {
	if !d.Invites {
		d.noSuchDoor(v)
		return
	}
	if !d.keepsCookies(v) {
		return
	}
	cookie, grant, err := d.Desk.Take(v.r.Context(), v.Visitor, v.r.PostForm.Get("secret"))
	if err != nil {
		d.Desk.Failed(v.Visitor, Invite, err)
	}
	switch {
	case err == nil:
		d.Desk.Count(Invite, Success)
		d.letIn(v, cookie, grant)
	case errors.Is(err, ErrInvitationUsed):
		d.Desk.Count(Invite, Refused)
		d.page(v, http.StatusGone, "plain", notice{
			"This invitation was used",
			"Each invitation lets one browser in, once. If that was not you, tell the owner at once. Otherwise ask for another one.",
		})
	case errors.Is(err, ErrInvitationOver):
		d.Desk.Count(Invite, Refused)
		d.page(v, http.StatusGone, "plain", notice{"This invitation is over", "Its time has run out. Ask the owner for another one."})
	case errors.Is(err, ErrNoInvitation):
		d.Desk.Count(Invite, Refused)
		d.page(v, http.StatusNotFound, "plain", notice{
			"There is no such invitation here",
			"The link may be cut short, or of another site. Scan the code again, or ask the owner for another one.",
		})
	case errors.Is(err, ErrRevoked):
		d.refuseRevoked(v, Invite)
	default:
		d.Desk.Count(Invite, Failure)
		d.unavailable(v)
	}
}

func (d *Door) noSuchDoor(v *visit) {
	d.page(v, http.StatusNotFound, "plain", notice{"This site has no such way in", "Open its front page to see how to sign in."})
}

// unavailable says that nobody knows at the moment, and that nothing was lost by it.
func (d *Door) unavailable(v *visit) {
	v.w.Header().Set("Retry-After", "5")
	d.page(v, http.StatusServiceUnavailable, "plain", notice{
		"Signing in does not work at the moment",
		"Nothing was used up. Wait a little, go back, and try again. If it stays so, tell the owner.",
	})
}
