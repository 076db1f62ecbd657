package caddymodule_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// cookieBot answers with cookies, one of them by our name, and with a stream.
func cookieBot(t *testing.T) *httptest.Server {
	t.Helper()
	bot := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/live":
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, "data: 1\n\n")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		case "/act":
			w.Header().Set("Cache-Control", "max-age=60")
			_, _ = io.WriteString(w, r.Header.Get("Cookie"))
		default:
			w.Header().Add("Set-Cookie", "theme=dark")
			w.Header().Add("Set-Cookie", "__host-http-botlatch-12345678=planted; Path=/")
			_, _ = io.WriteString(w, "page")
		}
	}))
	t.Cleanup(bot.Close)
	return bot
}

func newCookieStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{key: latchtest.NewKey(t, jose.EdDSA)}
	s.latch = latchtest.Start(t, options+signInSite, "BOT="+trimScheme(cookieBot(t).URL), "KEYS="+s.key.File)
	return s
}

// live opens an event stream in b's session, and returns what is closed when it ends.
func (s *stage) live(t *testing.T, b *latchtest.Browser) (ended <-chan struct{}) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.latch.TLSURL+"/live", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range latchtest.Fetch {
		r.Header.Set(name, value)
	}
	client := *b.Client
	client.Timeout = 0
	res, err := client.Do(r)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%v, %v", res, err)
	}
	end := make(chan struct{})
	go func() {
		defer close(end)
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
	}()
	return end
}

// within fails the test when a stream does not end soon.
func within(t *testing.T, what string, ended <-chan struct{}) {
	t.Helper()
	select {
	case <-ended:
	case <-time.After(patience):
		t.Errorf("%s: the stream is open", what)
	}
}

func TestNeitherTheBotNorItsPagesHoldASession(t *testing.T) {
	t.Parallel()
	s := newCookieStage(t)
	ana := s.invited(t, "door:open")
	a := ana.Ask(t, "/", latchtest.Typed, nil)
	if got := a.Header.Values("Set-Cookie"); len(got) != 1 || got[0] != "theme=dark" {
		t.Errorf("B11: Set-Cookie %q", got)
	}
	if got := a.Header.Get("Cache-Control"); got != "private" {
		t.Errorf("Cache-Control %q of an answer that says none", got)
	}
	a = ana.Ask(t, "/act", latchtest.Fetch, nil)
	if a.Text != "theme=dark" || a.Header.Get("Cache-Control") != "max-age=60, private" { // no shared cache takes a session for the Authorization field (RFC 9111 §3.5)
		t.Errorf("B14: the bot saw the cookies %q; Cache-Control %q", a.Text, a.Header.Get("Cache-Control"))
	}
}

func TestStreamsEndWithTheirSession(t *testing.T) {
	t.Parallel()
	s := newCookieStage(t)
	t.Run("B22 sign-out", func(t *testing.T) {
		t.Parallel()
		ana := s.invited(t, "observe")
		ended := s.live(t, ana)
		ana.Ask(t, "/.botlatch/out", latchtest.Followed, url.Values{})
		within(t, "sign-out", ended)
	})
	t.Run("B23 what it rests on", func(t *testing.T) {
		t.Parallel()
		b := s.latch.NewBrowser(t)
		b.Ask(t, "/.botlatch/", latchtest.Typed, nil)
		b.Ask(t, "/.botlatch/token", latchtest.Followed, url.Values{"token": {s.mintFor(t, []string{s.latch.TLSURL}, "observe", "door:open")}})
		ended := s.live(t, b)
		body := `{"kind":"subject","iss":"` + issuerName + `","value":"ana"}`
		if status, answer := s.latch.Ask(t, http.MethodPost, "/botlatch/revocations", body); status != http.StatusOK {
			t.Fatalf("%d: %s", status, answer)
		}
		within(t, "revocation at the provider", ended)
		if a := b.Ask(t, "/act", latchtest.Fetch, nil); a.StatusCode != http.StatusUnauthorized {
			t.Errorf("status %d", a.StatusCode)
		}
	})
	t.Run("sessions end", func(t *testing.T) {
		t.Parallel()
		b := s.latch.NewBrowser(t)
		b.Take(t, s.latch.Invite(t, "ben-the-second", "observe"))
		ended := s.live(t, b)
		_, answer := s.latch.Ask(t, http.MethodGet, "/botlatch/sessions", "")
		var list struct {
			Sessions []struct{ Sid, Name, Door, Site, Address, Browser string }
		}
		if err := json.Unmarshal([]byte(answer), &list); err != nil {
			t.Fatal(err)
		}
		for _, l := range list.Sessions {
			if l.Name != "ben-the-second" {
				continue
			}
			if l.Door != "invite" || l.Site != s.latch.TLSURL || l.Address != "127.0.0.1" && l.Address != "::1" || l.Browser == "" {
				t.Errorf("%+v", l)
			}
			if status, answer := s.latch.Ask(t, http.MethodDelete, "/botlatch/sessions", `{"sid":"`+l.Sid+`"}`); status != http.StatusOK {
				t.Errorf("%d: %s", status, answer)
			}
			if status, _ := s.latch.Ask(t, http.MethodDelete, "/botlatch/sessions", `{"sid":"`+l.Sid+`"}`); status != http.StatusNotFound {
				t.Errorf("ended twice: %d", status)
			}
		}
		within(t, "sessions end", ended)
	})
}

func TestB24_KeysAreSecretAndRotate(t *testing.T) {
	t.Parallel()
	s := newCookieStage(t)
	var file string
	_ = filepath.WalkDir(s.latch.Dir, func(path string, _ os.DirEntry, _ error) error {
		if filepath.Base(path) == "session_keys.json" {
			file = path
		}
		return nil
	})
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var ring struct {
		Keys []struct{ Key struct{ K string } }
	}
	if err := json.Unmarshal(text, &ring); err != nil || len(ring.Keys) != 1 || len(ring.Keys[0].Key.K) < 40 {
		t.Fatalf("%v, %d keys", err, len(ring.Keys))
	}
	for _, path := range []string{"/config/", "/botlatch/status", "/botlatch/sessions", "/metrics"} {
		if _, answer := s.latch.Ask(t, http.MethodGet, path, ""); strings.Contains(answer, ring.Keys[0].Key.K) {
			t.Errorf("%s shows the key", path)
		}
	}
	ana := s.invited(t, "observe", "door:open")
	passes := func(want int) {
		t.Helper()
		if a := ana.Ask(t, "/act", latchtest.Fetch, nil); a.StatusCode != want {
			t.Errorf("status %d, want %d", a.StatusCode, want)
		}
	}
	s.rotate(t, `{}`)
	passes(http.StatusOK)
	ended := s.live(t, ana)
	s.rotate(t, `{"now":true}`)
	within(t, "rotation", ended)
	passes(http.StatusUnauthorized)
	ana = s.invited(t, "door:open")
	passes(http.StatusOK)
}

func (s *stage) rotate(t *testing.T, body string) {
	t.Helper()
	if status, answer := s.latch.Ask(t, http.MethodPost, "/botlatch/session_keys", body); status != http.StatusOK {
		t.Fatalf("%d: %s", status, answer)
	}
}
