package latchtest

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// Ask sends a request to the admin socket, with a body of JSON unless it is empty, and returns the answer.
func (l *Latch) Ask(t testing.TB, method, path, body string) (status int, answer string) {
	t.Helper()
	client := l.AdminClient()
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), method, l.adminURL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}
