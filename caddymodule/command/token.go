package command

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/botlatch/botlatch/caddymodule/issue"
)

// longLived is the longest life of a token that was asked for with --long-lived.
const longLived = 400 * 24 * time.Hour

// tokenCommand is `token issue` and `token inspect`.
func tokenCommand() *cobra.Command {
	return group(&cobra.Command{Use: "token", Short: "Access tokens"}, tokenIssueCommand(), tokenInspectCommand())
}

func tokenIssueCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "issue --key <file" + issue.PrivateSuffix + "> --subject <name>",
		Short: "Issue an access token (RFC 9068)",
		Long: `Issue an access token (RFC 9068). Standard output holds the token and nothing
else, so that it can go into a file or a variable; what it says goes to standard
error. It always has a jti, by which it can be revoked, and always expires.`,
		Args: cobra.NoArgs,
		RunE: run(tokenIssue),
	}
	f := c.Flags()
	f.String("key", "", "the private key, from `caddy botlatch key new`")
	f.String("subject", "", "who the token is for (sub)")
	f.String("issuer", "", "who issues it (iss), as the latch's configuration names it; none for a site's own secret")
	f.String("client-id", "", "the client that will use it (client_id); default: the subject")
	f.StringArray("audience", nil, "what it is meant for (aud); may be repeated")
	f.StringArray("scope", nil, `scopes, separated by spaces; may be repeated`)
	f.Duration("ttl", issue.DefaultTTL, "how long it is valid, at most 24h")
	f.Bool("long-lived", false, "allow a ttl of up to 400 days; the site's max_lifetime must allow it too")
	f.Bool("json", false, "print the token and what it says as JSON")
	return c
}

// issuedToken is the result of `token issue --json`.
type issuedToken struct {
	Token     string    `json:"token"`
	ID        string    `json:"jti"`
	IssuedAt  time.Time `json:"issued_at"`
	ExpiresAt time.Time `json:"expires_at"`
}

func tokenIssue(c *cobra.Command, _ []string) error {
	f := c.Flags()
	path, _ := f.GetString("key")
	if path == "" {
		return fmt.Errorf("--key is missing: make one with `caddy botlatch key new bot%s`", issue.PrivateSuffix)
	}
	key, err := issue.KeyFile{Path: path}.Load()
	if err != nil {
		return err
	}
	var t issue.Token
	t.Subject, _ = f.GetString("subject")
	t.Issuer, _ = f.GetString("issuer")
	t.ClientID, _ = f.GetString("client-id")
	t.Audience, _ = f.GetStringArray("audience")
	scopes, _ := f.GetStringArray("scope")
	t.Scope = strings.Fields(strings.Join(scopes, " "))
	if t.TTL, _ = f.GetDuration("ttl"); t.TTL == 0 {
		return fmt.Errorf("--ttl 0s: a token must live a second or longer")
	}
	if long, _ := f.GetBool("long-lived"); long {
		t.MaxTTL = longLived
	}
	issued, err := t.Issue(key, time.Now())
	if err != nil {
		return err
	}
	if asJSON, _ := f.GetBool("json"); asJSON {
		return printJSON(c.OutOrStdout(), issuedToken{issued.Raw, issued.ID, issued.IssuedAt.UTC(), issued.ExpiresAt.UTC()})
	}
	_, _ = fmt.Fprintf(c.ErrOrStderr(), "jti: %s\nexpires: %s\n", issued.ID, issued.ExpiresAt.Format(time.RFC3339))
	_, err = fmt.Fprintln(c.OutOrStdout(), issued.Raw)
	return err
}
