package attacks_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// patience bounds each exchange on a raw connection.
const patience = 20 * time.Second

// answer is what a raw connection got. Status 0: the other side closed it without an answer.
type answer struct {
	status int
	header http.Header
	body   string
}

// send writes wire to a new connection, with line feeds as CRLF, and reads one answer.
func send(t *testing.T, address, wire string) answer {
	t.Helper()
	return exchange(t, address, []byte(strings.ReplaceAll(wire, "\n", "\r\n")))
}

// exchange writes bytes to a new connection and reads one answer. A write that fails is no failure: a server may answer
// and close before it has read everything.
func exchange(t *testing.T, address string, wire []byte) answer {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		_, _ = conn.Write(wire)
	}()
	defer func() { _ = conn.Close(); <-sent }()
	method, _, _ := strings.Cut(string(wire[:min(len(wire), 64)]), " ")
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: strings.ToUpper(method)})
	if err != nil {
		if timeout, ok := err.(net.Error); ok && timeout.Timeout() { //nolint:errorlint // it comes as it is
			t.Fatalf("no answer in %s to %.200q", patience, wire)
		}
		return answer{}
	}
	if res.StatusCode == http.StatusSwitchingProtocols {
		return answer{status: res.StatusCode, header: res.Header}
	}
	body, err := io.ReadAll(res.Body)
	if err != nil && res.StatusCode < http.StatusBadRequest {
		t.Errorf("reading the body of a %d: %v", res.StatusCode, err)
	}
	return answer{res.StatusCode, res.Header, string(body)}
}
