package stream

import (
	"context"
	"io"
)

// body is what a client sends. When its stream is cut, reading ends as if the client had gone: another error would count
// against the bot, and a pool with passive health checks would take it out.
type body struct {
	io.ReadCloser

	stream *Stream
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && b.stream.Cause() != Open {
		err = context.Canceled
	}
	return n, err
}
