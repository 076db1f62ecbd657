package stream

import (
	"encoding/binary"
	"net/http"
	"testing"
	"unicode/utf8"
)

// TestEachCauseSaysGoodbye in one final close frame, not masked, whose payload is short enough (RFC 6455 §5.5).
func TestEachCauseSaysGoodbye(t *testing.T) {
	t.Parallel()
	labels := map[string]bool{}
	for cause := Open; cause < NumCauses; cause++ {
		if cause.String() == "" || labels[cause.String()] {
			t.Errorf("cause %d: label %q", cause, cause)
		}
		labels[cause.String()] = true
		frame := cause.goodbye()
		if frame[0] != 0x88 || frame[1] > 125 || int(frame[1]) != len(frame)-2 || len(frame) < 4 {
			t.Fatalf("%s: frame % x", cause, frame)
		}
		if code := binary.BigEndian.Uint16(frame[2:]); code != 1001 && code != 1008 && code != 1013 {
			t.Errorf("%s: code %d", cause, code)
		}
		if !utf8.Valid(frame[4:]) || cause != Open && len(frame) == 4 {
			t.Errorf("%s: reason %q", cause, frame[4:])
		}
	}
}

func TestKindOfAnAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		media  []string
		want   Kind
	}{
		"websocket":                {101, nil, WebSocket},
		"websocket, whatever type": {101, []string{"text/event-stream"}, WebSocket},
		"event stream":             {200, []string{"text/event-stream"}, EventStream},
		"event stream, parameter":  {200, []string{"text/event-stream; charset=utf-8"}, EventStream},
		"event stream, capitals":   {200, []string{"Text/Event-Stream"}, EventStream},
		"camera":                   {200, []string{`multipart/x-mixed-replace; boundary="frame"`}, Camera},
		"no type":                  {200, nil, Request},
		"text":                     {200, []string{"text/plain; charset=utf-8"}, Request},
		"longer name":              {200, []string{"text/event-streams"}, Request},
		"parameter alone":          {200, []string{"text/plain; a=text/event-stream"}, Request},
		"two types":                {200, []string{"text/event-stream", "text/plain"}, Request},
		"form":                     {200, []string{"multipart/form-data; boundary=a"}, Request},
	} {
		header := http.Header{}
		if c.media != nil {
			header["Content-Type"] = c.media
		}
		if got := kindOf(c.status, header); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	for kind := Request; kind < NumKinds; kind++ {
		if kind.String() == "" || kind.endless() != (kind == EventStream || kind == Camera) {
			t.Errorf("kind %d: %q, endless %v", kind, kind, kind.endless())
		}
	}
}
