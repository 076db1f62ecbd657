package command

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// rotatedSessions is the answer to POST /botlatch/session_keys.
type rotatedSessions struct {
	Rotated   bool `json:"rotated"`
	SignedOut bool `json:"signed_out"`
}

// addSessionKeyFlags adds the flags of `key rotate --sessions`.
func addSessionKeyFlags(c *cobra.Command) {
	c.Flags().Bool("sessions", false, "rotate the keys by which the latch signs sessions, in place of a file's")
	c.Flags().Bool("now", false, "with --sessions: drop the old keys, which signs everybody out")
	addClientFlags(c)
}

// readSessionKeyFlags reports whether they ask for the keys of sessions; what goes with the one does not go with the other.
func readSessionKeyFlags(c *cobra.Command, args []string) (bool, error) {
	f := c.Flags()
	sessions, _ := f.GetBool("sessions")
	if !sessions {
		for _, name := range []string{"now", "address", "config", "adapter"} {
			if f.Changed(name) {
				return false, errors.New("--" + name + " goes with --sessions: the key of a file is rotated without a latch")
			}
		}
		return false, cobra.ExactArgs(1)(c, args)
	}
	if len(args) > 0 {
		return true, errors.New("--sessions names no file: the latch keeps those keys")
	}
	if f.Changed("drop-old") {
		return true, errors.New("--drop-old goes with the key of a file: for sessions say --now, which signs everybody out")
	}
	return true, nil
}

// rotateSessionKeys asks the latch for new ones.
func rotateSessionKeys(c *cobra.Command) error {
	latch, err := newClient(c)
	if err != nil {
		return err
	}
	now, _ := c.Flags().GetBool("now")
	var answer rotatedSessions
	if err := latch.do("POST", "/botlatch/session_keys", map[string]bool{"now": now}, &answer); err != nil {
		return err
	}
	return printAnswer(c, answer, answer.print)
}

func (r rotatedSessions) print(w io.Writer) error {
	said := "a new key signs sessions from now on; the old ones count until their sessions have ended, and nobody is signed out"
	if r.SignedOut {
		said = "a new key signs sessions from now on, and the old ones are gone: everybody is signed out, on this latch at once"
	}
	_, err := fmt.Fprintln(w, said)
	return err
}
