package command

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/botlatch/botlatch/caddymodule/issue"
)

// keyRotateCommand is `key rotate`.
func keyRotateCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "rotate <file" + issue.PrivateSuffix + "> | --sessions [--now]",
		Short: "Make the next key of a file; the old one is accepted for a while",
		Long: `Make the next key of a file, of the same algorithm. It signs from now on. In the
public key set (.jwks.json) it stands beside the one that signed until now, so that
tokens already issued are accepted until they expire; the next rotation, or
--drop-old, takes the old one out.

The latch reads the set at the next caddy reload --force. Rotate, then reload, then
issue tokens. When all old tokens have expired: --drop-old, and reload again. A key
that was stolen is another matter: revoke --kid takes its tokens out at once.

A crash at any moment leaves a pair of files that works. An HMAC key does not
rotate.

--sessions is about the keys by which the running latch signs the sessions of
browsers: a new one signs from now on, and who is signed in stays so. --now drops the
old ones, too: everybody is signed out.`,
		RunE: run(keyRotate),
	}
	c.Flags().Bool("drop-old", false, "make no key: take the old one out of the public key set")
	c.Flags().Bool("json", false, "print the result as JSON")
	addSessionKeyFlags(c)
	return c
}

// rotated is the result of `key rotate --json`.
type rotated struct {
	Private string   `json:"private"`
	Public  string   `json:"public"`
	KeyID   string   `json:"kid"`
	OldID   string   `json:"old_kid,omitempty"`
	Dropped []string `json:"dropped_kids,omitempty"`
}

func keyRotate(c *cobra.Command, args []string) error {
	sessions, err := readSessionKeyFlags(c, args)
	switch {
	case err != nil:
		return err
	case sessions:
		return rotateSessionKeys(c)
	}
	file := issue.KeyFile{Path: args[0]}
	rotate := file.Rotate
	if drop, _ := c.Flags().GetBool("drop-old"); drop {
		rotate = file.DropOld
	}
	r, err := rotate()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w; make a key with `caddy botlatch key new`", err)
	case errors.Is(err, issue.ErrSymmetric):
		return fmt.Errorf("%w: make another with `caddy botlatch key new --alg HS256`, name it in secret_base64 and reload, "+
			"which ends the tokens of this one; or change to EdDSA keys, which do rotate", err)
	case err != nil:
		return err
	}
	if asJSON, _ := c.Flags().GetBool("json"); asJSON {
		return printJSON(c.OutOrStdout(), rotated{file.Path, file.PublicPath(), r.KeyID, r.OldID, r.Dropped})
	}
	out := c.OutOrStdout()
	_, _ = fmt.Fprintf(out, "signs: %s\n", r.KeyID)
	if r.OldID != "" {
		_, _ = fmt.Fprintf(out, "still accepted: %s\n", r.OldID)
	}
	if len(r.Dropped) > 0 {
		_, _ = fmt.Fprintf(out, "no longer accepted: %s\n", strings.Join(r.Dropped, ", "))
	}
	_, err = fmt.Fprintf(out, "The latch reads %s at the next `caddy reload --force`; until then nothing changes for it.\n", file.PublicPath())
	return err
}
