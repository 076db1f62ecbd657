package door

import (
	"errors"
	"net/http"
	"strings"
)

// ErrToken is the error of an access token that gives nothing here.
var ErrToken = errors.New("the access token is not accepted")

// exchangeToken lets in who brings an access token of the site.
func (d *Door) exchangeToken(v *visit) {
	if !d.Tokens {
		d.noSuchDoor(v)
		return
	}
	if !d.keepsCookies(v) {
		return
	}
	grant, err := d.Desk.Exchange(v.r.Context(), strings.TrimSpace(v.r.PostForm.Get("token")), v.Origin)
	if err == nil {
		var cookie string
		if cookie, err = d.Desk.Begin(v.r.Context(), v.Visitor, Token, grant); err == nil {
			d.Desk.Count(Token, Success)
			d.letIn(v, cookie, grant)
			return
		}
	}
	d.Desk.Failed(v.Visitor, Token, err)
	if errors.Is(err, ErrRevoked) {
		d.refuseRevoked(v, Token)
		return
	}
	if errors.Is(err, ErrToken) {
		d.Desk.Count(Token, Refused)
		d.offerDoors(v, http.StatusForbidden, notice{
			"That token does not open this site",
			"It may have expired, be meant for another site, or be cut short. Paste the whole token, or ask for a new one.",
		})
		return
	}
	d.Desk.Count(Token, Failure)
	d.unavailable(v)
}
