package botapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// maxSubscribers is how many may listen at a time.
const maxSubscribers = 64

// events hands what happens to everyone who listens, each in a queue of their own. It is safe for concurrent use.
//
// Gobot has events, too, and they are not used here: its Eventer sends to each subscriber in turn, in channels of ten that
// it waits for. The stock API never takes a subscriber away, so the first browser tab that is closed fills its ten, and
// then nobody hears anything more and every command that publishes hangs. Here publishing waits for nobody: who is slow
// loses the oldest events, and whose connection takes nothing at all for patience is cut off.
type events struct {
	streams *streams

	mu          sync.Mutex
	subscribers map[queue]struct{}
}

func newEvents(s *streams) *events {
	return &events{streams: s, subscribers: make(map[queue]struct{})}
}

// publish tells all subscribers. It never blocks, so that devices call it while they are locked: events come in the order
// of the moves.
func (e *events) publish(name string, state any) {
	data, err := json.Marshal(state)
	if err != nil { // none of the types here can fail
		panic(err)
	}
	e.put(fmt.Appendf(nil, "event: %s\ndata: %s\n\n", name, data))
}

// remark sends a comment, which clients skip and which keeps a silent connection known to be alive.
func (e *events) remark(text string) {
	e.put([]byte(": " + text + "\n\n"))
}

func (e *events) put(message []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for q := range e.subscribers {
		q.put(message)
	}
}

func (e *events) subscribe() (queue, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.subscribers) == maxSubscribers {
		p := newProblem(http.StatusServiceUnavailable, "too many listen already")
		p.header.Set("Retry-After", "5")
		return nil, p
	}
	q := newQueue()
	e.subscribers[q] = struct{}{}
	return q, nil
}

func (e *events) unsubscribe(q queue) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.subscribers, q)
}

// serve is GET /api/events, until the client goes or the robot stops.
func (e *events) serve(w http.ResponseWriter, r *http.Request) {
	ended, leave, err := e.streams.enter()
	if err != nil {
		problemOf(r, err).write(w)
		return
	}
	defer leave()
	q, err := e.subscribe()
	if err != nil {
		problemOf(r, err).write(w)
		return
	}
	defer e.unsubscribe(q)
	c := http.NewResponseController(w)
	// The server's timeouts are made for answers. Its read timeout would end r's context, too, not only reading.
	if err := errors.Join(c.SetReadDeadline(time.Time{}), extend(c)); err != nil {
		newProblem(http.StatusInternalServerError, "this server cannot stream").write(w)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Connection", "close") // the deadlines stay on it
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	_, err = w.Write([]byte(": listening\n\n"))
	for err = errors.Join(err, c.Flush()); err == nil; {
		select {
		case <-ended.Done():
			_ = extend(c) // for the end of the body
			return
		case <-r.Context().Done():
			return
		case message := <-q:
			err = send(w, c, message)
		}
	}
}

func send(w http.ResponseWriter, c *http.ResponseController, message []byte) error {
	if err := extend(c); err != nil {
		return err
	}
	if _, err := w.Write(message); err != nil {
		return err
	}
	return c.Flush()
}

// extend gives the client patience from now on, instead of the server's write timeout.
func extend(c *http.ResponseController) error {
	return c.SetWriteDeadline(time.Now().Add(patience))
}
