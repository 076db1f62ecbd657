package caddymodule

import (
	"net/http"

	"github.com/botlatch/botlatch/caddymodule/bearer"
)

// selectMarker is w for a handshake that carried its token behind our marker. A bot that selects none of the other
// subprotocols would leave the client without one, and browsers fail a handshake that selects nothing of what they
// offered (RFC 6455 §4.1): then its 101 selects the marker.
func selectMarker(w http.ResponseWriter, marked bool) http.ResponseWriter {
	if !marked {
		return w
	}
	return finishHead(w, func(status int, header http.Header) {
		// Caddy's proxy writes the field as RFC 6455 does, and that is another key than net/http's.
		const field, asRFC = "Sec-Websocket-Protocol", "Sec-WebSocket-Protocol"
		selected := len(header[field])+len(header[asRFC]) > 0 //nolint:staticcheck // meant
		if status == http.StatusSwitchingProtocols && !selected {
			header[asRFC] = []string{bearer.Marker}
		}
	})
}
