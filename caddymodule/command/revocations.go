package command

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// revocationsCommand is `revocations`: alone it lists.
func revocationsCommand() *cobra.Command {
	c := listed(&cobra.Command{
		Use:   "revocations",
		Short: "List what is revoked; take back, export and import it",
		Long:  "List what is revoked. The other commands take an entry back, and carry the list to another latch.",
	}, revocations, revocationsListCommand(), removeCommand(), exportCommand(), importCommand())
	addListFlags(c)
	return c
}

func revocationsListCommand() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List what is revoked", Args: cobra.NoArgs, RunE: run(revocations)}
	addListFlags(c)
	return c
}

func addListFlags(c *cobra.Command) {
	f := c.Flags()
	f.String("kind", "", "only entries of this kind: token, fingerprint, session, subject, key, issuer, all or hold")
	f.String("issuer", "", "only entries of this issuer (iss); empty: of a site's own secret, and those of every issuer")
	f.String("value", "", "only entries of exactly this jti, sub, sid, thumbprint or fingerprint")
	f.String("subject", "", "only entries of exactly this subject")
	f.String("sub", "", "short for --subject")
	f.String("since", "", "only entries made since a time such as 2026-01-02T15:04:05Z, or in the last 24h, 7d")
	f.Int("limit", 0, "print that many and say how to go on; default: all")
	f.String("after", "", "go on where a list with --limit ended")
	f.Bool("json", false, "print each entry as one line of JSON")
	c.MarkFlagsMutuallyExclusive("subject", "sub", "value")
	c.MarkFlagsMutuallyExclusive("subject", "sub", "kind")
	addClientFlags(c)
}

func revocations(c *cobra.Command, _ []string) error {
	query, err := readListing(c, time.Now())
	if err != nil {
		return err
	}
	latch, err := newClient(c)
	if err != nil {
		return err
	}
	asJSON, _ := c.Flags().GetBool("json")
	next, err := latch.eachRevocation(query, func(e revocation.Entry) error {
		if asJSON {
			return printLine(c.OutOrStdout(), e)
		}
		_, err := fmt.Fprintf(c.OutOrStdout(), "%s  %s\n", e.At.Format(time.RFC3339), describe(e))
		return err
	})
	if err == nil && next != "" {
		_, _ = fmt.Fprintf(c.ErrOrStderr(), "there may be more: go on with --after %s\n", next)
	}
	return err
}
