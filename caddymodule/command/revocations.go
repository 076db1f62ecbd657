package command

import (
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// revocationsCommand is `revocations`: alone it lists.
func revocationsCommand() *cobra.Command {
	c := group(&cobra.Command{
		Use:   "revocations",
		Short: "List what is revoked; take back, export and import it",
		Long:  "List what is revoked. The other commands take an entry back, and carry the list to another latch.",
	}, revocationsListCommand(), removeCommand(), exportCommand(), importCommand())
	unknown := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return unknown(c, args)
		}
		return run(revocations)(c, args)
	}
	addListFlags(c)
	return c
}

func revocationsListCommand() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List what is revoked", Args: cobra.NoArgs, RunE: run(revocations)}
	addListFlags(c)
	return c
}

func addListFlags(c *cobra.Command) {
	c.Flags().Bool("json", false, "print each entry as one line of JSON")
	addClientFlags(c)
}

func revocations(c *cobra.Command, _ []string) error {
	latch, err := newClient(c)
	if err != nil {
		return err
	}
	asJSON, _ := c.Flags().GetBool("json")
	return latch.eachRevocation(func(e revocation.Entry) error {
		if asJSON {
			return printLine(c.OutOrStdout(), e)
		}
		_, err := fmt.Fprintf(c.OutOrStdout(), "%s  %s\n", e.At.Format(time.RFC3339), describe(e))
		return err
	})
}

// page is the answer to GET /botlatch/revocations.
type page struct {
	Revocations []revocation.Entry `json:"revocations"`
	Next        string             `json:"next"`
}

// eachRevocation calls f with every entry of the latch's list, page by page.
func (c client) eachRevocation(f func(revocation.Entry) error) error {
	for after := ""; ; {
		var p page
		if err := c.do("GET", "/botlatch/revocations?limit=1000&after="+url.QueryEscape(after), nil, &p); err != nil {
			return err
		}
		for _, e := range p.Revocations {
			if err := f(e); err != nil {
				return err
			}
		}
		if after = p.Next; after == "" {
			return nil
		}
	}
}
