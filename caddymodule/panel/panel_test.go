package panel_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/panel"
)

// desk is a latch that remembers what was pressed.
type desk struct {
	status  panel.Status
	pressed []string
	fails   error
}

// Look implements panel.Desk.
func (d *desk) Look(context.Context) panel.Status { return d.status }

// Press implements panel.Desk.
func (d *desk) Press(_ context.Context, p panel.Press, id string) error {
	d.pressed = append(d.pressed, string(p)+" "+id)
	return d.fails
}

func ask(t *testing.T, d *desk, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "https://owner.example.com"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	(&panel.Panel{Desk: d}).ServeHTTP(w, r)
	return w
}

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

func full() *desk {
	return &desk{status: panel.Status{
		Held: true, Since: noon, Reason: "water in the <cellar>",
		Streams: []panel.Stream{
			{ID: "7", Site: "lock", Path: "/drive", Kind: "websocket", Subject: "ana", Session: "sid-of-ana", Since: noon},
			{ID: "8", Site: "lock", Path: "/camera", Kind: "camera", Since: noon},
		},
		Sessions:    []panel.Session{{ID: "sid-of-ana", Name: "<b>ana</b>", Door: "invite", Address: "192.0.2.7", Expires: noon}},
		Invitations: []panel.Invitation{{ID: "inv", Name: "ben", Expires: noon}},
		Decisions:   []panel.Decision{{Reason: "token", Allowed: true, Count: 41}, {Reason: "expired", Count: 2}, {Reason: "held"}},
	}}
}

func TestThePageShowsHowThingsAre(t *testing.T) {
	t.Parallel()
	w := ask(t, full(), http.MethodGet, "/", "")
	page := w.Body.String()
	for _, want := range []string{
		"Everything is on hold", "water in the &lt;cellar&gt;", ">Resume<", ">Stop everything<", "websocket /drive", "camera /camera",
		"&lt;b&gt;ana&lt;/b&gt;", "192.0.2.7", "ben", `value="sid-of-ana"`, `value="8"`, `value="inv"`, ">41<", ">2<",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, `value="7"`) {
		t.Error("the stream of somebody who is signed in ends by itself: the browser would come back")
	}
	if strings.Contains(page, "<script") || w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-store" ||
		!strings.Contains(w.Header().Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Errorf("status %d, header %v", w.Code, w.Header())
	}
	if w := ask(t, full(), http.MethodHead, "/", ""); w.Body.Len() > 0 || w.Header().Get("Content-Length") == "0" {
		t.Error("HEAD has a body, or none is meant")
	}
	if page := ask(t, new(desk), http.MethodGet, "/", "").Body.String(); strings.Contains(page, "Resume") || !strings.Contains(page, "Nothing yet") {
		t.Error("an idle latch can be resumed")
	}
}

func TestButtonsDoWhatTheySay(t *testing.T) {
	t.Parallel()
	for _, p := range panel.Presses() {
		d := full()
		w := ask(t, d, http.MethodPost, panel.Root+string(p), "id=x")
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/" || len(d.pressed) != 1 || d.pressed[0] != string(p)+" x" {
			t.Errorf("%s: status %d, pressed %q", p, w.Code, d.pressed)
		}
	}
	for name, c := range map[string]struct {
		body   string
		fails  error
		status int
		says   string
	}{
		"deny/too long":        {"id=" + strings.Repeat("x", 5<<10), nil, http.StatusBadRequest, "Nothing was done"},
		"deny/no form":         {"id=%zz", nil, http.StatusBadRequest, "Nothing was done"},
		"deny/it cannot do it": {"id=x", errors.New("the disk is full"), http.StatusServiceUnavailable, "the disk is full"},
	} {
		d := full()
		d.fails = c.fails
		if w := ask(t, d, http.MethodPost, panel.Root+"hold", c.body); w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: status %d", name, w.Code)
		}
	}
}

func TestOfManyReasonsTheRareOnesStandTogether(t *testing.T) {
	t.Parallel()
	d := new(desk)
	for i := range 12 {
		d.status.Decisions = append(d.status.Decisions, panel.Decision{Reason: "reason-" + string(rune('a'+i)), Count: i * 100})
	}
	page := ask(t, d, http.MethodGet, "/", "").Body.String()
	if strings.Count(page, "<rect") != 8 || !strings.Contains(page, ">other<") || !strings.Contains(page, ">1000<") || strings.Contains(page, "reason-a") {
		t.Errorf("%d bars", strings.Count(page, "<rect"))
	}
}
