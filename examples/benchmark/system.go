package main

import (
	"embed"
	"path/filepath"
)

//go:embed systems/*
var configurations embed.FS

// plain is the system that all are compared with.
const plain = "caddy"

// control is the system whose cost is known.
const control = "control"

// system is a way to guard a bot, or to hand everything on to it.
type system struct {
	name string
	what string // in the table
	// base does the same without looking at tokens: the difference is what the check costs.
	base string
	// twin: it is there to be the base of another system, and nothing else.
	twin bool
	// refusal is the status with which a bad token is answered; 0: the system lets everything through.
	refusal int
	// lacks tells why an algorithm is not measured.
	lacks map[string]string
	// config names the configuration, below systems; empty: it has none.
	config string
	// argv is the command line; config is where the configuration stands.
	argv func(p *programs, config string) []string
	// needs are programs that must be on the PATH.
	needs []string
	// versions are those of all that belongs to it.
	versions func(p *programs) (string, error)
}

// systems are all that are compared.
func systems() []system {
	return []system{
		caddy(system{name: plain, what: "Caddy `reverse_proxy`, nothing else", base: plain}),
		caddy(system{name: "strip", what: "the same, and `Authorization` is taken out", base: plain}),
		caddy(system{name: control, what: "the same as caddy, and 2 µs of work", base: plain}),
		caddy(system{name: "botlatch", what: "Caddy with this latch", base: plain, refusal: 401, versions: checkout}),
		caddySecurity(),
		haproxyPlain(),
		haproxy(),
		expressPlain(),
		express(),
		expressKeyObject(),
	}
}

// caddy makes s a site of the one Caddy that is built for all.
func caddy(s system) system {
	s.config = s.name + ".Caddyfile"
	s.argv = func(p *programs, config string) []string {
		return []string{p.caddy, "run", "--adapter", "caddyfile", "--config", config}
	}
	if s.versions == nil {
		s.versions = func(p *programs) (string, error) { return p.module("Caddy", "github.com/caddyserver/caddy/v2") }
	}
	return s
}

// script is a command line of a Node program, which npm has installed.
func script(name string, args ...string) func(*programs, string) []string {
	return func(p *programs, _ string) []string {
		return append([]string{"node", filepath.Join(p.express, name)}, args...)
	}
}
