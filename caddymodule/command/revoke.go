package command

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// maxToken bounds what is read as a token, bytes.
const maxToken = 16 << 10

// revokeCommand is `revoke`.
func revokeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "revoke --token <file>|- | --jti <jti> | --subject <sub> | --all",
		Short: "Revoke tokens: one, all of a subject, or everything issued until now",
		Long: `Revoke tokens. When the command says so it is durable and in force.

  --token <file>   this token; - reads it from standard input
  --jti <jti>      the token of this jti
  --subject <sub>  every token of this subject, also future ones, until the entry
                   is taken back; with --issued-before now: those issued until now
  --all            every token of every issuer that was issued until now`,
		Args: cobra.NoArgs,
		RunE: run(revoke),
	}
	f := c.Flags()
	f.String("token", "", "file that holds the token; - is standard input")
	f.String("jti", "", "jti of the token")
	f.String("subject", "", "subject (sub)")
	f.Bool("all", false, "everything issued until now")
	f.String("issuer", "", "whose jti or subject it is (iss); needed where the latch knows several issuers")
	f.String("issued-before", "", `only tokens issued by then: "now", or a time such as 2026-01-02T15:04:05Z`)
	f.String("reason", "", "why, for whoever reads the list later")
	f.Bool("json", false, "print the entry as JSON")
	c.MarkFlagsMutuallyExclusive("token", "jti", "subject", "all")
	c.MarkFlagsOneRequired("token", "jti", "subject", "all")
	addClientFlags(c)
	return c
}

// request is the body of POST /botlatch/revocations.
type request struct {
	Token        string          `json:"token,omitempty"`
	Kind         revocation.Kind `json:"kind,omitzero"`
	Issuer       *string         `json:"iss,omitempty"`
	Value        string          `json:"value,omitempty"`
	IssuedBefore string          `json:"issued_before,omitempty"`
	Reason       string          `json:"reason,omitempty"`
}

func revoke(c *cobra.Command, _ []string) error {
	req, err := revokeRequest(c)
	if err != nil {
		return err
	}
	latch, err := newClient(c)
	if err != nil {
		return err
	}
	var entry revocation.Entry
	if err := latch.do("POST", "/botlatch/revocations", req, &entry); err != nil {
		return err
	}
	if asJSON, _ := c.Flags().GetBool("json"); asJSON {
		return printJSON(c.OutOrStdout(), entry)
	}
	_, err = fmt.Fprintln(c.OutOrStdout(), "revoked:", describe(entry))
	return err
}

// revokeRequest reads the flags.
func revokeRequest(c *cobra.Command) (request, error) {
	f := c.Flags()
	var req request
	req.Reason, _ = f.GetString("reason")
	if path, _ := f.GetString("token"); f.Changed("token") {
		if f.Changed("issuer") || f.Changed("issued-before") {
			return req, errors.New("--token says it all: --issuer and --issued-before do not go with it")
		}
		var err error
		req.Token, err = readToken(c.InOrStdin(), path)
		return req, err
	}
	req.IssuedBefore, _ = f.GetString("issued-before")
	if issuer, _ := f.GetString("issuer"); f.Changed("issuer") {
		req.Issuer = &issuer
	}
	switch {
	case f.Changed("jti"):
		req.Kind = revocation.KindToken
		req.Value, _ = f.GetString("jti")
	case f.Changed("subject"):
		req.Kind = revocation.KindSubject
		req.Value, _ = f.GetString("subject")
	default:
		if all, _ := f.GetBool("all"); !all {
			return req, errors.New("--all=false revokes nothing")
		}
		req.Kind = revocation.KindAll
		if req.IssuedBefore == "" {
			req.IssuedBefore = "now"
		}
	}
	return req, nil
}

// readToken reads a token from a file or from standard input. White space around it is not its own.
func readToken(stdin io.Reader, path string) (string, error) {
	in := stdin
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return "", fmt.Errorf("reading the token: %w", err)
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	b, err := io.ReadAll(io.LimitReader(in, maxToken+1))
	token := strings.TrimSpace(string(b))
	switch {
	case err != nil:
		return "", fmt.Errorf("reading the token: %w", err)
	case token == "":
		return "", errors.New("reading the token: nothing there")
	case len(b) > maxToken, strings.ContainsAny(token, " \t\r\n"):
		return "", errors.New("reading the token: what is there is not one token (no line breaks, no `Bearer`)")
	}
	return token, nil
}

// describe is an entry in words.
func describe(e revocation.Entry) string {
	s := e.Kind.String()
	if e.Value != "" {
		s += " " + e.Value
	}
	if e.Issuer != "" {
		s += " of " + e.Issuer
	}
	if !e.IssuedBefore.IsZero() {
		s += ", issued by " + e.IssuedBefore.Format(time.RFC3339)
	}
	if e.ExpiresAt.IsZero() {
		s += ", until taken back"
	} else {
		s += ", expires " + e.ExpiresAt.Format(time.RFC3339)
	}
	if e.Reason != "" {
		s += " (" + e.Reason + ")"
	}
	return s
}
