package stream

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// farewell is how long a WebSocket stays open of which one side has gone without the other.
	farewell = time.Second
	// grace is how long a stream that is cut has to end well. After that its connection is closed as it stands.
	grace = 250 * time.Millisecond
	// lendings is how often a WebSocket gets that time anew, when nothing but the machine holds it up.
	lendings = 4
)

// upgraded is the connection to the client of a WebSocket. What the bot says passes through Write, so that a cut can put a
// close frame on a frame's edge instead of inside one, where the client would read it as data.
type upgraded struct {
	net.Conn

	line   net.Conn // what can be half closed; Caddy hides it behind the one above when it logs
	cancel func()   // ends the bot's side

	leaving atomic.Bool // cut: nothing is passed to the bot any more, and Close leaves the closing to finish
	saying  atomic.Bool // goodbye is being written
	halved  sync.Once   // one side has gone

	passed atomic.Int64 // bytes that went to the client
	seen   int64        // of them, when stuck was asked; it belongs to who asks

	mu      sync.Mutex
	frames  frames
	goodbye []byte // to be said at the next edge; nil: not cut
	then    func() // ends the bot's side
	said    bool   // or the bot has said its own
}

// Read passes on what the client says, until the stream is cut. Then it takes it in and drops it. When the client has gone,
// so will the bot's side, even if the bot does not look.
func (c *upgraded) Read(p []byte) (int, error) {
	for {
		n, err := c.Conn.Read(p)
		if err != nil {
			c.halve()
		}
		switch {
		case !c.leaving.Load():
			return n, err
		case err != nil:
			return 0, err
		}
	}
}

// Write passes on what the bot says. When the stream was cut, it does so up to the end of the frame under way; the rest is
// dropped, and nobody is told.
func (c *upgraded) Write(p []byte) (int, error) {
	c.mu.Lock()
	switch {
	case c.said:
		c.mu.Unlock()
		return len(p), nil
	case c.goodbye == nil:
		defer c.mu.Unlock()
		c.frames.skip(p)
		n, err := c.Conn.Write(p)
		c.passed.Add(int64(n))
		return n, err
	}
	n := c.frames.toEdge(p)
	_, err := c.Conn.Write(p[:n])
	c.passed.Add(int64(n))
	left := err == nil && c.leave()
	c.mu.Unlock()
	if left {
		c.then()
	}
	return len(p), err
}

// cut says goodbye at the next edge, which may be now, and then ends the bot's side: first the client's, so that nothing
// the bot says at its end comes before. It may wait for a Write under way.
func (c *upgraded) cut(goodbye []byte, then func()) {
	c.mu.Lock()
	c.goodbye, c.then = goodbye, then
	left := c.leave()
	c.mu.Unlock()
	if left {
		then()
	}
}

// leave says goodbye if this is an edge, once. The lock is held. There is no deadline: of thousands that are cut together
// one may wait long for its turn, and abort ends what waits for the client.
func (c *upgraded) leave() bool {
	if !c.frames.edge() || c.said {
		return false
	}
	c.said = true
	if !c.frames.closed {
		c.saying.Store(true)
		_, _ = c.Conn.Write(c.goodbye)
		c.saying.Store(false)
	}
	// The client waits for us to close (RFC 6455 §7.1.1), and we for what it still has to say: see finish.
	if half, ok := c.line.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	return true
}

// stuck reports whether the bot, in the middle of a frame, or a client that does not read keeps goodbye from being said. As
// long as bytes of that frame go by, nobody does.
func (c *upgraded) stuck() bool {
	passed := c.passed.Load()
	moves := passed != c.seen
	c.seen = passed
	if !c.mu.TryLock() {
		return !c.saying.Load() && !moves
	}
	defer c.mu.Unlock()
	return c.goodbye != nil && !c.said && !moves
}

// Close is called by the proxy when its copying ends. A connection that was cut stays until finish; only who reads from it
// is sent away.
func (c *upgraded) Close() error {
	if c.leaving.Load() {
		return c.SetReadDeadline(time.Unix(1, 0))
	}
	return c.Conn.Close()
}

// halve ends what is left when one side has gone: half a WebSocket is none (RFC 6455 §7.1.1), but the proxy would keep it
// for as long as the other side is silent, and nobody would learn that the driver is gone.
func (c *upgraded) halve() {
	c.halved.Do(func() {
		time.AfterFunc(farewell, func() {
			_ = c.Close()
			c.cancel()
		})
	})
}

// CloseWrite passes on the end of what the bot says. An error ends the tunnel.
func (c *upgraded) CloseWrite() error {
	c.halve()
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return net.ErrClosed
}

// finish closes a connection that was cut. Until the client closes too, or grace is over, it takes in what the client
// still says: closing on unread bytes resets the connection, and a reset can overtake the close frame.
func (c *upgraded) finish() {
	if !c.leaving.Load() {
		return
	}
	_ = c.SetReadDeadline(time.Now().Add(grace))
	_, _ = io.Copy(io.Discard, c.Conn)
	_ = c.Conn.Close()
}
