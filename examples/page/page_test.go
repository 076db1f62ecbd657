package page_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// tab is a tab of a Chromium of its own.
type tab struct {
	*latchtest.Tab

	t *testing.T
}

func browse(t *testing.T) *tab {
	t.Helper()
	return &tab{latchtest.StartChromium(t, nil), t}
}

// open opens the page at url and tells it where the bot is, and the token.
func (b *tab) open(url, bot, token string) {
	b.t.Helper()
	b.Open(url + "/index.html")
	b.Script(fmt.Sprintf("element('bot').value = %q; element('token').value = %q; ''", bot, token))
}

// becomes waits until an element has a text that fits a regular expression, and returns what it has.
func (b *tab) becomes(id, expression string) string {
	b.t.Helper()
	return b.Script(fmt.Sprintf(`(async () => {
		const fits = () => /%s/.test(element(%q).textContent)
		for (let i = 0; i < 1000 && !fits(); i++) await new Promise((done) => setTimeout(done, 20))
		return element(%q).textContent
	})()`, expression, id, id))
}

// press presses a button and returns what the page says then.
func (b *tab) press(button string) string {
	b.t.Helper()
	b.Script(fmt.Sprintf("element('state').textContent = ''; document.querySelector(%q).click(); ''", button))
	return b.becomes("state", ".")
}

func TestThePageOpensTheDoorFromAnotherOrigin(t *testing.T) {
	t.Parallel()
	b, s := browse(t), newStage(t)
	b.open(s.page, s.latch.URL, s.mint(t, "door:read", "door:unlock", "observe"))
	for _, c := range []struct{ button, says, request string }{
		{"form button", "The door is locked.", "GET /api/door"},
		{"#unlock", "The door is open.", "POST /api/door/unlock"},
		{"#lock", "The door is locked.", "POST /api/door/lock"},
	} {
		if says := b.press(c.button); says != c.says || s.bot.reached(c.request) != 1 {
			t.Errorf("%s: %q, and %d requests reached the bot", c.button, says, s.bot.reached(c.request))
		}
	}
	if warm := b.becomes("temperature", "°C$"); !strings.HasSuffix(warm, " °C") {
		t.Errorf("temperature %q", warm)
	}
	if status, answer := s.latch.Ask(t, http.MethodPost, "/botlatch/revocations", `{"kind":"subject","value":"ana"}`); status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
	if over := b.becomes("temperature", "^ended$"); over != "ended" {
		t.Errorf("revoked, and the stream goes on: %q", over)
	}
	if says := b.press("#unlock"); !strings.HasPrefix(says, "Refused: ") || s.bot.reached("POST /api/door/unlock") != 1 {
		t.Errorf("revoked, and the page says %q; %d requests reached the bot", says, s.bot.reached("POST /api/door/unlock"))
	}
	if s.bot.reached("OPTIONS /api/door/unlock")+s.bot.reached("OPTIONS /api/events") > 0 {
		t.Error("a preflight reached the bot")
	}
}

func TestThePageReadsWhichScopeWasMissing(t *testing.T) {
	t.Parallel()
	b, s := browse(t), newStage(t)
	b.open(s.page, s.latch.URL, s.mint(t, "door:read"))
	if says := b.press("#unlock"); !strings.HasSuffix(says, "This needs the scope door:unlock.") {
		t.Errorf("the page says %q", says)
	}
	if s.bot.reached("POST /api/door/unlock") > 0 {
		t.Error("it reached the bot")
	}
}

// TestAPageThatNobodyNamedDoesNothing, though it has a good token and the bot would answer it.
func TestAPageThatNobodyNamedDoesNothing(t *testing.T) {
	t.Parallel()
	b, s := browse(t), newStage(t)
	foreign := httptest.NewServer(http.FileServerFS(os.DirFS(".")))
	t.Cleanup(foreign.Close)
	b.open(foreign.URL, s.latch.URL, s.mint(t, "door:read", "door:unlock"))
	for button, request := range map[string]string{"form button": "GET /api/door", "#unlock": "POST /api/door/unlock"} {
		if says := b.press(button); says != "The bot does not answer this page." || s.bot.reached(request) > 0 {
			t.Errorf("%s: the page says %q, and %d requests reached the bot", button, says, s.bot.reached(request))
		}
	}
	// The same page, straight to the bot: it is the latch that keeps it out.
	if said := b.Script(fmt.Sprintf(`fetch(%q).then((a) => String(a.status))`, s.bot.URL+"/api/door")); said != "200" {
		t.Errorf("not even the bot itself answers the page, but with %q: this test shows nothing", said)
	}
}
