package botapi

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func TestShowsTheArm(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	before := b.board.Actuations()
	for path, want := range map[string]string{
		"/api/arm": `{"joints":[{"name":"base","angle":90,"min":0,"max":180},` +
			`{"name":"shoulder","angle":90,"min":15,"max":165},{"name":"grip","angle":20,"min":20,"max":120}]}`,
		"/api/arm/joints/base":     `{"name":"base","angle":90,"min":0,"max":180}`,
		"/api/arm/joints/shoulder": `{"name":"shoulder","angle":90,"min":15,"max":165}`,
		"/api/arm/joints/gr%69p":   `{"name":"grip","angle":20,"min":20,"max":120}`, // as any Go server reads it
	} {
		if r := b.ask(t, "GET", path, ""); r.status != http.StatusOK || r.body != want+"\n" {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	if b.board.Actuations() != before {
		t.Error("looking at the arm moved it")
	}
}

func TestMovesAJoint(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		joint, pin, body string
		angle            int
	}{
		"ok/base min":       {"base", PinBase, `{"angle":0}`, 0},
		"ok/base max":       {"base", PinBase, `{"angle":180}`, 180},
		"ok/shoulder min":   {"shoulder", PinShoulder, `{"angle":15}`, 15},
		"ok/shoulder max":   {"shoulder", PinShoulder, `{"angle":165}`, 165},
		"ok/grip min":       {"grip", PinGrip, `{"angle":20}`, 20},
		"ok/grip max":       {"grip", PinGrip, `{"angle":120}`, 120},
		"ok/spaces":         {"base", PinBase, "\n { \"angle\" :\t7 } \n", 7},
		"ok/minus zero":     {"base", PinBase, `{"angle":-0}`, 0},
		"ok/escaped member": {"base", PinBase, `{"\u0061ngle":8}`, 8},
		"ok/as large as it may be": {
			"base", PinBase, `{"angle":9` + strings.Repeat(" ", maxBody-len(`{"angle":9}`)) + `}`, 9,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			before, others := b.board.Actuations(), b.positions()
			put := b.ask(t, "PUT", "/api/arm/joints/"+c.joint, c.body)
			if put.status != http.StatusOK || !strings.Contains(put.body, fmt.Sprintf(`"angle":%d,`, c.angle)) {
				t.Fatalf("%d %s", put.status, put.body)
			}
			if got := b.board.Servo(c.pin); got != c.angle {
				t.Errorf("the servo is at %d, want %d", got, c.angle)
			}
			if got := b.board.Actuations() - before; got != 1 {
				t.Errorf("%d moves", got)
			}
			if get := b.ask(t, "GET", "/api/arm/joints/"+c.joint, ""); get.body != put.body {
				t.Errorf("GET shows %s, PUT %s", get.body, put.body)
			}
			changed := 0
			for i, angle := range b.positions() {
				if angle != others[i] {
					changed++
				}
			}
			if changed > 1 {
				t.Errorf("moved more than one servo: %v", b.positions())
			}
		})
	}
}

func TestRefusesAJointItDoesNotHave(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	before := b.board.Actuations()
	for _, joint := range []string{"elbow", "Base", "base%20", "base%2F", "door", "%00", strings.Repeat("a", 2000)} {
		for _, r := range []reply{
			b.ask(t, "GET", "/api/arm/joints/"+joint, ""),
			b.ask(t, "PUT", "/api/arm/joints/"+joint, `{"angle":45}`),
		} {
			if p := r.wantProblem(t, http.StatusNotFound); !strings.Contains(p.Detail, "base, shoulder, grip") {
				t.Errorf("%s: %s", joint, p.Detail)
			}
		}
	}
	if b.board.Actuations() != before {
		t.Error("moved")
	}
}

func TestMovesForManyAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	before := b.board.Actuations()
	var done atomic.Int64
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			for k := range 10 {
				joint := []string{"base", "shoulder", "grip"}[(i+k)%3]
				for _, r := range []reply{
					b.ask(t, "PUT", "/api/arm/joints/"+joint, fmt.Sprintf(`{"angle":%d}`, 20+(i*10+k)%100)),
					b.ask(t, "POST", []string{"/api/door/lock", "/api/door/unlock"}[k%2], ""),
				} {
					if r.status == http.StatusOK {
						done.Add(1)
					}
				}
				if r := b.ask(t, "GET", "/api/arm", ""); r.status != http.StatusOK {
					t.Errorf("GET: %d", r.status)
				}
			}
		})
	}
	wg.Wait()
	if got := b.board.Actuations() - before; got != 240 || done.Load() != 240 {
		t.Errorf("%d moves, %d answers, want 240", got, done.Load())
	}
	for _, joint := range b.bot.arm.joints {
		if got := b.board.Servo(joint.Pin()); got != joint.position() {
			t.Errorf("%s stands at %d and says %d", joint.Name(), got, joint.position())
		}
	}
}
