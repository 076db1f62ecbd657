package stream

import (
	"bytes"
	"errors"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// FuzzCutStandsOnAFramesEdge: whatever a bot says, in whatever pieces, and whenever the stream is cut, a client gets the
// frames before whole, then the close frame, and then nothing. A frame that the bot never completes is aborted.
func FuzzCutStandsOnAFramesEdge(f *testing.F) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	f.Add([]byte{2, 0x45}, []byte{1, 7, 100}, uint8(2), uint8(0))
	f.Fuzz(func(t *testing.T, plan, chop []byte, at, manner uint8) {
		s := readScript(plan, chop, at, manner)
		written, messages, end := s.play(t, listener)
		s.check(t, written, messages, end)
	})
}

// play plays the script to a real client, and returns what was written to it, the messages that it got, and its end.
func (s script) play(t *testing.T, listener net.Listener) (written []byte, messages [][]byte, end error) {
	t.Helper()
	var g Registry
	var w wire
	served := make(chan error, 1)
	go func() {
		conn, err := listener.Accept()
		if err == nil {
			err = s.serve(conn, &g, &w)
		}
		served <- err
	}()
	client, _, err := websocket.Dial(t.Context(), "ws://"+listener.Addr().String(), &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: &http.Transport{DialContext: dialBriefly}},
	})
	if err != nil {
		t.Fatal(err)
	}
	client.SetReadLimit(-1)
	for end == nil {
		var message []byte
		if _, message, end = client.Read(t.Context()); end == nil {
			messages = append(messages, message)
		}
	}
	_ = client.CloseNow()
	select {
	case err := <-served:
		if err != nil && !errors.Is(err, net.ErrClosed) {
			t.Logf("the bot's side: %v", err)
		}
	case <-time.After(longest):
		t.Fatal("the stream does not end")
	}
	if g.Len() != 0 {
		t.Errorf("%d streams are left", g.Len())
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.written, messages, end
}

// check asserts what the client got: whole frames, then the close frame, and nothing behind it.
func (s script) check(t *testing.T, written []byte, messages [][]byte, end error) {
	t.Helper()
	all := readSlowly(s.bytes)
	goodbye := Revoked.goodbye()
	said, ended := bytes.CutSuffix(written, goodbye)
	switch {
	case ended && slices.Contains(all.edges, len(said)) && bytes.HasPrefix(s.bytes, said) && all.closesBy(len(said)) < 0:
		var closed websocket.CloseError
		if !errors.As(end, &closed) || closed.Code != websocket.StatusPolicyViolation || closed.Reason != "token revoked" {
			t.Errorf("the client's end was %v", end)
		}
	case bytes.HasPrefix(s.bytes, written):
		botCloses := all.closesBy(len(written)) >= 0 && slices.Contains(all.edges, len(written))
		if botCloses == (websocket.CloseStatus(end) != websocket.StatusNormalClosure) {
			t.Errorf("the bot said goodbye: %v; the client's end was %v", botCloses, end)
		}
		if !botCloses && !s.stalls {
			t.Errorf("no goodbye after %d of %d bytes", len(written), len(s.bytes))
		}
		if !botCloses && slices.Contains(all.edges, len(written)) {
			t.Error("no goodbye, and it was an edge")
		}
		said = written
	default:
		t.Fatalf("%d bytes were written, of which some are not the bot's; edges %v", len(written), all.edges)
	}
	want := messagesIn(said)
	if len(messages) == len(want)+1 && !slices.Contains(all.edges, len(said)) {
		messages = messages[:len(want)] // the client takes a connection that ends in a payload for the end of the message
	}
	if !slices.EqualFunc(messages, want, bytes.Equal) {
		t.Errorf("%d messages came, %d were sent whole", len(messages), len(want))
	}
}

// closesBy is where a close frame begins to be one, if it does so in the first n bytes, or -1.
func (r reading) closesBy(n int) int {
	if r.closes > n {
		return -1
	}
	return r.closes
}

// messagesIn are the messages that are whole in b.
func messagesIn(b []byte) (all [][]byte) {
	var message []byte
	edges := readSlowly(b).edges
	for i, from := range edges[:len(edges)-1] {
		frame := b[from:edges[i+1]]
		header := map[byte]int{126: 4, 127: 10}[frame[1]]
		if header == 0 {
			header = 2
		}
		if frame[0]&0x08 != 0 {
			continue // ping, pong, close
		}
		message = append(message, frame[header:]...)
		if frame[0]&0x80 != 0 {
			all, message = append(all, message), nil
		}
	}
	return all
}
