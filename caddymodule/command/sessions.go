package command

import (
	"cmp"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// signedIn is one of the answer to GET /botlatch/sessions.
type signedIn struct {
	ID      string    `json:"sid"`
	Site    string    `json:"site"`
	Subject string    `json:"sub"`
	Name    string    `json:"name,omitempty"`
	Door    string    `json:"door"`
	Scope   []string  `json:"scope"`
	Address string    `json:"address,omitempty"`
	Browser string    `json:"browser,omitempty"`
	Since   time.Time `json:"since"`
	Expires time.Time `json:"expires"`
}

// sessionsCommand is `sessions`: alone it lists.
func sessionsCommand() *cobra.Command {
	c := listed(&cobra.Command{
		Use:   "sessions",
		Short: "List the browsers that are signed in; sign one out",
		Long: `List the browsers that are signed in, by which door, from where and until when. The
address is that of the sign-in; the browser is what it says of itself. To sign
everybody out: key rotate --sessions --now.`,
	}, sessions, sessionsListCommand(), endSessionCommand())
	addSessionsFlags(c)
	return c
}

func sessionsListCommand() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List the browsers that are signed in", Args: cobra.NoArgs, RunE: run(sessions)}
	addSessionsFlags(c)
	return c
}

func addSessionsFlags(c *cobra.Command) {
	c.Flags().Bool("json", false, "print each session as one line of JSON")
	addClientFlags(c)
}

func endSessionCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "end <sid>",
		Short: "Sign a browser out: at once and durably, and what it has open ends",
		Args:  cobra.ExactArgs(1),
		RunE:  run(endSession),
	}
	c.Flags().String("reason", "", "why, for whoever reads the list of revocations later")
	c.Flags().Bool("json", false, "print the answer as JSON")
	addClientFlags(c)
	return c
}

func sessions(c *cobra.Command, _ []string) error {
	latch, err := newClient(c)
	if err != nil {
		return err
	}
	var answer struct {
		Sessions []signedIn `json:"sessions"`
	}
	if err := latch.do("GET", "/botlatch/sessions", nil, &answer); err != nil {
		return err
	}
	if asJSON, _ := c.Flags().GetBool("json"); asJSON {
		return printLines(c.OutOrStdout(), answer.Sessions)
	}
	return printSessions(c.OutOrStdout(), answer.Sessions)
}

func printSessions(out io.Writer, all []signedIn) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(out, "nobody is signed in")
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "SID\tWHO\tDOOR\tSITE\tSCOPE\tSINCE\tEXPIRES\tADDRESS\tBROWSER")
	for _, s := range all {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", visible(s.ID), s.who(), visible(s.Door), visible(s.Site),
			cmp.Or(scopes(s.Scope), "-"), s.Since.Format(time.RFC3339), s.Expires.Format(time.RFC3339),
			cmp.Or(visible(s.Address), "-"), browser(s.Browser))
	}
	return table.Flush()
}

// who is the subject, by which it is revoked, and the name where that is another.
func (s signedIn) who() string {
	if s.Name == "" || s.Name == s.Subject {
		return visible(s.Subject)
	}
	return visible(s.Subject) + " (" + visible(s.Name) + ")"
}

func endSession(c *cobra.Command, args []string) error {
	latch, err := newClient(c)
	if err != nil {
		return err
	}
	reason, _ := c.Flags().GetString("reason")
	var answer struct {
		revocation.Entry
		ended
	}
	if err := latch.do("DELETE", "/botlatch/sessions", map[string]string{"sid": args[0], "reason": reason}, &answer); err != nil {
		return err
	}
	return printAnswer(c, answer, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "signed out: %s\n%s\n", describeName(answer.Entry), answer.ended)
		return err
	})
}
