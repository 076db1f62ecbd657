package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
)

const (
	issuerName = "https://id.example.com/"
	audience   = "https://rover.example.com"
)

// caddyfile is a site with the latch, or without; what stands before the proxy is the difference.
const caddyfile = `{
	admin unix/%[1]s/admin.sock|0600
	auto_https off
	persist_config off
	log {
		level ERROR
	}
	storage file_system %[1]s/storage
	%[2]s
}
http://%[3]s {
	bind 127.0.0.1
	%[4]s
	reverse_proxy %[5]s
}
`

// caddy is a process.
type caddy struct {
	address, admin string
	command        *exec.Cmd
	key            *jose.SigningKey
}

// buildCaddy builds Caddy with the latch into dir.
func buildCaddy(ctx context.Context, dir string) (string, error) {
	path := filepath.Join(dir, "caddy")
	build := exec.CommandContext(ctx, "go", "build", "-o", path, "github.com/botlatch/botlatch/caddymodule/cmd/caddy") //nolint:gosec // a path of our own
	out, err := build.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building Caddy: %w\n%s", err, out)
	}
	return path, nil
}

// startCaddy starts Caddy in front of upstream, in a directory of its own below dir.
func startCaddy(ctx context.Context, program, dir, upstream string, latched bool) (*caddy, error) {
	dir, err := os.MkdirTemp(dir, "caddy-")
	if err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &caddy{address: listener.Addr().String(), admin: filepath.Join(dir, "admin.sock")}
	if err := listener.Close(); err != nil {
		return nil, err
	}
	var options, directive string
	if latched {
		file := issue.KeyFile{Path: filepath.Join(dir, "key.jwk")}
		if err := file.New(jose.EdDSA); err != nil {
			return nil, err
		}
		if c.key, err = file.Load(); err != nil {
			return nil, err
		}
		options = fmt.Sprintf("botlatch {\nissuer %s {\nkeys static %s\naudience %s\n}\n}", issuerName, file.PublicPath(), audience)
		directive = "botlatch {\nallow WS /drive scope drive\n}"
	}
	config := filepath.Join(dir, "Caddyfile")
	text := fmt.Sprintf(caddyfile, dir, options, c.address, directive, upstream)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	c.command = exec.CommandContext(ctx, program, "run", "--config", config) //nolint:gosec // what the user names
	c.command.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	c.command.Stderr = os.Stderr
	if err := c.command.Start(); err != nil {
		return nil, err
	}
	return c, c.waitReady(ctx)
}

func (c *caddy) waitReady(ctx context.Context) error {
	for began := time.Now(); time.Since(began) < patience; time.Sleep(20 * time.Millisecond) {
		conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", c.address)
		if err == nil {
			return conn.Close()
		}
	}
	c.end()
	return errors.New("no answer from Caddy")
}

func (c *caddy) end() {
	_ = c.command.Process.Signal(syscall.SIGKILL)
	_ = c.command.Wait()
}

// memory is what the process has of it, bytes, once it has come to rest.
func (c *caddy) memory() float64 {
	time.Sleep(time.Second)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.command.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kib, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	return kib * 1024
}

// mint issues a token for each of n streams, of the subjects in turn.
func (c *caddy) mint(n int) ([]*issue.Issued, error) {
	tokens := make([]*issue.Issued, n)
	for i := range tokens {
		var err error
		tokens[i], err = issue.Token{
			Issuer: issuerName, Subject: subjects[i%len(subjects)], Audience: []string{audience}, Scope: []string{"drive"}, TTL: time.Hour,
		}.Issue(c.key, time.Now())
		if err != nil {
			return nil, err
		}
	}
	return tokens, nil
}

// revoke revokes a name through the admin API.
func (c *caddy) revoke(ctx context.Context, kind, value string) error {
	body, err := json.Marshal(map[string]string{"kind": kind, "value": value})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://127.0.0.1/botlatch/revocations", bytes.NewReader(body))
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: patience, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", c.admin)
		},
	}}
	defer client.CloseIdleConnections()
	res, err := client.Do(r)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("revoking: the latch answers %s", res.Status)
	}
	return res.Body.Close()
}
