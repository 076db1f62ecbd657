package command

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// What one request to the latch holds: it takes 1000 entries and 1 MiB.
const (
	batchEntries = 1000
	batchBytes   = 512 << 10
)

// importCommand is `revocations import`.
func importCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "import [<file>|-]",
		Short: "Add the entries of an export to the list",
		Long: `Add the entries of an export to the list, from a file or from standard input. The
whole file is read and checked first: one that was cut off, or has a line that is
no entry, changes nothing. What is on the list stays, so importing a file twice
does no more than once. A hold in the file holds here too, until resume.`,
		Args: cobra.MaximumNArgs(1),
		RunE: run(importRevocations),
	}
	c.Flags().String("reason", "", "why, for the audit; each entry keeps its own")
	c.Flags().Bool("json", false, "print the result as JSON")
	addClientFlags(c)
	return c
}

// imported is the answer to POST /botlatch/revocations/import, and the result of `revocations import --json`.
type imported struct {
	Imported int `json:"imported"`
}

func importRevocations(c *cobra.Command, args []string) error {
	in := c.InOrStdin()
	if len(args) == 1 && args[0] != "-" {
		file, err := os.Open(args[0])
		if err != nil {
			return fmt.Errorf("reading the export: %w", err)
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	entries, err := readExport(in)
	if err != nil {
		return fmt.Errorf("reading the export: %w; nothing was imported", err)
	}
	latch, err := newClient(c)
	if err != nil {
		return err
	}
	reason, _ := c.Flags().GetString("reason")
	if err := latch.importAll(entries, reason); err != nil {
		return err
	}
	if slices.ContainsFunc(entries, func(e revocation.Entry) bool { return e.Kind == revocation.KindHold }) {
		_, _ = fmt.Fprintln(c.ErrOrStderr(), "a hold was among them: everything is on hold now, until `caddy botlatch resume`")
	}
	if asJSON, _ := c.Flags().GetBool("json"); asJSON {
		return printJSON(c.OutOrStdout(), imported{len(entries)})
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "imported: %d\n", len(entries))
	return err
}

// importAll sends entries batch by batch; the latch takes each batch or refuses it whole.
func (c client) importAll(entries []revocation.Entry, reason string) error {
	for done := 0; done < len(entries); {
		var batch []json.RawMessage
		for size := 0; done+len(batch) < len(entries) && len(batch) < batchEntries && size < batchBytes; {
			b, err := json.Marshal(entries[done+len(batch)])
			if err != nil {
				return err
			}
			batch = append(batch, b)
			size += len(b)
		}
		var answer imported
		err := c.do("POST", "/botlatch/revocations/import", map[string]any{"revocations": batch, "reason": reason}, &answer)
		if err == nil && answer.Imported != len(batch) {
			err = latchError{fmt.Errorf("the latch took %d entries of %d", answer.Imported, len(batch))}
		}
		if err != nil && done > 0 {
			return latchError{fmt.Errorf("%d of %d entries are imported, import the file again for the others: %w", done, len(entries), err)}
		}
		if err != nil {
			return err
		}
		done += len(batch)
	}
	return nil
}
