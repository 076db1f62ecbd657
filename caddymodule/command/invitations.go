package command

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

// invitationsCommand is `invitations`: alone it lists.
func invitationsCommand() *cobra.Command {
	c := listed(&cobra.Command{
		Use:   "invitations",
		Short: "List the invitations of the last day, and who took them; take one back",
		Long: `List the invitations that invite made and that are open, or have been over for less than
a day, and who took them. Whoever took one stays in until the session ends: see
sessions.`,
	}, listInvitations, invitationsListCommand(), cancelCommand())
	addInvitationsFlags(c)
	return c
}

func invitationsListCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "list", Short: "List the invitations of the last day, and who took them", Args: cobra.NoArgs, RunE: run(listInvitations),
	}
	addInvitationsFlags(c)
	return c
}

func addInvitationsFlags(c *cobra.Command) {
	c.Flags().Bool("json", false, "print each invitation as one line of JSON")
	addClientFlags(c)
}

func cancelCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "cancel <id>",
		Short: "Take back an invitation that nobody has taken",
		Args:  cobra.ExactArgs(1),
		RunE:  run(cancelInvitation),
	}
	c.Flags().Bool("json", false, "print the invitation as JSON")
	addClientFlags(c)
	return c
}

func listInvitations(c *cobra.Command, _ []string) error {
	latch, err := newClient(c)
	if err != nil {
		return err
	}
	all, err := latch.invitations()
	if err != nil {
		return err
	}
	if asJSON, _ := c.Flags().GetBool("json"); asJSON {
		return printLines(c.OutOrStdout(), all)
	}
	return printInvitations(c.OutOrStdout(), all, time.Now())
}

func printInvitations(out io.Writer, all []invitation, now time.Time) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(out, "nobody was invited in the last day")
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "ID\tNAME\tSITE\tSCOPE\tSTAYS IN\tMADE\tSTATE")
	for _, v := range all {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", visible(v.ID), visible(v.Name), visible(v.Site), scopes(v.Scope),
			v.stay(), v.Created.Format(time.RFC3339), v.state(now))
	}
	return table.Flush()
}

func cancelInvitation(c *cobra.Command, args []string) error {
	latch, err := newClient(c)
	if err != nil {
		return err
	}
	v, err := latch.cancelInvitation(args[0])
	if err != nil {
		return err
	}
	return printAnswer(c, v, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "taken back: the invitation of %s: its link lets nobody in any more\n", visible(v.Name))
		return err
	})
}

// invitations are those of the last day, the newest first.
func (c client) invitations() ([]invitation, error) {
	var answer struct {
		Invitations []invitation `json:"invitations"`
	}
	err := c.do("GET", "/botlatch/invitations", nil, &answer)
	return answer.Invitations, err
}

// cancelInvitation takes one back.
func (c client) cancelInvitation(id string) (v invitation, err error) {
	err = c.do("DELETE", "/botlatch/invitations", map[string]string{"id": id}, &v)
	return v, err
}

// Interface guards
var _ inviter = client{}
