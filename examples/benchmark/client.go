package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// answerPatience bounds the wait for an answer.
const answerPatience = 10 * time.Second

// client is one connection that is kept. It writes whole requests and reads no more of an answer than it must.
type client struct {
	address string
	until   time.Time // no wait takes longer
	conn    net.Conn
	reader  *bufio.Reader
}

// ask sends a request and returns the status of the answer. A connection that the other side ends with an answer is opened anew.
func (c *client) ask(ctx context.Context, request []byte) (status int, err error) {
	if c.conn == nil {
		if c.conn, err = new(net.Dialer).DialContext(ctx, "tcp", c.address); err != nil {
			return 0, err
		}
		c.reader = bufio.NewReader(c.conn)
		c.limit(c.until)
	}
	if _, err := c.conn.Write(request); err != nil {
		return 0, err
	}
	status, closes, err := readAnswer(c.reader)
	if closes && err == nil {
		c.close()
	}
	return status, err
}

func (c *client) close() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}

// limit ends all waits of the client at a time.
func (c *client) limit(at time.Time) {
	c.until = at
	if c.conn != nil {
		_ = c.conn.SetDeadline(at)
	}
}

// readAnswer reads one answer and says whether the connection ends with it.
func readAnswer(r *bufio.Reader) (status int, closes bool, err error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return 0, false, fmt.Errorf("no answer: %w", err)
	}
	if len(line) < len("HTTP/1.1 200") {
		return 0, false, fmt.Errorf("no status in %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, false, fmt.Errorf("no status in %q", line)
	}
	length, chunked := -1, false
	for {
		if line, err = r.ReadSlice('\n'); err != nil {
			return 0, false, err
		}
		name, value, field := bytes.Cut(bytes.TrimSpace(line), []byte(":"))
		if !field {
			break
		}
		switch value = bytes.TrimSpace(value); {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, false, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = bytes.EqualFold(value, []byte("chunked"))
		case bytes.EqualFold(name, []byte("Connection")):
			closes = bytes.EqualFold(value, []byte("close"))
		}
	}
	switch {
	case chunked:
		err = skipChunks(r)
	case length >= 0:
		_, err = r.Discard(length)
	case closes:
		_, err = io.Copy(io.Discard, r)
	default:
		err = errors.New("an answer without a length")
	}
	return status, closes, err
}

func skipChunks(r *bufio.Reader) error {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return err
		}
		if _, err := r.Discard(int(size) + len("\r\n")); err != nil || size == 0 {
			return err
		}
	}
}
