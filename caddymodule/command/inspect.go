package command

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// tokenInspectCommand is `token inspect`.
func tokenInspectCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "inspect [--token <file>|-] [--method <method>] [--path <path>]",
		Short: "Ask the running latch what it would say to a token, and why",
		Long: `Ask the running latch what it would say to a token, site by site and row by row:
whether it verifies, is valid now and not revoked, and what each rule says to it;
with --path only the rule that decides that request. Nothing is counted, logged or
used up, and neither the token nor what it claims is shown.

Exit code 0: some site would accept it; 3: none would.`,
		Args: cobra.NoArgs,
		RunE: run(tokenInspect),
	}
	f := c.Flags()
	f.String("token", "-", "file that holds the token; - is standard input")
	f.String("method", "GET", "the method of the request; WS is a WebSocket handshake")
	f.String("path", "", "the path of the request, as it would be sent")
	f.Bool("json", false, "print the answer as JSON")
	addClientFlags(c)
	return c
}

// question is the body of POST /botlatch/inspect.
type question struct {
	Token  string `json:"token"`
	Method string `json:"method,omitempty"`
	Path   string `json:"path,omitempty"`
}

// inspections is the answer.
type inspections struct {
	Sites []inspection `json:"sites"`
}

type inspection struct {
	Hosts      []string    `json:"hosts,omitempty"`
	Listen     []string    `json:"listen"`
	Realm      string      `json:"realm"`
	Issuers    []string    `json:"issuers"`
	ReportOnly bool        `json:"insecure_report_only,omitempty"`
	Checks     []inspected `json:"checks"`
	Rules      []inspected `json:"rules"`
	Accepted   bool        `json:"accepted"`
}

// inspected is one row.
type inspected struct {
	Name   string   `json:"name"`
	Passed bool     `json:"passed"`
	Reason string   `json:"reason,omitempty"`
	Detail string   `json:"detail,omitempty"`
	Scope  []string `json:"scope,omitempty"`
	Once   bool     `json:"once,omitempty"`
}

func tokenInspect(c *cobra.Command, _ []string) error {
	f := c.Flags()
	var q question
	q.Path, _ = f.GetString("path")
	if q.Path == "" && f.Changed("method") {
		return errors.New("--method says nothing without --path")
	}
	if q.Path != "" {
		q.Method, _ = f.GetString("method")
	}
	file, _ := f.GetString("token")
	var err error
	if q.Token, err = readToken(c.InOrStdin(), file); err != nil {
		return err
	}
	latch, err := newClient(c)
	if err != nil {
		return err
	}
	var answer inspections
	if err := latch.do("POST", "/botlatch/inspect", q, &answer); err != nil {
		return err
	}
	if asJSON, _ := f.GetBool("json"); asJSON {
		err = printJSON(c.OutOrStdout(), answer)
	} else {
		err = printInspections(c.OutOrStdout(), answer)
	}
	if err != nil {
		return err
	}
	for _, site := range answer.Sites {
		if site.Accepted {
			return nil
		}
	}
	return refusal{errors.New("no site would accept this token")}
}

func printInspections(w io.Writer, answer inspections) error {
	var b strings.Builder
	for _, site := range answer.Sites {
		fmt.Fprintf(&b, "%s\n", site.name())
		for _, row := range append(site.Checks, site.Rules...) {
			fmt.Fprintf(&b, "  %-40s  %s\n", row.Name, row.verdict())
		}
		verdict := "refused"
		if site.Accepted {
			verdict = "accepted"
		}
		if site.ReportOnly {
			verdict += ", and not enforced (insecure_report_only)"
		}
		fmt.Fprintf(&b, "  → %s\n", verdict)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// name is the site as a person knows it.
func (i inspection) name() string {
	hosts := strings.Join(i.Hosts, ", ")
	if hosts == "" {
		hosts = "any host"
	}
	issuers := make([]string, len(i.Issuers))
	for n, issuer := range i.Issuers {
		if issuers[n] = issuer; issuer == "" {
			issuers[n] = "the site's own"
		}
	}
	return fmt.Sprintf("%s on %s, realm %s, issuers: %s", hosts, strings.Join(i.Listen, " "), i.Realm, strings.Join(issuers, ", "))
}

func (r inspected) verdict() string {
	switch {
	case r.Passed && r.Once:
		return "passes, once, unless it was used before"
	case r.Passed:
		return "passes"
	}
	s := "denied: " + r.Reason
	if r.Detail != "" {
		s += ", " + r.Detail
	}
	if len(r.Scope) > 0 {
		s += " (the rule asks for scope " + strings.Join(r.Scope, " ") + ")"
	}
	return s
}
