package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	_ "github.com/caddyserver/caddy/v2/modules/standard"
	"github.com/caddyserver/certmagic"

	_ "github.com/botlatch/botlatch/caddymodule"
	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
)

// The names of this example; a real site has its own.
const (
	issuerName = "quickstart" // no https URL: nobody is there whom clients could ask for tokens
	audience   = "https://bot.example"
)

// latch is Caddy with the latch in it, and the key of its issuer.
type latch struct {
	url    string
	page   string // origin of the page for phones
	dir    string // of all its files
	socket string // path of the admin socket
	key    *jose.SigningKey
}

//go:embed phone.caddyfile
var phoneSite []byte

// startLatch makes a key and loads the Caddyfile, which takes everything else from the environment. All files are in
// dir: nothing of a Caddy that this machine may have is touched. host is where phones reach it.
func startLatch(dir, caddyfile, upstream, host string) (*latch, error) {
	text, err := os.ReadFile(filepath.Clean(caddyfile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: run this at the root of the project, or name it with -caddyfile", err)
	} else if err != nil {
		return nil, err
	}
	file := issue.KeyFile{Path: filepath.Join(dir, "bot.jwk")}
	if err := file.New(jose.EdDSA); err != nil {
		return nil, err
	}
	l := &latch{dir: dir, socket: filepath.Join(dir, "admin.sock")}
	if l.key, err = file.Load(); err != nil {
		return nil, err
	}
	port, err := freePort("127.0.0.1")
	if err != nil {
		return nil, err
	}
	phonePort, err := freePort(host)
	if err != nil {
		return nil, err
	}
	l.url = "http://127.0.0.1:" + port // a real site is https://, as that for phones is
	l.page = "https://" + host + ":" + phonePort
	for name, value := range map[string]string{
		"XDG_DATA_HOME": dir, "XDG_CONFIG_HOME": dir,
		"BOTLATCH_SITE": l.url, "BOTLATCH_BIND": "127.0.0.1", "BOTLATCH_UPSTREAM": upstream,
		"BOTLATCH_ISSUER": issuerName, "BOTLATCH_AUDIENCE": audience, "BOTLATCH_KEYS": file.PublicPath(),
		"BOTLATCH_ADMIN":  "unix/" + l.socket + "|0600",
		"QUICKSTART_HOST": host, "QUICKSTART_PORT": phonePort,
	} {
		if err := os.Setenv(name, value); err != nil {
			return nil, err
		}
	}
	// Caddy read these from the environment before main began.
	caddy.DefaultStorage = &certmagic.FileStorage{Path: dir}
	caddy.ConfigAutosavePath = filepath.Join(dir, "autosave.json")
	config, err := adapt(caddyfile, slices.Concat(text, []byte{'\n'}, phoneSite))
	if err != nil {
		return nil, err
	}
	return l, caddy.Load(config, true)
}

// adapt reads the Caddyfile. Only errors are logged, because the story is told on standard output. Nothing of this machine changes: the
// certificate authority is not made known to it, and no port is listened on that only leads to another one.
func adapt(name string, text []byte) ([]byte, error) {
	adapted, _, err := caddyconfig.GetAdapter("caddyfile").Adapt(text, map[string]any{"filename": name})
	if err != nil {
		return nil, err
	}
	var config struct {
		caddy.Config
		Apps map[string]map[string]any `json:"apps"`
	}
	if err := json.Unmarshal(adapted, &config); err != nil {
		return nil, err
	}
	for _, log := range config.Logging.Logs {
		log.Level = "ERROR"
	}
	for _, server := range config.Apps["http"]["servers"].(map[string]any) {
		server := server.(map[string]any)
		automatic, _ := server["automatic_https"].(map[string]any)
		if automatic == nil {
			automatic = make(map[string]any)
			server["automatic_https"] = automatic
		}
		automatic["disable_redirects"] = true
	}
	config.Apps["pki"] = map[string]any{"certificate_authorities": map[string]any{"local": map[string]any{"install_trust": false}}}
	return json.Marshal(config)
}

// token issues a token with a scope.
func (l *latch) token(subject, scope string) (*issue.Issued, error) {
	return issue.Token{
		Issuer: issuerName, Subject: subject, Audience: []string{audience}, Scope: []string{scope}, TTL: time.Hour,
	}.Issue(l.key, time.Now())
}

// invite prints what somebody can try.
func (l *latch) invite(ctx context.Context, w io.Writer) error {
	observer, err := l.token("observer", "observe")
	if err != nil {
		return err
	}
	driver, err := l.token("driver", "arm:move")
	if err != nil {
		return err
	}
	link, err := l.inviteTo(ctx, "phone")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, `A bot that believes whoever asks, and a latch in front of it: %[1]s

OBSERVER=%[2]s
DRIVER=%[3]s

curl -i %[1]s/api/arm
curl -i %[1]s/api/arm -H "Authorization: Bearer $OBSERVER"
curl -i %[1]s/api/arm/joints/base -X PUT -H "Content-Type: application/json" -d '{"angle":120}' -H "Authorization: Bearer $OBSERVER"
curl -i %[1]s/api/arm/joints/base -X PUT -H "Content-Type: application/json" -d '{"angle":120}' -H "Authorization: Bearer $DRIVER"

Revoke the driver's token, and try the last line again:
echo $DRIVER | go run ./caddymodule/cmd/caddy botlatch revoke --token - --address unix/%[4]s

`, l.url, observer.Raw, driver.Raw, l.socket)
	if err != nil {
		return err
	}
	return l.invitePhone(w, link)
}

func (l *latch) stop() { _ = caddy.Stop() }
