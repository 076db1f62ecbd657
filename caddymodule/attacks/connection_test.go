package attacks_test

import (
	"strings"
	"testing"
)

// TestH7_ConnectionHeaderCannotDropIdentity lists what the latch sets as hop-by-hop, which a proxy deletes:
// what header_up sets comes later, what request_header sets does not.
func TestH7_ConnectionHeaderCannotDropIdentity(t *testing.T) {
	t.Parallel()
	s := newTapped(t, tapSites)
	for _, fields := range [][]string{
		{"Connection: X-Bot-Subject"},
		{"Connection: x-bot-subject"},
		{"cONNECTION: X-BOT-SUBJECT, x-bot-issuer,x-operator"},
		{"Connection: close, X-Bot-Early"},
		{"connection: x-bot-early ,\tx-operator"},
		{"Connection: keep-alive", "Connection: x-bot-subject ,\tX-Operator"},
		{"Connection: ,,x-bot-early,,"},
		{"Connection: X_Bot_Subject, x.operator, x|bot|early"},
		{"Connection: X-Bot-Subject", "X-Bot-Subject: forged", "X_Bot_Subject: forged"},
		{"Connection: X-Forwarded-For, X-Forwarded-Host, X-Forwarded-Proto, Via, Host, Connection"},
		{"Connection: keep-alive,\n X-Bot-Early"},
	} {
		t.Run(strings.Join(fields, "; "), func(t *testing.T) {
			heard := s.fields(t, fields...)
			saysAna(t, heard)
			says(t, heard, "X-Forwarded-For", "127.0.0.1")
			says(t, heard, "X-Forwarded-Host", s.host())
			says(t, heard, "Via", "1.1 Caddy")
		})
	}
}

// TestH8_OtherHopByHopFieldsCannotDropIdentity tries the rest of what one hop tells the next, and the trailer.
func TestH8_OtherHopByHopFieldsCannotDropIdentity(t *testing.T) {
	t.Parallel()
	s := newTapped(t, tapSites)
	for _, fields := range []string{
		"Proxy-Connection: X-Bot-Subject", "Keep-Alive: x-bot-subject", "TE: trailers, x-bot-subject", "Trailer: X-Bot-Subject",
		"Alt-Svc: x-bot-subject", "Proxy-Authenticate: x-bot-subject", "Connection: TE, X-Bot-Early\nTE: trailers",
		"Connection_: X-Bot-Subject", "Max-Forwards: 0", "Connection: Trailer\nTrailer: X-Bot-Subject",
	} {
		t.Run(fields, func(t *testing.T) { saysAna(t, s.fields(t, fields)) })
	}
	for _, announced := range []string{"Trailer: X-Bot-Subject, Authorization", "Trailer: x_bot.subject", "TE: trailers", "Connection: Trailer\nTrailer: X-Operator"} {
		t.Run("trailer, "+announced, func(t *testing.T) {
			heard := s.hears(t, "POST /servo/10 HTTP/1.1\nHost: {host}\nAuthorization: Bearer {driver}\n"+announced+"\nTransfer-Encoding: chunked\n\n"+
				"2\nok\n0\nX-Bot-Subject: forged\nX_Bot.Subject: forged\nx-operator: forged\nAuthorization: forged\nForwarded: forged\n\n")
			saysAna(t, heard)
		})
	}
}
