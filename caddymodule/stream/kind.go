package stream

import (
	"mime"
	"net/http"
)

// Kind is what an open request turned out to be.
type Kind uint8

// The kinds.
const (
	Request     Kind = iota // not answered yet, or by a body like any other
	WebSocket               // RFC 6455
	EventStream             // text/event-stream: server-sent events
	Camera                  // multipart/x-mixed-replace: one picture after the other
	NumKinds
)

var kinds = [NumKinds]string{"request", "websocket", "event_stream", "camera"}

// String is the word for people and JSON.
func (k Kind) String() string { return kinds[k] }

// endless reports whether a body of this kind has no end of its own: cut, it is as complete as it ever is. Of any other
// body nobody could tell that the rest is missing.
func (k Kind) endless() bool { return k == EventStream || k == Camera }

// kindOf is the kind of an answer.
func kindOf(status int, header http.Header) Kind {
	if status == http.StatusSwitchingProtocols {
		return WebSocket
	}
	value := header["Content-Type"]
	if len(value) != 1 || len(value[0]) < len("text/event-stream") {
		return Request
	}
	switch media, _, _ := mime.ParseMediaType(value[0]); media {
	case "text/event-stream":
		return EventStream
	case "multipart/x-mixed-replace":
		return Camera
	}
	return Request
}
