package command

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// nameFlag is a flag whose value names what an entry takes out.
type nameFlag struct {
	flag  string
	kind  revocation.Kind
	world bool // the name is the same for every issuer
	usage string
}

func nameFlags() []nameFlag {
	return []nameFlag{
		{"jti", revocation.KindToken, false, "jti (or uti) of the token"},
		{"subject", revocation.KindSubject, false, "subject (sub)"},
		{"sub", revocation.KindSubject, false, "short for --subject"},
		{"session", revocation.KindSession, false, "session (sid)"},
		{"kid", revocation.KindKey, false, "kid of a key that the latch knows now"},
		{"thumbprint", revocation.KindKey, true, "RFC 7638 thumbprint of a key, as the list shows it"},
		{"fingerprint", revocation.KindFingerprint, true, "fingerprint of a token without a jti, as the list shows it"},
	}
}

// nameHelp explains the flags of addNameFlags; revoke and `revocations remove` say it in their help.
const nameHelp = `
  --token <file>   this token; - reads it from standard input
  --jti <jti>      the token of this jti, or uti where it has none
  --subject <sub>  every token of this subject (also --sub)
  --session <sid>  every token of this session
  --kid <kid>      every token that this key signs, whatever its kid becomes; a
                   secret cannot be named, see the error
  --issuer <iss>   alone: every token of this issuer; beside a flag above: whose
                   jti, subject, session or kid it is
  --all            every token of every issuer that was issued until now
  --thumbprint, --fingerprint  keys and tokens as the list names them`

// addNameFlags adds the flags that readName reads.
func addNameFlags(c *cobra.Command) {
	f := c.Flags()
	f.String("token", "", "file that holds the token; - is standard input")
	one := []string{"token"}
	for _, n := range nameFlags() {
		f.String(n.flag, "", n.usage)
		one = append(one, n.flag)
	}
	f.Bool("all", false, "every token of every issuer")
	one = append(one, "all")
	f.String("issuer", "", "this issuer (iss), or whose jti, subject, session or kid it is where the latch knows several")
	c.MarkFlagsMutuallyExclusive(one...)
	c.MarkFlagsOneRequired(append(one, "issuer")...)
}

// readName reads the flags of addNameFlags.
func readName(c *cobra.Command) (request, error) {
	var req request
	f := c.Flags()
	issuer, _ := f.GetString("issuer")
	if f.Changed("issuer") {
		req.Issuer = &issuer
	}
	if f.Changed("token") {
		if f.Changed("issuer") {
			return req, errors.New("--token says it all: --issuer does not go with it")
		}
		path, _ := f.GetString("token")
		var err error
		req.Token, err = readToken(c.InOrStdin(), path)
		return req, err
	}
	if f.Changed("all") {
		if all, _ := f.GetBool("all"); !all {
			return req, errors.New("--all=false names nothing")
		}
		if f.Changed("issuer") {
			return req, errors.New("--all means every issuer: for one of them leave --all out")
		}
		req.Kind = revocation.KindAll
		return req, nil
	}
	for _, n := range nameFlags() {
		if !f.Changed(n.flag) {
			continue
		}
		value, _ := f.GetString(n.flag)
		if value == "" {
			return req, fmt.Errorf("--%s is empty", n.flag)
		}
		if n.world && f.Changed("issuer") {
			return req, fmt.Errorf("--%s is the same for every issuer: --issuer does not go with it", n.flag)
		}
		req.Kind, req.Value = n.kind, value
		if n.flag == "kid" {
			req.KeyID, req.Value = value, ""
		}
		return req, nil
	}
	if issuer == "" {
		return req, errors.New("--issuer is empty: tokens of a site's own secret go by --subject, --jti or --all")
	}
	req.Kind = revocation.KindIssuer
	return req, nil
}
