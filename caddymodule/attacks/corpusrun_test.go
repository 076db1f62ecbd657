package attacks_test

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// workers are as many connections as shoot at once.
const workers = 6

// A gallery is where shots go: a site, by its Host field, and a token, none when it is empty.
type gallery struct{ address, host, token string }

// tally is how often each status was answered; 0: the connection was closed without an answer.
type tally map[int]int

func (n tally) String() string {
	var words []string
	for _, status := range slices.Sorted(maps.Keys(n)) {
		words = append(words, fmt.Sprintf("%d: %d", status, n[status]))
	}
	return strings.Join(words, ", ")
}

// of is how many answers had one of these statuses.
func (n tally) of(statuses ...int) (sum int) {
	for _, status := range statuses {
		sum += n[status]
	}
	return sum
}

// wire is a shot as bytes. It carries its number, which a bot may print.
func (g gallery) wire(s shot, number int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\nHost: {host}\nX-Shot: %d\n", s.method, s.target, number)
	if g.token != "" {
		fmt.Fprintf(&b, "Authorization: Bearer %s\n", g.token)
	}
	if s.body == "" { // Gobot wants an object, from GET too
		b.WriteString("Content-Length: 2\nContent-Type: application/json\n")
		s.body = "{}"
	}
	b.WriteString(s.fields + "\n" + s.body)
	return strings.ReplaceAll(strings.ReplaceAll(b.String(), "{host}", g.host), "\n", "\r\n")
}

// shoot sends all shots, each answered before the next one on its connection, and counts the answers.
func (g gallery) shoot(t *testing.T, shots []shot) tally {
	t.Helper()
	began := time.Now()
	var next atomic.Int64
	var running sync.WaitGroup
	counts := make([]tally, workers)
	for w := range workers {
		counts[w] = make(tally)
		running.Go(func() {
			gun := &gun{address: g.address}
			defer gun.close()
			for {
				i := int(next.Add(1)) - 1
				if i >= len(shots) {
					return
				}
				status, err := gun.fire(shots[i].method, g.wire(shots[i], i))
				if err != nil {
					t.Errorf("%s %q: %v", shots[i].method, shots[i].target, err)
					return
				}
				counts[w][status]++
			}
		})
	}
	running.Wait()
	sum := make(tally)
	for _, n := range counts {
		for status, times := range n {
			sum[status] += times
		}
	}
	if !t.Failed() && sum.of(slices.Collect(maps.Keys(sum))...) != len(shots) {
		t.Errorf("%d answers to %d shots", sum.of(slices.Collect(maps.Keys(sum))...), len(shots))
	}
	t.Logf("%d shots, %d distinct targets, %.1f s: %v", len(shots), targets(shots), time.Since(began).Seconds(), sum)
	return sum
}

// gun is one connection, dialled anew whenever the other side closed it.
type gun struct {
	address string
	conn    net.Conn
	in      *bufio.Reader
}

func (g *gun) close() {
	if g.conn != nil {
		_ = g.conn.Close()
		g.conn = nil
	}
}

// fire sends one request and returns the status of its answer, 0 when the other side closed the connection instead.
func (g *gun) fire(method, wire string) (int, error) {
	for {
		used := g.conn != nil
		status, err := g.try(method, wire)
		switch {
		case err == nil:
			return status, nil
		case used: // the other side may have closed it before it read this one
			continue
		}
		if timeout, ok := err.(net.Error); ok && timeout.Timeout() { //nolint:errorlint // it comes as it is
			return 0, fmt.Errorf("no answer in %s", patience)
		}
		return 0, nil
	}
}

// try is fire on the connection that is there. When it fails, there is none any more.
func (g *gun) try(method, wire string) (status int, err error) {
	defer func() {
		if err != nil {
			g.close()
		}
	}()
	if g.conn == nil {
		if g.conn, err = net.Dial("tcp", g.address); err != nil {
			return 0, err
		}
		g.in = bufio.NewReader(g.conn)
	}
	if err := g.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	if _, err := io.WriteString(g.conn, wire); err != nil {
		return 0, err
	}
	res, err := http.ReadResponse(g.in, &http.Request{Method: method})
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return 0, err
	}
	if res.Close || res.StatusCode == http.StatusSwitchingProtocols {
		g.close()
	}
	return res.StatusCode, nil
}
