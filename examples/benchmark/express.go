package main

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

//go:embed express/*.js express/package.json express/package-lock.json express/.npmrc
var expressSource embed.FS

// patience bounds each wait for a program.
const patience = 5 * time.Minute

// expressPlain is Express with a proxy behind it.
func expressPlain() system {
	return system{
		name: "express-plain", what: "Express and http-proxy, no check", base: "express-plain", twin: true,
		lacks: expressLacks(), needs: []string{"node", "npm"}, argv: script("plain.js"), versions: expressVersions,
	}
}

// express is the same behind express-jwt, one process, as Node is by itself. Its key is text, as its documentation has it.
func express() system {
	return system{
		name: "express", what: "Express with express-jwt and http-proxy", base: "express-plain", refusal: 401,
		lacks: expressLacks(), needs: []string{"node", "npm"}, argv: script("guard.js"), versions: expressVersions,
	}
}

// expressKeyObject is express with a key that is not read anew on each request: what it can do for who knows of that.
func expressKeyObject() system {
	s := express()
	s.name, s.what, s.argv = "express-keyobject", "express, its key a `KeyObject` in place of text", script("guard.js", "keyobject")
	return s
}

func expressLacks() map[string]string {
	return map[string]string{"EdDSA": "jsonwebtoken, which express-jwt verifies with, knows no EdDSA"}
}

// installExpress puts the program and its packages, at the versions of the lock file, into dir.
func installExpress(ctx context.Context, dir string) error {
	entries, err := expressSource.ReadDir("express")
	if err != nil {
		return err
	}
	for _, e := range entries {
		text, err := expressSource.ReadFile("express/" + e.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, e.Name()), text, 0o600); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	command := exec.CommandContext(ctx, "npm", "ci")
	command.Dir, command.WaitDelay = dir, time.Second
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci: %w\n%s", err, out)
	}
	return nil
}

func expressVersions(*programs) (string, error) {
	node, err := exec.Command("node", "--version").Output() //nolint:noctx // it prints a line
	if err != nil {
		return "", err
	}
	text, err := expressSource.ReadFile("express/package.json")
	if err != nil {
		return "", err
	}
	var program struct{ Dependencies map[string]string }
	if err := json.Unmarshal(text, &program); err != nil {
		return "", err
	}
	versions := "Node " + strings.TrimSpace(string(node))
	for _, name := range []string{"express", "express-jwt", "http-proxy"} {
		versions += ", " + name + " " + program.Dependencies[name]
	}
	return versions, nil
}
