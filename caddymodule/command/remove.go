package command

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// removeCommand is `revocations remove`.
func removeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "remove --token <file>|- | --jti <jti> | --subject <sub> | --kid <kid> | --issuer <iss> | --all",
		Short: "Take an entry back: what it alone took out passes again",
		Long: `Take back the entry of this name, as revoke made it. What no other entry takes
out passes again at once. A name that is not on the list is no error: nothing is
left to take back. --all takes back what revoke --all made, and nothing else;
what hold began is ended by resume.
` + nameHelp,
		Args: cobra.NoArgs,
		RunE: run(remove),
	}
	addNameFlags(c)
	c.Flags().String("reason", "", "why, for the audit")
	c.Flags().Bool("json", false, "print the name as JSON")
	addClientFlags(c)
	return c
}

// removed is the answer to DELETE /botlatch/revocations.
type removed struct {
	revocation.Entry

	StillListed bool `json:"still_listed,omitempty"`
}

func remove(c *cobra.Command, _ []string) error {
	req, err := readName(c)
	if err != nil {
		return err
	}
	if req.Kind == revocation.KindAll {
		req.IssuedBefore = "now" // only the name counts, and no entry of this kind is without
	}
	latch, err := newClient(c)
	if err != nil {
		return err
	}
	req.Reason, _ = c.Flags().GetString("reason")
	var r removed
	if err := latch.do("DELETE", "/botlatch/revocations", req, &r); err != nil {
		return err
	}
	// Only the name counts: what else the answer says was made up to ask for it.
	r.Entry = revocation.Entry{Kind: r.Kind, Issuer: r.Issuer, Value: r.Value}
	if asJSON, _ := c.Flags().GetBool("json"); asJSON {
		return printJSON(c.OutOrStdout(), r)
	}
	if r.StillListed {
		_, err = fmt.Fprintf(c.OutOrStdout(), "taken back, and still on the list: %s\nAnother store says so: a file, or one of an earlier "+
			"configuration, which is remembered until the process ends.\n", describeName(r.Entry))
		return err
	}
	_, err = fmt.Fprintln(c.OutOrStdout(), "no longer on the list:", describeName(r.Entry))
	return err
}
