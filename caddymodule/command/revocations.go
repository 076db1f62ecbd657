package command

import (
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// revocationsCommand is `revocations`.
func revocationsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "revocations",
		Short: "List what is revoked",
		Args:  cobra.NoArgs,
		RunE:  run(revocations),
	}
	c.Flags().Bool("json", false, "print each entry as one line of JSON")
	addClientFlags(c)
	return c
}

// page is the answer to GET /botlatch/revocations.
type page struct {
	Revocations []revocation.Entry `json:"revocations"`
	Next        string             `json:"next"`
}

func revocations(c *cobra.Command, _ []string) error {
	latch, err := newClient(c)
	if err != nil {
		return err
	}
	asJSON, _ := c.Flags().GetBool("json")
	for after := ""; ; {
		var p page
		if err := latch.do("GET", "/botlatch/revocations?limit=1000&after="+url.QueryEscape(after), nil, &p); err != nil {
			return err
		}
		for _, e := range p.Revocations {
			if err := printEntry(c, e, asJSON); err != nil {
				return err
			}
		}
		if after = p.Next; after == "" {
			return nil
		}
	}
}

func printEntry(c *cobra.Command, e revocation.Entry, asJSON bool) error {
	if asJSON {
		return printLine(c.OutOrStdout(), e)
	}
	_, err := fmt.Fprintf(c.OutOrStdout(), "%s  %s\n", e.At.Format(time.RFC3339), describe(e))
	return err
}
