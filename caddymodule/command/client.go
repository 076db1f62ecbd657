package command

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/cobra"
)

// maxAnswer bounds what is read of an answer, bytes: a page of the list.
const maxAnswer = 16 << 20

// client speaks to the admin API of a running latch.
type client struct {
	address string
	again   string // flags by which another command finds it: empty, or with a space before each
}

// addClientFlags adds the flags by which newClient finds the latch.
func addClientFlags(c *cobra.Command) {
	c.Flags().String("address", "", "the latch's admin address, such as unix//run/botlatch/admin.sock")
	c.Flags().StringP("config", "c", "", "the configuration that the latch runs: its admin address is used (default ./Caddyfile)")
	c.Flags().StringP("adapter", "a", "", "name of the configuration's adapter")
}

// newClient finds the admin address by --address, then in --config, then in ./Caddyfile, and last takes Caddy's own
// default. It says which one it uses.
func newClient(c *cobra.Command) (client, error) {
	address, _ := c.Flags().GetString("address")
	config, _ := c.Flags().GetString("config")
	adapter, _ := c.Flags().GetString("adapter")
	from := "--address"
	if address == "" {
		from = "Caddy's default"
		if config == "" {
			if _, err := os.Stat("Caddyfile"); !errors.Is(err, fs.ErrNotExist) {
				config = "Caddyfile"
			}
		}
		if config != "" {
			from = config
		}
		var err error
		if address, err = caddycmd.DetermineAdminAPIAddress("", nil, config, adapter); err != nil {
			return client{}, fmt.Errorf("finding the latch: %w", err)
		}
	}
	_, _ = fmt.Fprintf(c.ErrOrStderr(), "latch: %s (%s)\n", address, from)
	return client{address, sameFlags(c)}, nil
}

// sameFlags are those by which c was told where the latch is.
func sameFlags(c *cobra.Command) (s string) {
	for _, name := range []string{"address", "config", "adapter"} {
		if value, _ := c.Flags().GetString(name); value != "" {
			s += " --" + name + " " + quoted(value)
		}
	}
	return s
}

// quoted is one word to a shell.
func quoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

// do sends in as JSON, unless it is nil, and reads the answer into out.
func (c client) do(method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	// Each request has a connection of its own: kept open, those of a command that asks each second would pile up.
	header := http.Header{"Connection": {"close"}}
	res, err := caddycmd.AdminAPIRequest(c.address, method, path, header, body)
	if err != nil {
		return latchError{plain(err)}
	}
	defer func() { _ = res.Body.Close() }()
	if err := json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(out); err != nil {
		return latchError{fmt.Errorf("reading the latch's answer: %w", err)}
	}
	return nil
}
