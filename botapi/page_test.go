package botapi

import (
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestServesThePage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	before := b.board.Actuations()
	for path, c := range map[string]struct{ mediaType, holds string }{
		"/":         {"text/html", "<!doctype html>"},
		"/?from=qr": {"text/html", "<!doctype html>"},
		"/page.css": {"text/css", "prefers-color-scheme: dark"},
		"/page.js":  {"text/javascript", "new EventSource("},
	} {
		r := b.ask(t, "GET", path, "")
		if r.status != http.StatusOK || !strings.Contains(r.body, c.holds) {
			t.Errorf("%s: %d, %d bytes", path, r.status, len(r.body))
		}
		for name, want := range map[string]string{
			"Content-Type": c.mediaType + "; charset=utf-8", "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff",
			"Content-Security-Policy": pagePolicy, "Referrer-Policy": "same-origin",
		} {
			if got := r.header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		again := b.askWith(t, "GET", path, "", http.Header{"If-None-Match": {r.header.Get("ETag")}})
		if again.status != http.StatusNotModified || again.body != "" {
			t.Errorf("%s: asked again: %d, %d bytes", path, again.status, len(again.body))
		}
		other := b.askWith(t, "GET", path, "", http.Header{"If-None-Match": {`"of another version"`}})
		if other.body != r.body {
			t.Errorf("%s: who has another version gets %d %q", path, other.status, other.body)
		}
	}
	if b.board.Actuations() != before {
		t.Error("moved")
	}
}

func TestThePageIsWhole(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	served := ""
	for _, path := range []string{"/", "/page.css", "/page.js"} {
		served += b.ask(t, "GET", path, "").body
	}
	files, err := fs.Glob(pageFiles, "page/*")
	if err != nil || len(files) == 0 {
		t.Fatal(err, files)
	}
	for _, file := range files {
		text, err := pageFiles.ReadFile(file)
		if err != nil || strings.Count(served, string(text)) != 1 {
			t.Errorf("%s, %v, is served %d times", file, err, strings.Count(served, string(text)))
		}
	}
}

// TestThePageIsAtHomeAnywhere looks for what would not work below another path, or not without a policy that is laxer.
func TestThePageIsAtHomeAnywhere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for what, pattern := range map[string]string{
		"an absolute address": `(?:href|src)="(?:/|https?:)`,
		"an absolute path":    `["'\x60](?:/|https?://[^"'\x60]*/)(?:api|page|healthz)`,
		"an inline style":     `<[^>]*\sstyle=|<style`,
		"an inline script":    `<[^>]*\son[a-z]+=|<script[^>]*>[^<]`,
		"markup from text":    `innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(`,
	} {
		for _, path := range []string{"/", "/page.css", "/page.js"} {
			if found := regexp.MustCompile(pattern).FindString(b.ask(t, "GET", path, "").body); found != "" {
				t.Errorf("%s: %s: %s", path, what, found)
			}
		}
	}
	if strings.Contains(pagePolicy, "unsafe") || strings.Contains(pagePolicy, "*") || !strings.HasPrefix(pagePolicy, "default-src 'none'") {
		t.Error(pagePolicy)
	}
}
