package caddymodule

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestStripsHeadersThatLieInEverySpelling(t *testing.T) {
	t.Parallel()
	names, err := newHeaderNames([]string{"X-Operator", "X_Team.*"})
	if err != nil {
		t.Fatal(err)
	}
	gone := []string{
		"X-Http-Method-Override", "X_HTTP_Method.Override", "x-original-url", "Forwarded", "X-Real-Ip", "X.Real_IP", "Dpop",
		"X-Bot-Subject", "X_Bot.Subject", "x-bot-", "X-User", "X-User-Id", "X-Username", "Remote-User", "Remote_User",
		"X-Forwarded-User", "X-Forwarded-Uri", "Ssl-Client-S-Dn", "X-Client-Cert", "X-Client-Cert-Dn", "Cf-Access-Jwt-Assertion",
		"X-Ms-Client-Principal", "X-Ms-Client-Principal-Name", "Tailscale-User-Login", "X-Operator", "x_operator", "X-Team-Red",
		"X+Auth~User", "x|real!ip", "X_forwarded_for", "x-forwarded-for", "X-Forwarded.proto", "X-Forwarded-Client-Cert",
		"X-Original-Uri", "X-Envoy-Original-Path", "X-Access-Token", "X-Id-Token", "Proxy_authorization", "X-Forwarded-User-Name",
	}
	stays := []string{
		"Accept", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Bot", "X-Botany", "Remote", "X-Operators", "X-Team",
		"X-Request-Id", "Content-Type", "", "X-" + strings.Repeat("a", 100), "\xff", "Forwarded-For",
		"X-Api-Key",
	}
	for _, name := range gone {
		if !names.has(name) {
			t.Errorf("%q passes", name)
		}
	}
	for _, name := range stays {
		if names.has(name) {
			t.Errorf("%q does not pass", name)
		}
	}
	h := http.Header{}
	for _, name := range slices.Concat(gone, stays) {
		h[name] = []string{"x"}
	}
	r := &http.Request{Header: h, Trailer: http.Header{"X-Bot-Subject": nil, "X-Checksum": nil}}
	r.Header["Connection"] = []string{"X-Bot-Subject, upgrade", "x_real.ip"}
	names.remove(r)
	for _, name := range gone {
		if _, there := h[name]; there {
			t.Errorf("%q was left", name)
		}
	}
	for _, name := range stays {
		if _, there := h[name]; !there {
			t.Errorf("%q was taken out", name)
		}
	}
	if got := h["Connection"]; len(got) != 1 || got[0] != "upgrade" {
		t.Errorf("Connection %q", got)
	}
	if len(r.Trailer) > 0 {
		t.Errorf("trailers %v", r.Trailer)
	}
}

func TestRefusesIdentityHeadersThatAreNoFieldNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "*", "X-*-Id", "X Team", "X-Team:", "X-Tëam"} {
		if _, err := newHeaderNames([]string{name}); err == nil {
			t.Errorf("%q is taken", name)
		}
	}
}

func BenchmarkHeaderNames(b *testing.B) {
	names, err := newHeaderNames(nil)
	if err != nil {
		b.Fatal(err)
	}
	header := []string{
		"Accept", "Accept-Encoding", "Accept-Language", "Cache-Control", "Content-Length", "Content-Type", "Cookie",
		"Origin", "Referer", "Sec-Fetch-Mode", "Sec-Fetch-Site", "User-Agent", "X-Forwarded-For", "X-Request-Id",
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, name := range header {
			if names.has(name) {
				b.Fatal(name)
			}
		}
	}
}
