package revocation

import (
	"errors"
	"fmt"
)

// Drawer says what the records of a Keeper are about. Zero is no drawer. Numbers and words are part of what stores keep:
// new drawers go to the end, and none changes its word.
type Drawer uint8

// The drawers.
const (
	Invitations Drawer = iota + 1 // who may come, and was not here yet
	Sessions                      // which browsers are signed in

	// NumDrawers is the length of an array with one element per Drawer; the element 0 belongs to none.
	NumDrawers = iota + 1
)

var drawerWords = [NumDrawers]string{
	Invitations: "invitations",
	Sessions:    "sessions",
}

// Drawers returns every drawer in order, for who looks through them one by one.
func Drawers() []Drawer { return []Drawer{Invitations, Sessions} }

// String returns the word of d, or "drawer(n)" for what is no drawer.
func (d Drawer) String() string {
	if !d.valid() {
		return fmt.Sprintf("drawer(%d)", uint8(d))
	}
	return drawerWords[d]
}

// Validate refuses what is no drawer.
func (d Drawer) Validate() error {
	if !d.valid() {
		return errors.New("drawer missing or unknown")
	}
	return nil
}

func (d Drawer) valid() bool { return d > 0 && d < NumDrawers }

// Interface guards
var _ fmt.Stringer = Drawer(0)
