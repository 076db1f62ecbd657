package caddymodule_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// rawPatience bounds each read of a raw connection.
const rawPatience = 20 * time.Second

// rawClient writes what no HTTP library would.
type rawClient struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
}

// dialRaw connects to the plain listener of a latch.
func dialRaw(t testing.TB, url string) *rawClient {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(rawPatience)); err != nil {
		t.Fatal(err)
	}
	return &rawClient{t, conn, bufio.NewReader(conn)}
}

// send writes lines, each ended by CRLF. The last one of a head is empty.
func (c *rawClient) send(lines ...string) {
	c.t.Helper()
	c.write(strings.Join(lines, "\r\n") + "\r\n")
}

func (c *rawClient) write(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, text); err != nil {
		c.t.Fatal(err)
	}
}

// answer reads one answer and its body; of a 101 the head only.
func (c *rawClient) answer(method string) (*http.Response, string) {
	c.t.Helper()
	req := &http.Request{Method: method}
	res, err := http.ReadResponse(c.in, req)
	if err != nil {
		c.t.Fatalf("reading an answer: %v", err)
	}
	if res.StatusCode == http.StatusSwitchingProtocols {
		return res, ""
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return res, string(body)
}

// read reads as many bytes as want has, and compares.
func (c *rawClient) read(want string) {
	c.t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c.in, got); err != nil || string(got) != want {
		c.t.Errorf("read %q (%v), want %q", got, err, want)
	}
}

// rest is what comes within a moment, or until the other side closes.
func (c *rawClient) rest(moment time.Duration) string {
	c.t.Helper()
	if err := c.conn.SetReadDeadline(time.Now().Add(moment)); err != nil {
		c.t.Fatal(err)
	}
	b, err := io.ReadAll(c.in)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		c.t.Logf("reading: %v", err)
	}
	return string(b)
}
