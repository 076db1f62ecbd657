package main

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"sync"

	"gobot.io/x/gobot/v2"
)

// line is one line of standard output; it has one of these.
type line struct {
	Listening string `json:"listening,omitempty"` // where the API listens
	Request   string `json:"request,omitempty"`   // method and path of a request that reached it
	Act       string `json:"act,omitempty"`       // whose command began, and which
	Acts      int    `json:"acts,omitempty"`      // how many have by now, with this one
}

// teller tells what happens.
type teller struct {
	mu   sync.Mutex
	out  io.Writer
	acts int
}

// tell prints one line.
func (t *teller) tell(l line) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.Act != "" {
		t.acts++
		l.Acts = t.acts
	}
	if err := json.NewEncoder(t.out).Encode(l); err != nil {
		log.Println(err)
	}
}

// request tells of a request before it is answered. The query stays out of it.
func (t *teller) request(_ http.ResponseWriter, r *http.Request) {
	t.tell(line{Request: r.Method + " " + r.URL.EscapedPath()})
}

// commands makes each command tell that it begins, whether or not it can do what it should.
func (t *teller) commands(whose string, c gobot.Commander) {
	for name, command := range c.Commands() {
		c.AddCommand(name, func(params map[string]any) any {
			t.tell(line{Act: whose + "." + name})
			return command(params)
		})
	}
}
