package command

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
)

// What the tokens of a proxy say.
const (
	proxyIssuer = "owner"
	proxyScope  = "bot"
)

// maxSocketPath is how long the path of a socket may be; the shortest limit of the systems Caddy runs on is 104.
const maxSocketPath = 103

// proxyTemplate is the Caddyfile of a proxy, with everything in one directory.
const proxyTemplate = `# A latch in front of one bot. Written at each start of
#	{{.Command}}
# so copy it before you change it, and run the copy with caddy run --config.
{
	admin "unix/{{.Socket}}|0600"
	persist_config off
	grace_period 3s

	botlatch {
		issuer {{.Issuer}} {
			keys static "{{.Keys}}"
			audience {{.From.URL}}
		}
		revocation bolt "{{.Revocations}}"
	}

	# Tokens also turn up in queries, subprotocols and pages that link here.
	log {
		format filter {
			request>uri regexp \?.* ?REDACTED
			request>headers>Sec-Websocket-Protocol delete
			request>headers>Dpop delete
			request>headers>Referer delete
			user_id delete
			wrap json
		}
	}
}

{{.From.Sites}} {
{{- if .From.Bind}}
	bind {{.From.Bind}}
{{- end}}
	botlatch {
{{- if .From.People}}
		sign_in {
			invite
			session_keys "{{.SessionKeys}}"
		}
{{- end}}
		allow *,WS /** scope {{.Scope}}
	}
	reverse_proxy {{.To}} {
		transport http {
			keepalive 3s # Node closes idle connections after 5 s
		}
	}
}
`

// proxySite is the site address, where it binds, and whether browsers can sign in: they keep our cookies for HTTPS alone.
type proxySite struct {
	URL, Sites, Bind string
	People           bool
}

// proxyFiles is the directory of a proxy.
type proxyFiles struct{ dir string }

// proxyDir is the directory of a proxy: dir, or one in Caddy's data directory with the name of from.
func proxyDir(dir string, from endpoint) (proxyFiles, error) {
	if dir == "" {
		name := strings.NewReplacer(":", "_", "[", "", "]", "").Replace(from.host + "_" + from.port)
		dir = filepath.Join(caddy.AppDataDir(), "botlatch", "proxy", name)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return proxyFiles{}, err
	}
	p := proxyFiles{dir}
	switch {
	case strings.ContainsAny(dir, "{}\"`|\\\r\n"):
		return p, errors.New("the directory has a character in its name that a Caddyfile could misread: choose another with --dir")
	case len(p.socket()) > maxSocketPath:
		return p, fmt.Errorf("%s is too long for the path of a socket: choose a shorter directory with --dir", p.socket())
	}
	return p, nil
}

func (p proxyFiles) socket() string    { return filepath.Join(p.dir, "admin.sock") }
func (p proxyFiles) caddyfile() string { return filepath.Join(p.dir, "Caddyfile") }
func (p proxyFiles) key() issue.KeyFile {
	return issue.KeyFile{Path: filepath.Join(p.dir, "bot"+issue.PrivateSuffix)}
}

// render is the Caddyfile.
func (p proxyFiles) render(from, to endpoint) (string, error) {
	site := proxySite{URL: from.url(), Sites: from.url(), People: from.https()}
	if from.scheme == "http" {
		host, _, err := net.SplitHostPort(from.listen())
		if err != nil {
			return "", err
		}
		site.Bind = host
		if from.host != "localhost" {
			site.Sites += ", " + endpoint{"http", "localhost", from.port}.url()
		}
	}
	text, err := template.New("Caddyfile").Parse(proxyTemplate)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = text.Execute(&b, map[string]any{
		"Command": "caddy botlatch proxy --from " + from.address() + " --to " + to.url(), "Socket": p.socket(),
		"Issuer": proxyIssuer, "Scope": proxyScope, "Keys": p.key().PublicPath(), "From": site, "To": to.scheme + "://" + to.address(),
		// Beside the revocations: whoever loses those must lose the sessions too, or who was signed out would be in again.
		"Revocations": filepath.Join(p.dir, "revocations.db"), "SessionKeys": filepath.Join(p.dir, "session_keys.json"),
	})
	return b.String(), err
}

// prepare makes the directory, on the first run the key, and writes the Caddyfile.
func (p proxyFiles) prepare(caddyfile string) (*jose.SigningKey, error) {
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return nil, err
	}
	if _, err := os.Lstat(p.key().Path); errors.Is(err, fs.ErrNotExist) {
		if err := p.key().New(jose.EdDSA); err != nil {
			return nil, err
		}
	}
	key, err := p.key().Load()
	if err != nil {
		return nil, err
	}
	return key, os.WriteFile(p.caddyfile(), []byte(caddyfile), 0o600)
}
