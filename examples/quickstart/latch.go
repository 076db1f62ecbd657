package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
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
	issuerName = "https://quickstart.example"
	audience   = "https://bot.example"
)

// latch is Caddy with the latch in it, and the key of its issuer.
type latch struct {
	url   string
	admin string // path of the admin socket
	key   *jose.SigningKey
}

// startLatch makes a key and loads the Caddyfile, which takes everything else from the environment. All files are in
// dir: nothing of a Caddy that this machine may have is touched.
func startLatch(dir, caddyfile, upstream string) (*latch, error) {
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
	l := &latch{admin: filepath.Join(dir, "admin.sock")}
	if l.key, err = file.Load(); err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	l.url = "http://" + address // on loopback; a real site is https://
	for name, value := range map[string]string{
		"XDG_DATA_HOME": dir, "XDG_CONFIG_HOME": dir,
		"BOTLATCH_SITE": l.url, "BOTLATCH_BIND": "127.0.0.1", "BOTLATCH_UPSTREAM": upstream,
		"BOTLATCH_ISSUER": issuerName, "BOTLATCH_AUDIENCE": audience, "BOTLATCH_KEYS": file.PublicPath(),
		"BOTLATCH_ADMIN": "unix/" + l.admin + "|0600",
	} {
		if err := os.Setenv(name, value); err != nil {
			return nil, err
		}
	}
	// Caddy read these from the environment before main began.
	caddy.DefaultStorage = &certmagic.FileStorage{Path: dir}
	caddy.ConfigAutosavePath = filepath.Join(dir, "autosave.json")
	config, err := adapt(caddyfile, text)
	if err != nil {
		return nil, err
	}
	return l, caddy.Load(config, true)
}

// adapt reads the Caddyfile. Only errors are logged, because the story is told on standard output.
func adapt(name string, text []byte) ([]byte, error) {
	adapted, _, err := caddyconfig.GetAdapter("caddyfile").Adapt(text, map[string]any{"filename": name})
	if err != nil {
		return nil, err
	}
	var config caddy.Config
	if err := json.Unmarshal(adapted, &config); err != nil {
		return nil, err
	}
	for _, log := range config.Logging.Logs {
		log.Level = "ERROR"
	}
	return json.Marshal(config)
}

// freeAddress is an address of loopback that nobody listens on.
func freeAddress() (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// token issues a token with a scope.
func (l *latch) token(subject, scope string) (*issue.Issued, error) {
	return issue.Token{
		Issuer: issuerName, Subject: subject, Audience: []string{audience}, Scope: []string{scope}, TTL: time.Hour,
	}.Issue(l.key, time.Now())
}

// invite prints what somebody can try.
func (l *latch) invite(w io.Writer) error {
	observer, err := l.token("observer", "observe")
	if err != nil {
		return err
	}
	driver, err := l.token("driver", "arm:move")
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

Ctrl-C ends both.
`, l.url, observer.Raw, driver.Raw, l.admin)
	return err
}

func (l *latch) stop() { _ = caddy.Stop() }
