package app

import (
	"cmp"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/botlatch/botlatch/caddymodule/stream"
)

// OpenStream is an open request as people see it.
type OpenStream struct {
	ID      uint64    `json:"id"`
	Site    string    `json:"site"`
	Rule    string    `json:"rule"`
	Path    string    `json:"path"`
	Kind    string    `json:"kind"` // websocket, event_stream, camera, request
	Issuer  string    `json:"iss,omitempty"`
	Subject string    `json:"sub,omitempty"`
	Session string    `json:"sid,omitempty"` // of a browser that is signed in
	Since   time.Time `json:"since"`
	Expires time.Time `json:"expires,omitzero"` // when it ends at the latest
}

// OpenStreams are those that are open, in the order in which they were opened.
func (a *App) OpenStreams() []OpenStream {
	open := process.streams.Select(func(s *stream.Stream) bool { return s.Cause() == stream.Open })
	slices.SortFunc(open, func(x, y *stream.Stream) int { return cmp.Compare(x.ID(), y.ID()) })
	all := make([]OpenStream, len(open))
	for i, s := range open {
		all[i] = OpenStream{
			ID: s.ID(), Site: s.Site, Rule: s.Rule, Path: s.Path, Kind: s.Kind().String(), Since: s.Since.UTC(), Expires: s.Expires(),
		}
		if s.Token != nil {
			all[i].Issuer, all[i].Subject = s.Token.Issuer.Name, s.Token.Subject
			if s.Token.Session {
				all[i].Session = s.Token.SessionID
			}
		}
	}
	return all
}

// EndStream ends the stream of an ID, and reports whether there was one. Its token is not revoked: the client may come
// back. by says who asked.
func (a *App) EndStream(id uint64, by string) bool {
	found := process.streams.Select(func(s *stream.Stream) bool { return s.ID() == id })
	if len(found) == 0 || !found[0].End(stream.Operator) {
		return false
	}
	a.logger.Info("stream ended by hand", zap.Uint64("id", id), zap.String("rule", found[0].Rule), zap.String("by", by))
	return true
}
