package door

import (
	"errors"
	"net/http"
)

// ErrRevoked is the error of who would be let in, if what the session rests on were not revoked.
var ErrRevoked = errors.New("what the session would rest on is revoked")

// refuseRevoked says so before anything is begun, or a person would be told to be in and be asked to sign in a moment later.
func (d *Door) refuseRevoked(v *visit, name string) {
	d.Desk.Count(name, Refused)
	d.offerDoors(v, http.StatusForbidden, notice{
		"You are not let in any more",
		"The owner of this site has taken that back. If you think that this is a mistake, ask the owner.",
	})
}
