package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// subjects own the streams in turn.
var subjects = [...]string{"ana", "ben"}

const (
	atOnce   = 64               // handshakes under way
	patience = 30 * time.Second // how long anything may take
)

// driver is one WebSocket.
type driver struct {
	number int
	conn   net.Conn
	done   chan struct{} // closed when the close frame came, or the connection ended
	at     time.Time     // when
	reason string        // what the close frame said
	err    error
}

type drivers []*driver

// openDrivers opens n WebSockets through c.
func openDrivers(ctx context.Context, c *caddy, n int, token func(int) string) (drivers, error) {
	all, errs := make(drivers, n), make([]error, n)
	var opening sync.WaitGroup
	turn := make(chan struct{}, atOnce)
	for i := range all {
		turn <- struct{}{}
		opening.Go(func() {
			defer func() { <-turn }()
			all[i], errs[i] = openDriver(ctx, c.address, i, token(i))
		})
	}
	opening.Wait()
	return all, errors.Join(errs...)
}

func openDriver(ctx context.Context, address string, number int, token string) (*driver, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	request := "GET /drive HTTP/1.1\r\nHost: " + address + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	if token != "" {
		request += "Authorization: Bearer " + token + "\r\n"
	}
	if _, err := io.WriteString(conn, request+"\r\n"); err != nil {
		return nil, err
	}
	reader := bufio.NewReaderSize(conn, 512)
	res, err := http.ReadResponse(reader, nil)
	if err != nil {
		return nil, err
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusSwitchingProtocols {
		return nil, fmt.Errorf("the handshake was answered %s", res.Status)
	}
	if payload, err := readFrame(reader); err != nil || string(payload) != "hello" {
		return nil, fmt.Errorf("the bot said %q: %w", payload, err)
	}
	_ = conn.SetReadDeadline(time.Time{})
	d := &driver{number: number, conn: conn, done: make(chan struct{})}
	go d.listen(reader)
	return d, nil
}

// listen waits for the close frame.
func (d *driver) listen(reader *bufio.Reader) {
	defer close(d.done)
	payload, err := readFrame(reader)
	d.at = time.Now()
	if d.err = err; len(payload) >= 2 {
		d.reason = string(payload[2:])
	}
	_ = d.conn.Close()
}

// readFrame reads a short frame (RFC 6455 §5.2) that is not masked.
func readFrame(reader io.Reader) ([]byte, error) {
	var header [2]byte
	if _, err := io.ReadFull(reader, header[:]); err != nil {
		return nil, err
	}
	payload := make([]byte, header[1]&0x7f)
	if err := binary.Read(reader, binary.BigEndian, payload); err != nil {
		return nil, err
	}
	return payload, nil
}

// closed waits for the close frame, which must give a reason, and returns when it came.
func (d *driver) closed(ctx context.Context, reason string) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case <-d.done:
	case <-ctx.Done():
		return time.Time{}, fmt.Errorf("stream %d is still open", d.number)
	}
	if d.err != nil || d.reason != reason {
		return d.at, fmt.Errorf("stream %d ended with %q: %w", d.number, d.reason, d.err)
	}
	return d.at, nil
}

// of are those of a subject that are open.
func (all drivers) of(subject string) (some drivers) {
	for _, d := range all {
		select {
		case <-d.done:
		default:
			if subjects[d.number%len(subjects)] == subject {
				some = append(some, d)
			}
		}
	}
	return some
}

// allClosed waits for all close frames, and returns how long after a moment they came, ms.
func (all drivers) allClosed(ctx context.Context, since time.Time, reason string) (took []float64, err error) {
	for _, d := range all {
		at, err := d.closed(ctx, reason)
		if err != nil {
			return nil, err
		}
		took = append(took, at.Sub(since).Seconds()*1000)
	}
	return took, nil
}

// hangUp closes what is open, and waits.
func (all drivers) hangUp() {
	for _, d := range all {
		_ = d.conn.Close()
	}
	for _, d := range all {
		<-d.done
	}
}
