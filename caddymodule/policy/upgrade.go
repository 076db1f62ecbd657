package policy

import (
	"errors"
	"net/http"
	"strings"
)

// upgrade reports whether r is a WebSocket handshake (RFC 6455 §4.1). Every other attempt to leave HTTP is an error:
// after the bot's 101 a proxy passes bytes in both directions and reads none of them, so that an h2c upgrade on an
// allowed GET would carry any request past every rule.
func upgrade(r *http.Request) (bool, error) {
	// Extended CONNECT becomes a handshake only behind us, in the proxy (RFC 8441). Over HTTP/2 Caddy does not offer
	// it; over HTTP/3 no browser uses it.
	if r.Method == http.MethodConnect || r.Header[":protocol"] != nil {
		return false, errors.New("CONNECT is not accepted")
	}
	if r.Header["Http2-Settings"] != nil {
		return false, errors.New("upgrade to HTTP/2 is not accepted")
	}
	protocols, asked := r.Header["Upgrade"], hasToken(r.Header["Connection"], "upgrade")
	switch {
	case len(protocols) == 0 && !asked:
		return false, nil
	case len(protocols) == 0:
		// Harmless by itself, until a header_up sets Upgrade behind us.
		return false, errors.New("connection option upgrade without a protocol")
	case r.ProtoMajor != 1 || r.ProtoMinor != 1:
		return false, errors.New("upgrade over another version than HTTP/1.1")
	case r.Method != http.MethodGet:
		return false, errors.New("upgrade with another method than GET")
	case !asked:
		return false, errors.New("upgrade without its connection option")
	case len(protocols) != 1 || !sameFold(protocols[0], "websocket"):
		// Also "h2c, websocket" and "websocket/13": the bot would choose.
		return false, errors.New("upgrade to another protocol than websocket")
	case r.ContentLength != 0: // -1 when it is chunked
		// Bytes that one side takes for the body are frames to the other.
		return false, errors.New("websocket handshake with a body")
	}
	return true, nil
}

// hasToken reports whether a list field (RFC 9110 §5.6.1) holds token, which is in lower case.
func hasToken(fields []string, token string) bool {
	for _, field := range fields {
		for more := true; more; {
			var option string
			option, field, more = strings.Cut(field, ",")
			if sameFold(strings.Trim(option, " \t"), token) {
				return true
			}
		}
	}
	return false
}
