package botapi

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/botapi/sim"
)

// atRest are the positions of a robot that has just started.
var atRest = [4]int{AngleLocked, 90, 90, 20}

// bench is a running bot on a simulated board behind a real server.
type bench struct {
	bot    *Bot
	board  *sim.Board
	server *httptest.Server
}

// newBench starts a bot; changes are made before.
func newBench(t *testing.T, changes ...func(*Bot)) *bench {
	t.Helper()
	board := sim.New()
	return newBenchOn(t, board, board, changes...)
}

// newBenchOn starts a bot on board, which is simulated or a simulated one that was tampered with.
func newBenchOn(t *testing.T, board Board, simulated *sim.Board, changes ...func(*Bot)) *bench {
	t.Helper()
	b := &bench{board: simulated, bot: New(board)}
	for _, change := range changes {
		change(b.bot)
	}
	if err := b.bot.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.server = httptest.NewServer(b.bot.Handler())
	t.Cleanup(func() {
		b.server.Close()
		if err := b.bot.Stop(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// reply is a response with its body read.
type reply struct {
	status int
	header http.Header
	body   string
}

// ask sends one request; a body that is not "" goes as application/json.
func (b *bench) ask(t *testing.T, method, path, body string) reply {
	t.Helper()
	header := http.Header{}
	if body != "" {
		header.Set("Content-Type", "application/json")
	}
	return b.askWith(t, method, path, body, header)
}

func (b *bench) askWith(t *testing.T, method, path, body string, header http.Header) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, b.server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	transport := b.server.Client().Transport // no redirects
	response, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, string(read)}
}

// positions are the angles of all servos, read from the board.
func (b *bench) positions() [4]int {
	return [4]int{
		b.board.Servo(PinDoor), b.board.Servo(PinBase), b.board.Servo(PinShoulder), b.board.Servo(PinGrip),
	}
}

// wantProblem checks that a reply is a well formed problem of this status and returns it.
func (r reply) wantProblem(t *testing.T, status int) problem {
	t.Helper()
	if r.status != status {
		t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	if got := r.header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("Content-Type %q", got)
	}
	var p problem
	if err := json.Unmarshal([]byte(r.body), &p); err != nil {
		t.Fatalf("%v in %q", err, r.body)
	}
	if p.Type != "about:blank" || p.Title != http.StatusText(status) || p.Status != status || p.Detail == "" {
		t.Errorf("problem is %+v", p)
	}
	return p
}
