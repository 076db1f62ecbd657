package attacks_test

import (
	"strings"
	"testing"
)

// The fields of a handshake, and of an upgrade to HTTP/2.
const (
	handshakeFields = "Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n"
	h2cFields       = "Connection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\n"
)

// TestP20_ConnectIsRefused: in every form, whoever asks; and what comes behind it is judged by itself.
func TestP20_ConnectIsRefused(t *testing.T) {
	t.Parallel()
	s := newStage(t, options+site)
	const early = "GET {act} HTTP/1.1\nHost: {host}\nX-Tunnelled: 1\n\n"
	var attacks []attack
	for _, target := range []string{"{host}", "/healthz", "{read}", "{act}"} {
		for _, token := range []string{"", "Authorization: Bearer {observer}\n", "Authorization: Bearer {driver}\n"} {
			for _, fields := range []string{"", handshakeFields, ":protocol: websocket\n"} {
				attacks = append(attacks, attack{"CONNECT " + target + fields, "CONNECT " + target + " HTTP/1.1\nHost: {host}\n" + token + fields + "\n" + early, 400})
			}
		}
	}
	s.refuses(t, attacks...)
	// Caddy has no site for these, so it answers by itself: no bot.
	before := s.bot.Hits()
	for _, target := range []string{"bot.test:80", "bot.test", "http://{host}/healthz", "*", s.bot.Address()} {
		send(t, s.address(), s.words(t).Replace("CONNECT "+target+" HTTP/1.1\nHost: {host}\nAuthorization: Bearer {observer}\n\n"+early))
	}
	if s.settled(before) != before {
		t.Errorf("the bot was reached: %s %s", s.bot.Last().Method, s.bot.Last().RequestURI)
	}
	s.refuses(t,
		attack{"connect in lower case", "connect {read} HTTP/1.1\nHost: {host}\nAuthorization: Bearer {observer}\n\n", 403},
		attack{"handshake of an act", "GET {act} HTTP/1.1\nHost: {host}\nAuthorization: Bearer {observer}\n" + handshakeFields + "\n" + early, 403},
		attack{"handshake of what may be read", "GET {read} HTTP/1.1\nHost: {host}\nAuthorization: Bearer {observer}\n" + handshakeFields + "\n" + early, 403},
		attack{"handshake of what is public", "GET /healthz HTTP/1.1\nHost: {host}\n" + handshakeFields + "\n" + early, 403},
		attack{"handshake with a body", "GET /drive HTTP/1.1\nHost: {host}\nAuthorization: Bearer {driver}\n" + handshakeFields + "Content-Length: 4\n\n" + early, 400},
		attack{"handshake of HTTP/1.0", "GET /drive HTTP/1.0\nHost: {host}\nAuthorization: Bearer {driver}\n" + handshakeFields + "\n" + early, 400})
}

// TestP21_NoOtherUpgradeReachesTheBot: on what is public and with every token; HTTP/2 with prior knowledge is not spoken
// without TLS either.
func TestP21_NoOtherUpgradeReachesTheBot(t *testing.T) {
	t.Parallel()
	s := newStage(t, options+site)
	var attacks []attack
	for _, fields := range []string{
		h2cFields, "Connection: Upgrade\nUpgrade: h2c\n", "connection: UPGRADE\nupgrade: H2C\n", strings.Replace(h2cFields, "h2c", "h2c, websocket", 1), strings.Replace(handshakeFields, "websocket", "websocket, h2c", 1),
		handshakeFields + "Upgrade: h2c\n", handshakeFields + "HTTP2-Settings: AAMAAABk\n", "HTTP2-Settings: AAMAAABk\n", "Connection: Upgrade\nUpgrade: TLS/1.0, HTTP/1.1\n", "Upgrade: h2c\n", "Connection: Upgrade\n",
		strings.Replace(handshakeFields, "websocket", "web\u017focket", 1), strings.Replace(handshakeFields, "websocket", "websocket/13", 1), "Connection: Upgrade\nUpgrade: \n",
	} {
		for _, request := range []string{"GET /healthz", "HEAD /healthz", "GET /status", "GET /servo/10", "POST /servo/10", "GET /drive"} {
			for _, token := range []string{"", "Authorization: Bearer {observer}\n", "Authorization: Bearer {driver}\n"} {
				attacks = append(attacks, attack{request + fields + token, request + " HTTP/1.1\nHost: {host}\n" + token + fields + "\nGET {act} HTTP/1.1\nHost: {host}\n\n", 400})
			}
		}
	}
	attacks = append(attacks, attack{"prior knowledge", "PRI * HTTP/2.0\n\nSM\n\n", 0}, attack{"prior knowledge, as HTTP/1.1", "PRI * HTTP/1.1\nHost: {host}\n\n", 0})
	s.refuses(t, attacks...)
}
