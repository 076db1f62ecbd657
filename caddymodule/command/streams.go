package command

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

// watchEvery is how often `streams --watch` looks.
const watchEvery = time.Second

// openStream is one of the answer to GET /botlatch/streams.
type openStream struct {
	ID      uint64    `json:"id"`
	Site    string    `json:"site"`
	Rule    string    `json:"rule"`
	Path    string    `json:"path"`
	Kind    string    `json:"kind"`
	Issuer  string    `json:"iss,omitempty"`
	Subject string    `json:"sub,omitempty"`
	Since   time.Time `json:"since"`
	Expires time.Time `json:"expires,omitzero"`
}

// streamsCommand is `streams`: alone it lists.
func streamsCommand() *cobra.Command {
	c := listed(&cobra.Command{
		Use:   "streams",
		Short: "List what is open: WebSockets, event streams, cameras, long requests; end one",
		Long: `List the requests that were let through and are still open, with whose token and until
when. They end by themselves when the token expires or is revoked: to keep somebody
out, revoke; to stop everybody, hold.`,
	}, streams, streamsListCommand(), endStreamCommand())
	addStreamFlags(c)
	return c
}

func streamsListCommand() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List what is open", Args: cobra.NoArgs, RunE: run(streams)}
	addStreamFlags(c)
	return c
}

func addStreamFlags(c *cobra.Command) {
	c.Flags().Bool("watch", false, "go on, and look each second")
	c.Flags().Bool("json", false, "print each stream as one line of JSON")
	addClientFlags(c)
}

func endStreamCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "end <id>",
		Short: "End one stream; its token stays good, and its client may come back",
		Args:  cobra.ExactArgs(1),
		RunE:  run(endStream),
	}
	addClientFlags(c)
	return c
}

func streams(c *cobra.Command, _ []string) error {
	latch, err := newClient(c)
	if err != nil {
		return err
	}
	asJSON, _ := c.Flags().GetBool("json")
	watch, _ := c.Flags().GetBool("watch")
	if !watch {
		return latch.printStreams(c.OutOrStdout(), asJSON)
	}
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt)
	defer stop()
	return latch.watchStreams(ctx, c.OutOrStdout(), asJSON)
}

// watchStreams prints what is open until ctx ends. On a terminal each look takes the place of the one before.
func (c client) watchStreams(ctx context.Context, out io.Writer, asJSON bool) error {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for {
		if !asJSON && isTerminal(out) {
			_, _ = io.WriteString(out, "\x1b[H\x1b[2J")
		}
		if err := c.printStreams(out, asJSON); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if !asJSON {
			_, _ = io.WriteString(out, "\n")
		}
	}
}

func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (c client) printStreams(out io.Writer, asJSON bool) error {
	var answer struct {
		Streams []openStream `json:"streams"`
	}
	if err := c.do("GET", "/botlatch/streams", nil, &answer); err != nil {
		return err
	}
	if asJSON {
		return printLines(out, answer.Streams)
	}
	return printTable(out, answer.Streams, time.Now())
}

func printTable(out io.Writer, all []openStream, now time.Time) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(out, "nothing is open")
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "ID\tKIND\tSITE\tPATH\tSUBJECT\tISSUER\tSINCE\tEXPIRES IN")
	for _, s := range all {
		left := "never"
		if !s.Expires.IsZero() {
			left = s.Expires.Sub(now).Round(time.Second).String()
		}
		_, _ = fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", s.ID, s.Kind, s.Site, visible(s.Path),
			cmp.Or(visible(s.Subject), "-"), cmp.Or(visible(s.Issuer), "-"), s.Since.Format(time.RFC3339), left)
	}
	return table.Flush()
}

func endStream(c *cobra.Command, args []string) error {
	id, err := strconv.ParseUint(args[0], 10, 64)
	if err != nil {
		return fmt.Errorf("%q is not the id of a stream: `streams` lists them", args[0])
	}
	latch, err := newClient(c)
	if err != nil {
		return err
	}
	var answer struct {
		Ended uint64 `json:"ended"`
	}
	if err := latch.do("DELETE", "/botlatch/streams?id="+strconv.FormatUint(id, 10), nil, &answer); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "ended: stream %d\n", answer.Ended)
	return err
}
