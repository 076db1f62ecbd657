package app

import (
	"time"

	"github.com/botlatch/botlatch/caddymodule/revocation"
	"github.com/botlatch/botlatch/caddymodule/stream"
)

const (
	patientWithStreams = time.Second          // how long an answer waits for streams to end
	lookEvery          = 2 * time.Millisecond // whether they have
)

// Ended is what a change did to the streams that were open.
type Ended struct {
	// Streams is how many it ended.
	Streams int `json:"streams_ended"`

	// TookMS is how long that took, from the request to the last of them, milliseconds. A stream that has not ended in a
	// second is not waited for.
	TookMS float64 `json:"took_ms"`
}

// ending is what a change is about to end.
type ending struct {
	began   time.Time
	streams []*stream.Stream
}

// beginEnding notes the streams that entries take out.
func beginEnding(entries ...revocation.Entry) ending {
	return ending{time.Now(), process.streams.Select(func(s *stream.Stream) bool {
		if s.Token == nil || s.Cause() != stream.Open {
			return false
		}
		for _, e := range entries {
			if s.Token.Named(e) {
				return true
			}
		}
		return false
	})}
}

// wait ends what is to be ended, now that the list knows, and waits until it has.
func (e ending) wait() Ended {
	if len(e.streams) > 0 {
		sweepNow()
	}
	for _, s := range e.streams {
		for !s.Over() && time.Since(e.began) < patientWithStreams {
			time.Sleep(lookEvery)
		}
	}
	return Ended{len(e.streams), float64(time.Since(e.began).Microseconds()) / 1000}
}

// StreamEnded tells the event stream_ended: why, what it was, on which site, and whose token it had; of a public rule iss
// is empty. It goes to the configuration that serves, which need not be the one that let the stream in.
func (a *App) StreamEnded(cause stream.Cause, kind stream.Kind, site, issuer string) {
	if serving := Running(); serving != nil {
		a = serving
	}
	a.events.announce("stream_ended", map[string]any{
		"cause": cause.String(), "kind": kind.String(), "site": site, "iss": issuer,
	})
}
