package command

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/spf13/cobra"

	"github.com/botlatch/botlatch/caddymodule/deny"
)

// inviteCommand is `invite`.
func inviteCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "invite --name <who> --scope <scopes>",
		Short: "Let a phone in: a link and its QR code, for one browser, once",
		Long: `Let one browser in, once, on a site that has sign_in with invite. Standard output
has the link, standard error its QR code: scan it, or send the link. Whoever opens
it and presses the button is in, with these scopes and under this name.

Then it waits until somebody has taken the invitation, and says who. ^C takes it
back. Exit code 3: nobody took it in time, or it was taken back.

  caddy botlatch invite --name ana-phone --scope "door:open observe"`,
		Args: cobra.NoArgs,
		RunE: run(invite),
	}
	f := c.Flags()
	f.String("name", "", "who is invited, 1 to 64 characters: what the bot and the list of sessions call them")
	f.StringArray("scope", nil, "scopes, separated by spaces; may be repeated")
	f.String("site", "", "the site, such as https://lock.example.com (default: the only one with sign_in)")
	f.String("for", "", "how long the browser stays signed in, such as 12h or 30d (default: what the site says)")
	f.String("within", "10m", "in what time it must be taken, at most 7d")
	f.Bool("no-wait", false, "do not wait until somebody has taken it")
	f.Bool("json", false, "print the invitation as one line of JSON, and again when it was taken; no QR code")
	addClientFlags(c)
	return c
}

// inviteRequest is the body of POST /botlatch/invitations.
type inviteRequest struct {
	Site   string   `json:"site,omitempty"`
	Name   string   `json:"name"`
	Scope  []string `json:"scope"`
	For    string   `json:"for,omitempty"`
	Within string   `json:"within,omitempty"`
}

func invite(c *cobra.Command, _ []string) error {
	req, err := readInvitation(c)
	if err != nil {
		return err
	}
	latch, err := newClient(c)
	if err != nil {
		return err
	}
	var v invited
	if err := latch.do("POST", "/botlatch/invitations", req, &v); err != nil {
		return err
	}
	// From here on ^C takes back. A second one ends the process as usual.
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	asJSON, _ := c.Flags().GetBool("json")
	noWait, _ := c.Flags().GetBool("no-wait")
	if err := printInvited(c, v, asJSON); err != nil {
		return err
	}
	if noWait {
		_, err := fmt.Fprintf(c.ErrOrStderr(), "Take it back: caddy botlatch invitations cancel %s%s\n", v.ID, latch.again)
		return err
	}
	_, _ = fmt.Fprintln(c.ErrOrStderr(), "Waiting until somebody has taken it; ^C takes it back.")
	w := waiting{invitation: v.invitation, latch: latch, again: latch.again, said: c.ErrOrStderr()}
	taken, err := w.wait(ctx, stop)
	if err != nil {
		return err
	}
	return printTaken(c, taken, asJSON, latch.again)
}

// readInvitation reads the flags.
func readInvitation(c *cobra.Command) (req inviteRequest, err error) {
	f := c.Flags()
	req.Name, _ = f.GetString("name")
	req.Site, _ = f.GetString("site")
	req.For, _ = f.GetString("for")
	req.Within, _ = f.GetString("within")
	all, _ := f.GetStringArray("scope")
	req.Scope = strings.Fields(strings.Join(all, " "))
	if req.Site != "" && !strings.Contains(req.Site, "://") {
		req.Site = "https://" + req.Site
	}
	req.Site = strings.TrimSuffix(req.Site, "/") // as browsers copy it
	if strings.TrimSpace(req.Name) == "" {
		return req, errors.New("--name is missing: say who is invited, such as ana-phone")
	}
	if len(req.Scope) == 0 {
		return req, errors.New("--scope is missing: name the scopes that the site's rules ask for")
	}
	for _, s := range req.Scope {
		if !deny.ValidScope(s) {
			return req, fmt.Errorf("--scope: %q is no scope (RFC 6749 §3.3)", s)
		}
	}
	for _, name := range []string{"for", "within"} {
		text, _ := f.GetString(name)
		if d, err := caddy.ParseDuration(text); f.Changed(name) && (err != nil || d < time.Second) {
			return req, fmt.Errorf("--%s %q is no duration of 1s or more, such as 30m or 10d", name, text)
		}
	}
	return req, nil
}

// printInvited prints the link to standard output, and what people need beside it to standard error.
func printInvited(c *cobra.Command, v invited, asJSON bool) error {
	out, said := c.OutOrStdout(), c.ErrOrStderr()
	if asJSON {
		if err := printLine(out, v); err != nil {
			return err
		}
	} else {
		if _, err := fmt.Fprintln(out, v.Link); err != nil {
			return err
		}
		if err := DrawQRCode(said, v.Link); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(said, "%s: one browser, once, within %s (until %s). It stays in for %s and may: %s\n", visible(v.Name),
		v.Expires.Sub(v.Created), v.Expires.Local().Format(time.TimeOnly), v.stay(), scopes(v.Scope))
	return err
}

// printTaken prints who has taken it, and how to undo that.
func printTaken(c *cobra.Command, v invitation, asJSON bool, again string) error {
	print := func(w io.Writer) error {
		_, err := fmt.Fprintln(w, v.Taken)
		return err
	}
	if asJSON {
		print = func(w io.Writer) error { return printLine(w, v) }
	}
	if err := print(c.OutOrStdout()); err != nil {
		return err
	}
	_, err := fmt.Fprintf(c.ErrOrStderr(), "Was that somebody else? caddy botlatch sessions end %s%s\n", visible(v.Taken.Session), again)
	return err
}
