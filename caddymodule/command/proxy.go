package command

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/spf13/cobra"

	"github.com/botlatch/botlatch/caddymodule/issue"
)

// dialTimeout is how long the bot has to take a connection.
const dialTimeout = 2 * time.Second

// proxyCommand is `proxy`.
func proxyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "proxy --to <url or host:port> [--from <host:port or host name>]",
		Short: "A latch in front of one bot, in one line",
		Long: `Run a latch in front of one bot until it is interrupted. On the first run it makes
a key; each run prints a curl line with a new token on standard output, and on
standard error where everything is and how the token is revoked.

  --from 127.0.0.1:8080     this machine only, in plain HTTP (the default)
  --from lock.example.com   by HTTPS; Caddy gets the certificate, for which the name
                            must lead here and ports 80 and 443 must be reachable

By HTTPS a phone can open the bot's own page: it also prints the line that invites
the first one.

Whoever has a token of scope "bot" may do everything that the bot can. --print
shows the Caddyfile that does it, to start your own from: there, say who may do
what. Key, Caddyfile, revocations and admin socket are in --dir.`,
		Args: cobra.NoArgs,
		RunE: run(proxy),
	}
	f := c.Flags()
	f.String("from", "127.0.0.1:8080", "where the latch listens")
	f.String("to", "", "where the bot listens, such as http://127.0.0.1:3000")
	f.String("dir", "", "directory of key, Caddyfile and revocations (default: one in Caddy's data directory)")
	f.Duration("ttl", time.Hour, "how long the first token is valid, at most 24h")
	f.Bool("print", false, "print the Caddyfile and do nothing")
	f.Bool("json", false, "print the result as JSON")
	return c
}

// proxying is the result of `proxy --json`.
type proxying struct {
	URL       string    `json:"url"`
	To        string    `json:"to"`
	Directory string    `json:"dir"`
	Address   string    `json:"address"`
	Token     string    `json:"token"`
	ID        string    `json:"jti"`
	ExpiresAt time.Time `json:"expires_at"`
	Invite    string    `json:"invite,omitempty"` // the line that invites a phone
}

// proxyPlan is what the flags of proxy ask for.
type proxyPlan struct {
	from, to  endpoint
	files     proxyFiles
	caddyfile string
	ttl       time.Duration
}

func proxy(c *cobra.Command, _ []string) error {
	p, err := planProxy(c)
	if err != nil {
		return err
	}
	if only, _ := c.Flags().GetBool("print"); only {
		_, err := fmt.Fprint(c.OutOrStdout(), p.caddyfile)
		return err
	}
	if err := p.checkEnds(c.Context()); err != nil {
		return err
	}
	key, err := p.files.prepare(p.caddyfile)
	if err != nil {
		return err
	}
	token := issue.Token{
		Issuer: proxyIssuer, Subject: proxyIssuer, Audience: []string{p.from.url()}, Scope: []string{proxyScope}, TTL: p.ttl,
	}
	issued, err := token.Issue(key, time.Now())
	if err != nil {
		return err
	}
	if err := p.start(); err != nil {
		return err
	}
	if err := p.tell(c, issued); err != nil {
		return err
	}
	select {} // Caddy ends the process when it is told to
}

// planProxy reads the flags.
func planProxy(c *cobra.Command) (p proxyPlan, err error) {
	f := c.Flags()
	from, _ := f.GetString("from")
	to, _ := f.GetString("to")
	dir, _ := f.GetString("dir")
	p.ttl, _ = f.GetDuration("ttl")
	if to == "" {
		return p, errors.New("--to is missing: say where the bot listens, such as http://127.0.0.1:3000")
	}
	if p.ttl < time.Second || p.ttl > issue.MaxTTL {
		return p, fmt.Errorf("--ttl %s: a token lives from 1s to %s", p.ttl, issue.MaxTTL)
	}
	if p.from, err = parseFrom(from); err != nil {
		return p, err
	}
	if p.to, err = parseTo(to); err != nil {
		return p, err
	}
	if p.from.is(p.to) {
		return p, fmt.Errorf("--to %s is the latch itself: the bot needs another port", p.to.address())
	}
	if p.files, err = proxyDir(dir, p.from); err != nil {
		return p, err
	}
	p.caddyfile, err = p.files.render(p.from, p.to)
	return p, err
}

// checkEnds makes sure that nobody has the place of the latch and that the bot is there.
func (p proxyPlan) checkEnds(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	if conn, err := new(net.Dialer).DialContext(ctx, "unix", p.files.socket()); err == nil {
		_ = conn.Close()
		return fmt.Errorf("a latch is running in %s already: end it, or choose another directory with --dir", p.files.dir)
	}
	// Caddy shares a port with whoever listens there already, and each would get some of the requests.
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", p.from.listen())
	if err != nil {
		return fmt.Errorf("--from %s cannot be listened on: %w", p.from.address(), err)
	}
	_ = listener.Close()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", p.to.address())
	if err != nil {
		return fmt.Errorf("nobody answers at --to %s, start the bot first: %w", p.to.address(), err)
	}
	_ = conn.Close()
	return nil
}

// start runs the Caddyfile in this process.
func (p proxyPlan) start() error {
	adapted, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(p.caddyfile), map[string]any{"filename": p.files.caddyfile()})
	if err != nil {
		return fmt.Errorf("reading the Caddyfile that was written: %w", err)
	}
	caddy.TrapSignals()
	if err := caddy.Load(adapted, true); err != nil {
		return fmt.Errorf("starting the latch: %w", err)
	}
	return nil
}

// tell prints what one needs to begin. The token goes to standard output alone: standard error is where the log goes.
func (p proxyPlan) tell(c *cobra.Command, issued *issue.Issued) error {
	url, admin := p.from.url(), "unix/"+p.files.socket()
	var err error
	if asJSON, _ := c.Flags().GetBool("json"); asJSON {
		err = printJSON(c.OutOrStdout(), proxying{
			url, p.to.url(), p.files.dir, admin, issued.Raw, issued.ID, issued.ExpiresAt.UTC(), p.inviteLine(),
		})
	} else {
		_, err = fmt.Fprintf(c.OutOrStdout(), "curl -H \"Authorization: Bearer %s\" %s/\n", issued.Raw, url)
	}
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(c.ErrOrStderr(), `latch: %s in front of %s
files: %s
The token of the curl line expires at %s. To end it sooner:
  caddy botlatch revoke --jti %s --address '%s'
Another token:
  caddy botlatch token issue --key '%s' --issuer %s --audience %s --scope %s --subject <who>
`, url, p.to.url(), p.files.dir, issued.ExpiresAt.Format(time.RFC3339), issued.ID, admin,
		p.files.key().Path, proxyIssuer, url, proxyScope)
	if line := p.inviteLine(); line != "" {
		_, _ = fmt.Fprintf(c.ErrOrStderr(), "A phone, which opens the bot's own page:\n  %s\n", line)
	}
	return nil
}

// inviteLine invites the first phone; empty: browsers cannot sign in.
func (p proxyPlan) inviteLine() string {
	if !p.from.https() {
		return ""
	}
	return fmt.Sprintf("caddy botlatch invite --name my-phone --scope %s --address %s", proxyScope, quoted("unix/"+p.files.socket()))
}
