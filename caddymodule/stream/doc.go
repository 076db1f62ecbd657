// Package stream keeps the requests that are open and ends them: when their token expires, when a revocation matches
// it, when the configuration that let them in is gone. It knows no Caddy, no rule and no store.
//
//	Stream, Kind    one open request, and what it turned out to be
//	Cause           why it was ended
//	Registry        all that is open: Serve, Sweep, Select
//	writer          between the proxy and the client: what was answered, and the connection of a WebSocket
//	upgraded        a WebSocket, to be cut on the edge of a frame
//	frames          where those edges are
//	WatchLine       notices a client whose network is gone
//
// A cut is a cancelled context and nothing else, as if the client had left. What does not end by it within a quarter of a
// second loses its connection.
package stream
