package main

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// programs are those that were built or installed for a run.
type programs struct {
	caddy   string // path of the binary
	express string // folder of the Node program
}

// install makes what the systems need, below dir.
func install(ctx context.Context, dir string, all []system) (*programs, error) {
	p := &programs{caddy: filepath.Join(dir, "caddy"), express: filepath.Join(dir, "express")}
	var needs []string
	for _, s := range all {
		needs = append(needs, s.needs...)
	}
	for _, name := range needs {
		if _, err := exec.LookPath(name); err != nil {
			return nil, fmt.Errorf("%s is not on the PATH; -systems names those that are measured: %w", name, err)
		}
	}
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", p.caddy, //nolint:gosec // a path of our own
		"github.com/botlatch/botlatch/examples/benchmark/caddy")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building Caddy: %w\n%s", err, out)
	}
	if !slices.Contains(needs, "npm") {
		return p, nil
	}
	if err := os.Mkdir(p.express, 0o700); err != nil {
		return nil, err
	}
	return p, installExpress(ctx, p.express)
}

// checkout is what git says of the latch that is built: it has no version of its own here.
func checkout(*programs) (string, error) {
	out, err := exec.Command("git", "describe", "--always", "--dirty").Output() //nolint:noctx // it prints a line
	if err != nil {
		return "Botlatch of this checkout", nil //nolint:nilerr // a copy without git will do
	}
	return "Botlatch " + strings.TrimSpace(string(out)), nil
}

// module is the version of a module in the binary.
func (p *programs) module(name, path string) (string, error) {
	info, err := buildinfo.ReadFile(p.caddy)
	if err != nil {
		return "", err
	}
	for _, m := range info.Deps {
		if m.Path == path {
			return name + " " + m.Version, nil
		}
	}
	return "", fmt.Errorf("%s has no %s", p.caddy, path)
}
