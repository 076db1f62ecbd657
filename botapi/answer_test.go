package botapi

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestTellsThatTheBoardFailed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if r := b.ask(t, "PUT", "/api/arm/joints/grip", `{"angle":60}`); r.status != http.StatusOK {
		t.Fatalf("%d %s", r.status, r.body)
	}
	moves, before := b.board.Actuations(), b.positions()
	arm, door := b.ask(t, "GET", "/api/arm", "").body, b.ask(t, "GET", "/api/door", "").body
	b.board.Fail(errors.New("bus 7 is on fire"))
	for _, r := range []reply{
		b.ask(t, "PUT", "/api/arm/joints/grip", `{"angle":100}`),
		b.ask(t, "POST", "/api/door/unlock", ""),
		b.ask(t, "POST", "/api/door/lock", ""),
	} {
		if p := r.wantProblem(t, http.StatusInternalServerError); strings.Contains(p.Detail, "bus 7") {
			t.Errorf("the board's own words reached the client: %s", p.Detail)
		}
	}
	if b.board.Actuations() != moves || b.positions() != before {
		t.Errorf("moved to %v", b.positions())
	}
	if b.ask(t, "GET", "/api/arm", "").body != arm || b.ask(t, "GET", "/api/door", "").body != door {
		t.Error("the state shown changed")
	}
	b.board.Fail(nil)
	if r := b.ask(t, "POST", "/api/door/unlock", ""); r.status != http.StatusOK || b.board.Servo(PinDoor) != AngleUnlocked {
		t.Errorf("not unlocked after the board came back: %d %s", r.status, r.body)
	}
}

func TestRefusesABodyThatBreaksOff(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	before := b.board.Actuations()
	for _, path := range []string{"/api/door/unlock", "/api/door/lock"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, io.MultiReader(strings.NewReader("{"), broken{}))
		w := httptest.NewRecorder()
		b.bot.Handler().ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if b.board.Actuations() != before {
		t.Error("moved")
	}
}

// broken is a body whose client has gone.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
