package command

import (
	"bufio"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// lastLine ends an export: without it, or with another number, part of the export is missing.
type lastLine struct {
	Exported int `json:"exported"`
}

// exportCommand is `revocations export`.
func exportCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "export",
		Short: "Write the whole list to standard output, for import",
		Long: `Write the whole list to standard output: one line of JSON for each entry, and a
last line that says how many there are, so that import recognises a file that was
cut off. The list names people and tokens; it holds no token.`,
		Args: cobra.NoArgs,
		RunE: run(exportRevocations),
	}
	c.Flags().Bool("json", true, "the export is JSON in any case")
	addClientFlags(c)
	return c
}

func exportRevocations(c *cobra.Command, _ []string) error {
	latch, err := newClient(c)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(c.OutOrStdout())
	var last lastLine
	_, err = latch.eachRevocation(listing{}, func(e revocation.Entry) error {
		last.Exported++
		return printLine(out, e)
	})
	if err != nil {
		_ = out.Flush() // without the last line it is recognised as what it is
		return err
	}
	if err := printLine(out, last); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(c.ErrOrStderr(), "exported: %d\n", last.Exported)
	return nil
}
