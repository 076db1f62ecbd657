package botapi

import (
	"net/http"
	"testing"
)

func TestAnswersHealth(t *testing.T) {
	t.Parallel()
	r := newBench(t).ask(t, "GET", "/healthz", "")
	if r.status != http.StatusOK || r.body != `{"status":"ok"}`+"\n" {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestAnswersHeadAsGetWithoutABody(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	before := b.board.Actuations()
	for _, path := range []string{
		"/healthz", "/api/door", "/api/arm", "/api/arm/joints/base", "/api/arm/joints/elbow", "/nowhere",
		"/api/rose", "/api/thermometer", "/api/drive", "/", "/page.css", "/page.js",
	} {
		get, head := b.ask(t, "GET", path, ""), b.ask(t, "HEAD", path, "")
		if head.status != get.status || head.body != "" {
			t.Errorf("%s: %d %q", path, head.status, head.body)
		}
		for _, name := range []string{"Content-Type", "Content-Length", "Cache-Control"} {
			if g, h := get.header.Get(name), head.header.Get(name); g != h || g == "" {
				t.Errorf("%s: %s is %q and %q", path, name, g, h)
			}
		}
	}
	if b.board.Actuations() != before {
		t.Error("moved")
	}
}

func TestRefusesWhatNoRouteFits(t *testing.T) {
	t.Parallel()
	const reads, posts, joint = "GET, HEAD", "POST", "GET, HEAD, PUT"
	for name, c := range map[string]struct {
		method, path string
		status       int
		allow        string
	}{
		"bad/POST page":           {"POST", "/", 405, reads},
		"bad/PUT script":          {"PUT", "/page.js", 405, reads},
		"bad/file of the page":    {"GET", "/page/index.html", 404, ""},
		"bad/unknown":             {"GET", "/api/lamp", 404, ""},
		"bad/POST unknown":        {"POST", "/api/door/open", 404, ""},
		"bad/other case":          {"POST", "/api/door/Unlock", 404, ""},
		"bad/trailing slash":      {"POST", "/api/door/unlock/", 404, ""},
		"bad/no joint":            {"PUT", "/api/arm/joints/", 404, ""},
		"bad/gobot's own API":     {"POST", "/api/robots/bot/devices/door/commands/Move", 404, ""},
		"bad/GET unlock":          {"GET", "/api/door/unlock", 405, posts},
		"bad/HEAD unlock":         {"HEAD", "/api/door/unlock", 405, posts},
		"bad/PUT unlock":          {"PUT", "/api/door/unlock", 405, posts},
		"bad/OPTIONS unlock":      {"OPTIONS", "/api/door/unlock", 405, posts},
		"bad/lower case method":   {"post", "/api/door/unlock", 405, posts},
		"bad/GET lock":            {"GET", "/api/door/lock", 405, posts},
		"bad/POST door":           {"POST", "/api/door", 405, reads},
		"bad/DELETE door":         {"DELETE", "/api/door", 405, reads},
		"bad/POST arm":            {"POST", "/api/arm", 405, reads},
		"bad/PATCH joint":         {"PATCH", "/api/arm/joints/base", 405, joint},
		"bad/POST joint":          {"POST", "/api/arm/joints/base", 405, joint},
		"bad/POST rose":           {"POST", "/api/rose", 405, joint},
		"bad/PUT thermometer":     {"PUT", "/api/thermometer", 405, reads},
		"bad/POST events":         {"POST", "/api/events", 405, reads},
		"bad/POST drive":          {"POST", "/api/drive", 405, reads},
		"bad/GET stop":            {"GET", "/api/drive/stop", 405, posts},
		"bad/DELETE health":       {"DELETE", "/healthz", 405, reads},
		"bad/method override":     {"POST", "/api/arm/joints/base?_method=PUT", 405, joint},
		"bad/unclean path":        {"GET", "//api/door", 307, ""},
		"bad/unclean act":         {"POST", "/api/x/../door/unlock", 307, ""},
		"bad/unclean and unknown": {"GET", "//nowhere", 307, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			before := b.board.Actuations()
			header := http.Header{"X-Http-Method-Override": {"PUT"}}
			r := b.askWith(t, c.method, c.path, "", header)
			if r.status != c.status {
				t.Fatalf("status %d, want %d: %s", r.status, c.status, r.body)
			}
			if c.status != http.StatusTemporaryRedirect && c.method != "HEAD" {
				r.wantProblem(t, c.status)
			}
			if got := r.header.Get("Allow"); got != c.allow {
				t.Errorf("Allow is %q, want %q", got, c.allow)
			}
			if b.board.Actuations() != before || b.positions() != atRest {
				t.Error("moved")
			}
		})
	}
}
