package botapi

import (
	"net/http"
	"testing"
)

const (
	locked   = `{"locked":true,"angle":0}` + "\n"
	unlocked = `{"locked":false,"angle":90}` + "\n"
)

func TestTurnsTheLock(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	before := b.board.Actuations()
	for i, c := range []struct {
		method, path, body, want string
		angle, moves             int
	}{
		{"GET", "/api/door", "", locked, AngleLocked, 0},
		{"POST", "/api/door/unlock", "", unlocked, AngleUnlocked, 1},
		{"GET", "/api/door", "", unlocked, AngleUnlocked, 1},
		{"POST", "/api/door/unlock", "{}", unlocked, AngleUnlocked, 2}, // twice is as good as once
		{"POST", "/api/door/lock", " { } ", locked, AngleLocked, 3},
		{"GET", "/api/door", "", locked, AngleLocked, 3},
	} {
		r := b.ask(t, c.method, c.path, c.body)
		if r.status != http.StatusOK || r.body != c.want {
			t.Errorf("%d: %d %s", i, r.status, r.body)
		}
		if r.header.Get("Content-Type") != "application/json" || r.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%d: header %v", i, r.header)
		}
		if got := b.board.Servo(PinDoor); got != c.angle {
			t.Errorf("%d: the lock is at %d, want %d", i, got, c.angle)
		}
		if got := b.board.Actuations() - before; got != c.moves {
			t.Errorf("%d: %d moves, want %d", i, got, c.moves)
		}
	}
}

func TestTurnsTheLockForACommandLineClient(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	// curl -d '' names a media type and sends nothing
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	if r := b.askWith(t, "POST", "/api/door/unlock", "", header); r.status != http.StatusOK || b.board.Servo(PinDoor) != AngleUnlocked {
		t.Errorf("%d %s, lock at %d", r.status, r.body, b.board.Servo(PinDoor))
	}
}
