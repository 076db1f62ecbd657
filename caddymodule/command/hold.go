package command

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
)

// holdCommand is `hold`.
func holdCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "hold [--reason <why>]",
		Short: "Answer everything but public rules 503, on every latch of the store, until resume",
		Long: `Answer everything but public rules 503, whoever asks: here at once, on every latch
that shares the revocation store a moment later, and across restarts, until
resume. What is open ends, and last wills are sent. Nothing is revoked, so the same
tokens are good again after it.

It acts on this latch even when the store cannot be written; then it says so and
exits with 2: other latches may go on. revoke --all is the other thing: it takes
out every token issued until now, and who gets a new one goes on.

It is no emergency stop: what a bot does by itself it goes on doing.`,
		Args: cobra.NoArgs,
		RunE: run(hold),
	}
	c.Flags().String("reason", "", "why, for whoever reads the list later")
	c.Flags().Bool("json", false, "print the answer as JSON")
	addClientFlags(c)
	return c
}

// resumeCommand is `resume`.
func resumeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "resume [--reason <why>]",
		Short: "End the hold: the tokens that were good before are good again",
		Long: `End what hold began, on every latch of the store: the tokens that were good before
are good again. What revoke took out, --all too, stays out (revocations remove).
That nothing is on hold is no error. Exit code 2: everything is still on hold.`,
		Args: cobra.NoArgs,
		RunE: run(resume),
	}
	c.Flags().String("reason", "", "why, for the audit")
	c.Flags().Bool("json", false, "print the answer as JSON")
	addClientFlags(c)
	return c
}

// holding is whether everything is on hold.
type holding struct {
	Held   bool      `json:"held"`
	Since  time.Time `json:"since,omitzero"`
	Reason string    `json:"reason,omitempty"`
}

// held is the answer to POST /botlatch/hold.
type held struct {
	holding
	ended
}

// resumed is the answer to DELETE /botlatch/hold.
type resumed struct {
	holding

	StillListed bool `json:"still_listed,omitempty"`
}

func hold(c *cobra.Command, _ []string) error {
	var answer held
	if err := press(c, "POST", &answer); err != nil {
		return err
	}
	return printAnswer(c, answer, answer.print)
}

func resume(c *cobra.Command, _ []string) error {
	var answer resumed
	if err := press(c, "DELETE", &answer); err != nil {
		return err
	}
	if err := printAnswer(c, answer, answer.print); err != nil {
		return err
	}
	if answer.Held {
		return latchError{errors.New("everything is still on hold: another store says so, a file (`hold:`) or one that cannot be " +
			"reached just now, or one of an earlier configuration, which is remembered until the latch restarts")}
	}
	return nil
}

// press asks the latch to hold or to resume.
func press(c *cobra.Command, method string, answer any) error {
	latch, err := newClient(c)
	if err != nil {
		return err
	}
	reason, _ := c.Flags().GetString("reason")
	return latch.do(method, "/botlatch/hold", map[string]string{"reason": reason}, answer)
}

// printAnswer prints an answer as JSON if asked, else in words.
func printAnswer(c *cobra.Command, answer any, inWords func(io.Writer) error) error {
	if asJSON, _ := c.Flags().GetBool("json"); asJSON {
		return printJSON(c.OutOrStdout(), answer)
	}
	return inWords(c.OutOrStdout())
}

func (h held) print(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%s: everything but public rules is answered 503 until `caddy botlatch resume`\n%s\n", h.holding, h.ended)
	return err
}

func (r resumed) print(w io.Writer) error {
	if r.Held {
		_, err := fmt.Fprintln(w, r.holding)
		return err
	}
	_, err := fmt.Fprintln(w, "not on hold: the tokens that were good before are good again")
	return err
}

// String is the hold in words.
func (h holding) String() string {
	if !h.Held {
		return "not on hold" // somebody resumed in that moment
	}
	s := "on hold since " + h.Since.Format(time.RFC3339)
	if h.Reason != "" {
		s += " (" + h.Reason + ")"
	}
	return s
}
