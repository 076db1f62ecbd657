package command

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// maxToken bounds what is read as a token, bytes.
const maxToken = 16 << 10

// revokeCommand is `revoke`.
func revokeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "revoke --token <file>|- | --jti <jti> | --subject <sub> | --kid <kid> | --issuer <iss> | --all",
		Short: "Revoke tokens: one, all of a subject, a key or an issuer, or everything issued until now",
		Long: `Revoke tokens. When the command says so it is durable and in force, and the streams
that were open with them have ended.
` + nameHelp + `

What names more than one token also takes out future ones, until it is taken back
(revocations remove); with --issued-before now only those issued until now, which
is what --all always means: who gets a new token goes on. With --expires the entry
goes a day after that time: say when the last token of that name expires.

To stop everybody for a while, and go on with the same tokens, there is hold.`,
		Args: cobra.NoArgs,
		RunE: run(revoke),
	}
	addNameFlags(c)
	f := c.Flags()
	f.String("issued-before", "", `only tokens issued by then: "now", or a time such as 2026-01-02T15:04:05Z`)
	f.String("expires", "", "when the last of these tokens expires, a time such as 2026-01-02T15:04:05Z; default: never")
	f.String("reason", "", "why, for whoever reads the list later")
	f.Bool("json", false, "print the entry as JSON")
	addClientFlags(c)
	return c
}

// request is the body of POST and DELETE /botlatch/revocations.
type request struct {
	Token        string          `json:"token,omitempty"`
	KeyID        string          `json:"kid,omitempty"`
	Kind         revocation.Kind `json:"kind,omitzero"`
	Issuer       *string         `json:"iss,omitempty"`
	Value        string          `json:"value,omitempty"`
	IssuedBefore string          `json:"issued_before,omitempty"`
	ExpiresAt    time.Time       `json:"expires_at,omitzero"`
	Reason       string          `json:"reason,omitempty"`
}

func revoke(c *cobra.Command, _ []string) error {
	req, err := revokeRequest(c, time.Now())
	if err != nil {
		return err
	}
	latch, err := newClient(c)
	if err != nil {
		return err
	}
	var revoked struct {
		revocation.Entry
		ended
	}
	if err := latch.do("POST", "/botlatch/revocations", req, &revoked); err != nil {
		return err
	}
	if asJSON, _ := c.Flags().GetBool("json"); asJSON {
		return printJSON(c.OutOrStdout(), revoked)
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "revoked: %s\n%s\n", describe(revoked.Entry), revoked.ended)
	return err
}

// ended is what a change did to the streams that were open.
type ended struct {
	Streams int     `json:"streams_ended"`
	TookMS  float64 `json:"took_ms"`
}

// String is it in words.
func (e ended) String() string {
	return fmt.Sprintf("streams ended: %d, in %.1f ms", e.Streams, e.TookMS)
}

// revokeRequest reads the flags.
func revokeRequest(c *cobra.Command, now time.Time) (request, error) {
	f := c.Flags()
	if f.Changed("token") && (f.Changed("issued-before") || f.Changed("expires")) {
		return request{}, errors.New("--token says it all: --issued-before and --expires do not go with it")
	}
	req, err := readName(c)
	if err != nil {
		return req, err
	}
	req.Reason, _ = f.GetString("reason")
	req.IssuedBefore, _ = f.GetString("issued-before")
	if req.Kind == revocation.KindAll && req.IssuedBefore == "" {
		req.IssuedBefore = "now"
	}
	if expires, _ := f.GetString("expires"); f.Changed("expires") {
		if req.ExpiresAt, err = time.Parse(time.RFC3339, expires); err != nil {
			return req, errors.New("--expires is not a time such as 2026-01-02T15:04:05Z")
		}
		if !req.ExpiresAt.After(now) {
			return req, errors.New("--expires lies in the past: the entry would go with it")
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
	s := describeName(e)
	if !e.IssuedBefore.IsZero() {
		s += ", issued by " + e.IssuedBefore.Format(time.RFC3339)
	}
	switch {
	case e.Kind == revocation.KindHold:
		s += ": everything, until resume"
	case e.ExpiresAt.IsZero():
		s += ", until taken back"
	default:
		s += ", expires " + e.ExpiresAt.Format(time.RFC3339)
	}
	if e.Reason != "" {
		s += " (" + e.Reason + ")"
	}
	return s
}

// describeName is what an entry takes out. Names come from tokens: one that would disturb the terminal is quoted.
func describeName(e revocation.Entry) string {
	e.Issuer, e.Value = visible(e.Issuer), visible(e.Value)
	switch {
	case e.Kind == revocation.KindIssuer:
		return "issuer " + e.Issuer
	case e.Value == "":
		return e.Kind.String()
	case e.Issuer == "":
		return e.Kind.String() + " " + e.Value
	}
	return e.Kind.String() + " " + e.Value + " of " + e.Issuer
}

// visible quotes what is not printable.
func visible(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}
