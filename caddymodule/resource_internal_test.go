package caddymodule

import (
	"context"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/caddyserver/caddy/v2/modules/caddytls"
)

// TestTheOriginOfASiteIsWhatClientsWrite: without the scheme's own port (RFC 6454 §6.2), and none where the listeners do not tell one.
// The ports are those of HTTP and HTTPS themselves, on which a test cannot listen.
func TestTheOriginOfASiteIsWhatClientsWrite(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tls          bool
		listen       string
		host, origin string
	}{
		"ok/HTTPS":                   {true, ":443", "lock.test", "https://lock.test"},
		"ok/two addresses":           {true, "127.0.0.1:443 [::1]:443", "lock.test", "https://lock.test"},
		"ok/another port":            {true, ":4443", "lock.test", "https://lock.test:4443"},
		"ok/address":                 {true, ":443", "::1", "https://[::1]"},
		"ok/address, another port":   {true, ":8443", "::1", "https://[::1]:8443"},
		"ok/HTTP for others besides": {true, ":80 :443", "lock.test", "https://lock.test"},
		"ok/socket besides":          {true, "unix//run/lock.sock :443", "lock.test", "https://lock.test"},
		"ok/HTTP, this machine":      {false, "127.0.0.1:80", "localhost", "http://localhost"},
		"ok/HTTP, another port":      {false, "127.0.0.1:8080", "127.0.0.1", "http://127.0.0.1:8080"},
		"none/HTTP":                  {false, "127.0.0.1:80", "lock.test", ""},
		"none/HTTP for everybody":    {false, ":80", "localhost", ""},
		"none/HTTP port with TLS":    {true, ":80", "lock.test", ""},
		"none/two ports":             {true, ":443 :8443", "lock.test", ""},
		"none/two schemes":           {true, "127.0.0.1:80 :443", "localhost", ""},
		"none/range":                 {true, ":8443-8444", "lock.test", ""},
		"none/any port":              {false, "127.0.0.1:0", "localhost", ""},
		"none/socket":                {true, "unix//run/lock.sock", "lock.test", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &caddyhttp.Server{Listen: strings.Fields(c.listen)}
			if c.tls {
				server.TLSConnPolicies = make(caddytls.ConnectionPolicies, 1)
			}
			ctx, cancel := caddy.NewContext(caddy.Context{Context: context.WithValue(t.Context(), caddyhttp.ServerCtxKey, server)})
			defer cancel()
			p := sitePlace{siteName: siteName{hosts: []string{c.host}}}
			p.scheme, p.port = spoken(ctx, server.Listen)
			got := ""
			if u := p.originURL(c.host); u != nil {
				got = u.String()
			}
			if got != c.origin {
				t.Errorf("origin %q, want %q", got, c.origin)
			}
		})
	}
}
