package command

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
)

// keyCommand is `key new` and `key rotate`.
func keyCommand() *cobra.Command {
	return group(&cobra.Command{Use: "key", Short: "Keys that sign access tokens"}, keyNewCommand(), keyRotateCommand())
}

func keyNewCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "new <file" + issue.PrivateSuffix + ">",
		Short: "Make a key: a private file that signs, and a file for the latch",
		Long: `Make a key. The private key stays with whoever issues tokens, mode 0600. Beside it
stands the file that the latch reads: the public key set (.jwks.json), or for
HS256 the secret (.secret, mode 0600). Nothing is overwritten.`,
		Args: cobra.ExactArgs(1),
		RunE: run(keyNew),
	}
	c.Flags().String("alg", jose.EdDSA.String(), "HS256, RS256, ES256, EdDSA or another of RFC 7518")
	c.Flags().Bool("json", false, "print the result as JSON")
	return c
}

// newKey is the result of `key new --json`.
type newKey struct {
	Private   string `json:"private"`
	Public    string `json:"public,omitempty"`
	Secret    string `json:"secret,omitempty"`
	KeyID     string `json:"kid"`
	Algorithm string `json:"alg"`
}

func keyNew(c *cobra.Command, args []string) error {
	name, _ := c.Flags().GetString("alg")
	alg, err := jose.ParseAlgorithm(name)
	if err != nil {
		return fmt.Errorf("--alg %q: %w; HS256, RS256, ES256 and EdDSA are", name, err)
	}
	if !strings.HasSuffix(args[0], issue.PrivateSuffix) {
		return fmt.Errorf("the file of a private key ends in %s", issue.PrivateSuffix)
	}
	file := issue.KeyFile{Path: args[0]}
	if err := file.New(alg); err != nil {
		return err
	}
	key, err := file.Load()
	if err != nil {
		return err
	}
	made := newKey{Private: file.Path, KeyID: key.ID, Algorithm: alg.String()}
	line := "keys static " + file.PublicPath()
	if alg.Symmetric() {
		made.Secret, line = file.SecretPath(), "secret_base64 {file."+file.SecretPath()+"}"
	} else {
		made.Public = file.PublicPath()
	}
	if asJSON, _ := c.Flags().GetBool("json"); asJSON {
		return printJSON(c.OutOrStdout(), made)
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "private key: %s (keep it where tokens are issued, not on the latch)\nfor the latch: %s\n",
		file.Path, line)
	return err
}
