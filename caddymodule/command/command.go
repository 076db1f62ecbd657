// Package command is `caddy botlatch`. One file, one noun. Commands that act on a running latch go through its admin
// API; the others need no latch.
//
// Exit codes: 0 done; 1 wrong words on the command line, or a file that cannot be read or written; 2 the latch cannot be
// reached or did not do it; 3 the latch would not accept the token (token inspect), or nobody took the invitation (invite).
// Results go to standard output, everything else to standard error.
package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/cobra"
)

func init() {
	caddycmd.RegisterCommand(caddycmd.Command{
		Name:  "botlatch",
		Short: "Keys, tokens, people, revocations and open streams of the latch in front of your bot",
		Long: `Keys, tokens, people, revocations and open streams of the latch in front of your bot.

Exit codes: 0 done; 1 wrong words on the command line, or a file that cannot be
read or written; 2 the latch cannot be reached or did not do it; 3 no site would
accept the token (token inspect), or nobody took the invitation (invite).`,
		CobraFunc: func(c *cobra.Command) {
			group(c, proxyCommand(), keyCommand(), tokenCommand(), inviteCommand(), invitationsCommand(), sessionsCommand(),
				revokeCommand(), revocationsCommand(), streamsCommand(), holdCommand(), resumeCommand())
		},
	})
}

// group makes c the name of other commands, and of nothing else: cobra would take a misspelt one for an argument, print
// the help and exit with 0.
func group(c *cobra.Command, others ...*cobra.Command) *cobra.Command {
	c.AddCommand(others...)
	c.RunE = run(func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return fmt.Errorf("unknown command %q: see %s --help", args[0], c.CommandPath())
		}
		return c.Help()
	})
	return c
}

// listed is group, of which the name alone does what list does.
func listed(c *cobra.Command, list func(*cobra.Command, []string) error, others ...*cobra.Command) *cobra.Command {
	group(c, others...)
	unknown := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return unknown(c, args)
		}
		return run(list)(c, args)
	}
	return c
}

// The exit codes; every error but these is 1.
const (
	exitLatch   = 2 // the latch
	exitRefused = 3 // the latch answered, and the answer is no
)

// latchError is an error of the latch, or of the way to it.
type latchError struct{ error }

// Unwrap returns what went wrong.
func (e latchError) Unwrap() error { return e.error }

// refusal is an answer that is no.
type refusal struct{ error }

// run makes f a command's RunE: its error is one line on standard error, and its kind the exit code.
func run(f func(c *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		err := f(c, args)
		if err == nil {
			return nil
		}
		c.SilenceErrors, c.SilenceUsage = true, true
		_, _ = fmt.Fprintln(c.ErrOrStderr(), "Error:", err)
		code := 0
		switch {
		case errors.As(err, new(latchError)):
			code = exitLatch
		case errors.As(err, new(refusal)):
			code = exitRefused
		default:
			return err // exit code 1
		}
		return caddycmd.WrapCommandFuncForCobra(func(caddycmd.Flags) (int, error) { return code, nil })(c, args)
	}
}

// printJSON writes v as one indented JSON value.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// printLine writes v as one line of JSON.
func printLine(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// printLines writes each of all as one line of JSON.
func printLines[T any](w io.Writer, all []T) error {
	for _, v := range all {
		if err := printLine(w, v); err != nil {
			return err
		}
	}
	return nil
}
