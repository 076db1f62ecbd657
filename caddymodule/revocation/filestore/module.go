// Package filestore is the guest botlatch.revocation_stores.file: revocations in a text file, kept in git or written by
// other tools. It is read only.
//
// The file is looked at each second, and replaced or edited however its owner likes. One that is broken, half written,
// empty or gone keeps the last list in force, and says so.
package filestore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

func init() { caddy.RegisterModule(Config{}) }

// Config is the configuration of the store.
type Config struct {
	// Path of the file, one entry a line:
	//
	//	0b5c7a9e-4f0f-4f43-9c0d-8f2a1d3c5e7f         # lost phone: the token of this jti
	//	jti:urn:uuid:0b5c7a9e iss:https://id.example.com/
	//	sub:ana                                      # every token of ana, those to come too
	//	sub:"ana maria" before:2026-01-02T15:04:05Z  # only those issued until then
	//	sid:8f2a  kid:<thumbprint>  fingerprint:<hash>  iss:https://id.example.com/
	//	before:2026-01-02T15:04:05Z                  # every token issued until then
	//	hold:                                        # everything, until the line is gone
	//
	// with iss:, before: and expires: behind a name as needed; what follows # is the reason. A kid is given by the RFC 7638
	// thumbprint of its key, as `caddy botlatch revocations` shows it. Every line ends with a line feed; a list
	// of nothing is a comment, because an empty file is what a writer leaves behind that died. Placeholders are resolved when
	// the configuration is loaded. Required.
	Path string `json:"path,omitempty"`

	// Issuer is whose jti, sub and sid the file lists where a line says no iss:. Empty is a site's own secret or keys, whose
	// tokens have none. Default: every such line needs its iss:.
	Issuer *string `json:"issuer,omitempty"`

	path string // absolute, resolved
}

// CaddyModule returns the Caddy module information.
func (Config) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "botlatch.revocation_stores.file", New: func() caddy.Module { return new(Config) }}
}

// Provision resolves the words. It opens nothing.
func (c *Config) Provision(caddy.Context) error {
	if c.Path == "" {
		return errors.New("revocation store file: path missing")
	}
	words := []string{c.Path, ""}
	if c.Issuer != nil {
		words[1] = *c.Issuer
	}
	replacer := caddy.NewReplacer()
	for i, word := range words {
		resolved, err := replacer.ReplaceOrErr(word, true, true)
		if err != nil {
			return fmt.Errorf("revocation store file: resolving %s: %w", word, err)
		}
		words[i] = resolved
	}
	if c.Issuer != nil {
		c.Issuer = &words[1]
	}
	path, err := filepath.Abs(words[0])
	if err != nil {
		return fmt.Errorf("revocation store file: %w", err)
	}
	c.path = path
	return nil
}

// UnmarshalCaddyfile sets up the store from Caddyfile tokens. Syntax:
//
//	file <path> {
//		issuer <iss>
//	}
func (c *Config) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // the store's name
	if !d.NextArg() || d.Val() == "" {
		return d.Err("revocation store 'file' needs a path")
	}
	c.Path = d.Val()
	if d.NextArg() {
		return d.Errf("surplus argument '%s'", d.Val())
	}
	for d.NextBlock(0) {
		if d.Val() != "issuer" {
			return d.Errf("unrecognized option '%s' of revocation store 'file'", d.Val())
		}
		if c.Issuer != nil {
			return d.Err("'issuer' stands twice")
		}
		args := d.RemainingArgs()
		if len(args) != 1 {
			return d.Err(`'issuer' takes one value; "" is a site's own secret or keys`)
		}
		c.Issuer = &args[0]
	}
	return nil
}

// Resource implements revocation.Opener: the absolute path, and the issuer that lines without one belong to: under another
// one the file says something else.
func (c *Config) Resource() string {
	if c.Issuer == nil {
		return "file:" + c.path
	}
	return "file:" + c.path + " of " + *c.Issuer
}

// Open implements revocation.Opener.
func (c *Config) Open(ctx context.Context) (revocation.Store, error) {
	if c.path == "" {
		return nil, errors.New("opening revocation store file: not provisioned")
	}
	s, err := open(ctx, c.path, c.Issuer)
	if err != nil {
		return nil, fmt.Errorf("opening revocation store %s: %w", c.path, err)
	}
	return s, nil
}

// Interface guards
var (
	_ caddy.Provisioner     = (*Config)(nil)
	_ caddyfile.Unmarshaler = (*Config)(nil)
	_ revocation.Opener     = (*Config)(nil)
)
