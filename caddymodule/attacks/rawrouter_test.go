package attacks_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// rawRouter is all careless bots in one. It takes the request line as it comes over the wire, and acts when any way of
// reading it names an act: see readings. It believes fields that name another path or another method.
type rawRouter struct {
	address string

	mu      sync.Mutex
	reached int      // how many requests did
	acts    []string // what acted, in words
}

func startRawRouter(t *testing.T) *rawRouter {
	t.Helper()
	r := new(rawRouter)
	r.address = latchtest.Listen(t, r.serve)
	return r
}

// serve answers requests until the connection ends.
func (r *rawRouter) serve(conn net.Conn) {
	defer conn.Close()
	in := textproto.NewReader(bufio.NewReader(conn))
	for {
		line, err := in.ReadLine()
		if err != nil {
			return
		}
		header, err := in.ReadMIMEHeader()
		if err != nil {
			return
		}
		if header.Get("Transfer-Encoding") != "" {
			if _, err := io.Copy(io.Discard, httputil.NewChunkedReader(in.R)); err != nil {
				return
			}
			trailer, err := in.ReadMIMEHeader()
			if err != nil {
				return
			}
			for name, values := range trailer {
				header[name] = append(header[name], values...)
			}
		}
		length, _ := strconv.ParseInt(header.Get("Content-Length"), 10, 64)
		if _, err := io.CopyN(io.Discard, in.R, length); err != nil {
			return
		}
		r.consider(line, header)
		body := "bot"
		if strings.HasPrefix(line, http.MethodHead+" ") {
			body = ""
		}
		if _, err := fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n%s", body); err != nil {
			return
		}
	}
}

// consider acts when a request may be read as an act.
func (r *rawRouter) consider(line string, header textproto.MIMEHeader) {
	method, rest, _ := strings.Cut(line, " ")
	target := rest
	if i := strings.LastIndexByte(rest, ' '); i >= 0 {
		target = rest[:i]
	}
	first, _, _ := strings.Cut(rest, " ")
	methods, named := []string{method}, []string{target, first}
	for name, values := range header {
		switch strings.NewReplacer("_", "-", ".", "-").Replace(strings.ToLower(name)) {
		case "x-original-url", "x-rewrite-url", "x-forwarded-uri":
			named = append(named, values...)
		case "x-http-method-override", "x-http-method", "x-method-override", "x-forwarded-method":
			methods = append(methods, values...)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reached++
	for _, n := range named {
		for reading := range readings(n) {
			if doing(methods, reading) {
				r.acts = append(r.acts, fmt.Sprintf("%q, shot %s, read as %s", line, header.Get("X-Shot"), reading))
				return
			}
		}
	}
}

// doing reports whether a path that was read acts: the gripper for POST alone, the others whatever the method.
func doing(methods []string, path string) bool {
	switch path {
	case "/servo/10", "/first door/kiss":
		return true
	case "/gripper":
		for _, m := range methods {
			if strings.EqualFold(m, http.MethodPost) {
				return true
			}
		}
	}
	return false
}

// since forgets what acted so far, and returns it and how many requests arrived.
func (r *rawRouter) since(*testing.T) (acts []string, reached int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	acts, reached = r.acts, r.reached
	r.acts, r.reached = nil, 0
	return acts, reached
}
