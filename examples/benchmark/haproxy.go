package main

import (
	"os/exec"
	"strings"
)

// haproxyPlain is HAProxy that hands everything on.
func haproxyPlain() system {
	return system{
		name: "haproxy-plain", what: "HAProxy, no check", base: "haproxy-plain", twin: true, needs: []string{"haproxy"},
		lacks: haproxyLacks(), config: "haproxy-plain.cfg", argv: haproxyArgv, versions: haproxyVersion,
	}
}

// haproxy is HAProxy with jwt_verify, with a thread for each processor, as it has by itself.
func haproxy() system {
	return system{
		name: "haproxy", what: "HAProxy with `jwt_verify`", base: "haproxy-plain", refusal: 401, needs: []string{"haproxy"},
		lacks: haproxyLacks(), config: "haproxy.cfg", argv: haproxyArgv, versions: haproxyVersion,
	}
}

func haproxyLacks() map[string]string {
	return map[string]string{"EdDSA": "HAProxy's `jwt_verify` knows no EdDSA"}
}

// haproxyArgv keeps it in the foreground.
func haproxyArgv(_ *programs, config string) []string {
	return []string{"haproxy", "-db", "-f", config}
}

func haproxyVersion(*programs) (string, error) {
	out, err := exec.Command("haproxy", "-v").Output() //nolint:noctx // it prints a line
	line, _, _ := strings.Cut(string(out), "\n")
	version, _, _ := strings.Cut(line, " - ")
	return version, err
}
