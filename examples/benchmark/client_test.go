package main

import (
	"bufio"
	"strings"
	"testing"
)

func TestReadsAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text   string
		status int
		closes bool
		rest   string
	}{
		"length":        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP", 200, false, "HTTP"},
		"small letters": {"HTTP/1.1 401 Unauthorized\r\ncontent-length:2\r\n\r\nnoX", 401, false, "X"},
		"chunks":        {"HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nX", 401, false, "X"},
		"no body":       {"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 403, true, ""},
		"until the end": {"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nall of it", 200, true, ""},
	} {
		r := bufio.NewReader(strings.NewReader(c.text))
		status, closes, err := readAnswer(r)
		rest := new(strings.Builder)
		_, _ = r.WriteTo(rest)
		if err != nil || status != c.status || closes != c.closes || rest.String() != c.rest {
			t.Errorf("%s: %d, closes %t, rest %q, %v", name, status, closes, rest, err)
		}
	}
	for name, text := range map[string]string{
		"nothing": "", "no HTTP": "SSH-2.0\r\n", "no length": "HTTP/1.1 200 OK\r\n\r\nbody", "cut": "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbody",
		"no number": "HTTP/1.1 OK OK OK\r\n\r\n", "bad chunk": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
	} {
		if status, _, err := readAnswer(bufio.NewReader(strings.NewReader(text))); err == nil {
			t.Errorf("%s: status %d and no error", name, status)
		}
	}
}
