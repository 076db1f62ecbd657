package stream

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
)

// writer stands between the proxy and the client of one stream.
type writer struct {
	http.ResponseWriter

	stream  *Stream
	started bool // an answer is on its way
}

var errEnded = errors.New("the stream was ended before it was answered")

// WriteHeader passes on. What the proxy answers to a request that was cut before the bot had answered is not sent: 499
// means nothing to a client, and Serve's caller knows better.
func (w *writer) WriteHeader(status int) {
	if w.swallows() {
		return
	}
	if status >= http.StatusOK || status == http.StatusSwitchingProtocols {
		w.started = true
		w.stream.kind.Store(uint32(kindOf(status, w.Header())))
	}
	w.ResponseWriter.WriteHeader(status)
}

// swallows reports whether the stream was cut before an answer had begun.
func (w *writer) swallows() bool { return !w.started && w.stream.Cause() != Open }

// Write passes on, as WriteHeader does.
func (w *writer) Write(p []byte) (int, error) {
	if !w.started {
		w.WriteHeader(http.StatusOK)
		if !w.started {
			return len(p), nil
		}
	}
	return w.ResponseWriter.Write(p)
}

// ReadFrom passes on, so that a file takes the short way through the kernel.
func (w *writer) ReadFrom(r io.Reader) (int64, error) {
	if !w.started {
		w.WriteHeader(http.StatusOK)
	}
	to, ok := w.ResponseWriter.(io.ReaderFrom)
	if !ok || !w.started {
		return io.Copy(struct{ io.Writer }{w}, r)
	}
	return to.ReadFrom(r)
}

// FlushError passes on what is there, the header first.
func (w *writer) FlushError() error {
	if !w.started {
		w.WriteHeader(http.StatusOK)
	}
	if !w.started {
		return nil
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Hijack hands out the client's connection for a WebSocket, which the stream keeps hold of.
func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if w.swallows() {
		return nil, nil, errEnded
	}
	conn, buffered, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	ws := &upgraded{Conn: conn, line: conn, cancel: w.stream.cancel}
	if _, ok := conn.(interface{ CloseWrite() error }); !ok && w.stream.Line != nil {
		ws.line = w.stream.Line
	}
	buffered.Writer.Reset(ws)
	w.stream.upgrade(ws)
	return ws, buffered, nil
}

// Unwrap is for http.ResponseController.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Interface guards
var (
	_ http.Hijacker = (*writer)(nil)
	_ io.ReaderFrom = (*writer)(nil)
)
