package caddymodule_test

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// shape is a request that grows: lines of its header, or its target, of about n bytes.
type shape struct {
	method, target func(n int) string // GET /api/arm when nil
	fields         func(n int) string // each line ends in CRLF
	own            bool               // brings its own Authorization; the others carry a good token
	passes         bool               // goes the whole way, to where credentials and lying headers are taken out
}

// shapes are requests like those that cost more than their bytes elsewhere.
var shapes = map[string]shape{
	"Authorization/long":       {own: true, fields: field("Authorization: Bearer ", "a", "")},
	"Authorization/dots":       {own: true, fields: field("Authorization: Bearer ", ".", "")},
	"Authorization/spaces":     {own: true, fields: field("Authorization: Bearer", " ", "x")},
	"Authorization/commas":     {own: true, fields: field("Authorization: ", "Bearer a, ", "Bearer a")},
	"Authorization/repeated":   {own: true, fields: lines("Authorization: Bearer a")},
	"token/nested header":      {own: true, fields: tokenOf(func(n int) (string, string) { return nest(n), "{}" })},
	"token/nested payload":     {own: true, fields: tokenOf(func(n int) (string, string) { return `{"alg":"EdDSA"}`, nest(n) })},
	"token/tiny members":       {own: true, fields: tokenOf(func(n int) (string, string) { return `{"alg":"EdDSA"}`, members(n) })},
	"token/tiny objects":       {own: true, fields: tokenOf(func(n int) (string, string) { return `{"alg":"EdDSA"}`, objects(n) })},
	"fields/distinct":          {passes: true, fields: distinct("X-%d: 1")},
	"fields/lying":             {passes: true, fields: distinct("X-Auth-%d: 1")},
	"fields/underscores":       {passes: true, fields: distinct("X_%d_._: 1")},
	"fields/Connection tokens": {passes: true, fields: field("Connection: ", "x-user, ", "close")},
	"fields/Connection":        {passes: true, fields: lines("Connection: x-bot-user, a")},
	"fields/Connection commas": {passes: true, fields: field("Connection: ", ",", "a")},
	"fields/Trailer names":     {passes: true, fields: field("Transfer-Encoding: chunked\r\nTrailer: ", "x-a, ", "x-b")},
	"fields/Cookie":            {passes: true, fields: field("Cookie: ", "access_token=a; ", "b=1")},
	"fields/Cookie repeated":   {passes: true, fields: lines("Cookie: a=1")},
	"fields/long value":        {passes: true, fields: field("X-Long: ", "a", "")},
	"fields/long name":         {passes: true, fields: field("X-", "a", ": 1")},
	"upgrade/subprotocols":     {passes: true, target: fixed("/drive"), fields: field(asksUpgrade+"Sec-WebSocket-Protocol: ", "a, ", "b")},
	"upgrade/markers":          {target: fixed("/drive"), fields: field(asksUpgrade+"Sec-WebSocket-Protocol: ", "botlatch.bearer, a, ", "b")},
	"upgrade/fields":           {target: fixed("/drive"), fields: lines("Sec-WebSocket-Protocol: botlatch.bearer, a")},
	"upgrade/protocols":        {target: fixed("/drive"), fields: field("Connection: Upgrade\r\nUpgrade: ", "websocket, ", "h2c")},
	"target/dots":              {target: grown("/", ".")},
	"target/dot segments":      {target: grown("", "/..")},
	"target/slashes":           {target: grown("", "/")},
	"target/segments":          {target: grown("/api", "/a")},
	"target/one segment":       {passes: true, target: grown("/api/robots/", "a")},
	"target/escapes":           {passes: true, target: grown("/api/robots/", "%C3%A9")},
	"target/escaped letters":   {target: grown("/api/robots/", "%61")},
	"target/invalid bytes":     {target: grown("/api/robots/", "%FF")},
	"target/percent signs":     {target: grown("/api/robots/", "%25")},
	"target/semicolons":        {target: grown("/api/robots/a", ";")},
	"target/like a rule":       {target: grown("/api/arm", "/api/arm")},
	"query/parameters":         {passes: true, target: grown("/api/arm?", "a=1&")},
	"query/separators":         {passes: true, target: grown("/api/arm?", ";")},
	"query/escapes":            {passes: true, target: grown("/api/arm?", "%61")},
	"query/tokens":             {target: grown("/api/arm?", "access_token=a;b=1&")},
	"query/tokens, public":     {passes: true, target: grown("/healthz?", "access_token=a;b=1&")},
	"query/escaped names":      {passes: true, target: grown("/healthz?", "%61ccess%5Ftoken=%61&")},
	"method/long":              {method: grown("", "A")},
}

// asksUpgrade is a WebSocket handshake without its subprotocols.
const asksUpgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n"

// wire is the request of n bytes and a little more, as a client would send it.
func (s shape) wire(n int, token string) string {
	method, target, fields := "GET", "/api/arm", ""
	if s.method != nil {
		method = s.method(n)
	}
	if s.target != nil {
		target = s.target(n)
	}
	if s.fields != nil {
		fields = s.fields(n)
	}
	if !s.own {
		fields = "Authorization: Bearer " + token + "\r\n" + fields
	}
	return method + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + fields + "\r\n"
}

func fixed(s string) func(int) string { return func(int) string { return s } }

func grown(front, piece string) func(int) string {
	return func(n int) string { return front + strings.Repeat(piece, n/len(piece)) }
}

func field(front, piece, back string) func(int) string {
	return func(n int) string { return front + strings.Repeat(piece, n/len(piece)) + back + "\r\n" }
}

func lines(line string) func(int) string { return grown("", line+"\r\n") }

func distinct(format string) func(int) string {
	return func(n int) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, format+"\r\n", i)
		}
		return b.String()
	}
}

// tokenOf is an unsigned token whose JSON has n bytes.
func tokenOf(parts func(n int) (header, payload string)) func(int) string {
	return func(n int) string {
		header, payload := parts(n)
		b64 := base64.RawURLEncoding.EncodeToString
		return "Authorization: Bearer " + b64([]byte(header)) + "." + b64([]byte(payload)) + ".AAAA\r\n"
	}
}

func nest(n int) string { return `{"a":` + strings.Repeat("[", n/2) + strings.Repeat("]", n/2) + "}" }

func objects(n int) string { return `{"a":[` + strings.Repeat("{},", n/3) + "0]}" }

func members(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, `,"%d":0`, i)
	}
	return "{" + b.String()[1:] + "}"
}
