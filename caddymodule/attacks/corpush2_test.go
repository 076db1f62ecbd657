package attacks_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// gun2 is one HTTP/2 connection, dialled anew whenever the other side closed it. Its :path may hold any bytes.
type gun2 struct {
	address string
	config  *tls.Config

	conn   net.Conn
	framer *http2.Framer
	block  bytes.Buffer
	encode *hpack.Encoder
	stream uint32
}

// errReset says that the other side refused a request before it was one.
var errReset = errors.New("the stream was reset")

func (g *gun2) dial() error {
	conn, err := tls.Dial("tcp", g.address, g.config)
	if err != nil {
		return err
	}
	if conn.ConnectionState().NegotiatedProtocol != "h2" {
		return errors.New("no HTTP/2")
	}
	g.conn, g.framer, g.stream = conn, http2.NewFramer(conn, conn), 1
	g.framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	g.block.Reset()
	g.encode = hpack.NewEncoder(&g.block)
	_, err = io.WriteString(conn, http2.ClientPreface)
	return errors.Join(err, g.framer.WriteSettings(), g.framer.WriteWindowUpdate(0, 1<<30))
}

func (g *gun2) close() {
	if g.conn != nil {
		_ = g.conn.Close()
		g.conn = nil
	}
}

// fire sends one request without a body and returns the status of its answer, or 0 when the server reset it.
func (g *gun2) fire(fields []hpack.HeaderField) (status int, err error) {
	if g.conn == nil {
		if err := g.dial(); err != nil {
			return 0, err
		}
	}
	status, err = g.try(fields)
	if errors.Is(err, errReset) {
		return 0, nil
	}
	if err != nil {
		g.close()
	}
	return status, err
}

func (g *gun2) try(fields []hpack.HeaderField) (status int, err error) {
	id := g.stream
	g.stream += 2
	g.block.Reset()
	for _, f := range fields {
		if err := g.encode.WriteField(f); err != nil {
			return 0, err
		}
	}
	err = g.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: g.block.Bytes(), EndHeaders: true, EndStream: true})
	if err != nil {
		return 0, err
	}
	for {
		if err := g.conn.SetDeadline(time.Now().Add(patience)); err != nil {
			return 0, err
		}
		frame, err := g.framer.ReadFrame()
		if err != nil {
			return 0, err
		}
		switch f := frame.(type) {
		case *http2.SettingsFrame:
			if !f.IsAck() {
				err = g.framer.WriteSettingsAck()
			}
		case *http2.MetaHeadersFrame:
			if f.StreamID == id {
				status, err = strconv.Atoi(f.PseudoValue("status"))
			}
		case *http2.RSTStreamFrame:
			if f.StreamID == id && status == 0 {
				return 0, errReset
			}
		case *http2.GoAwayFrame:
			return 0, errors.New("the connection was given up")
		}
		if err != nil || frame.Header().StreamID == id && frame.Header().Flags.Has(http2.FlagDataEndStream) {
			return status, err
		}
	}
}

// fields2 are a shot's, for HTTP/2.
func (g gallery) fields2(s shot, number int) []hpack.HeaderField {
	fields := []hpack.HeaderField{
		{Name: ":method", Value: s.method},
		{Name: ":scheme", Value: "https"},
		{Name: ":authority", Value: g.host},
		{Name: ":path", Value: strings.ReplaceAll(s.target, "{host}", g.host)},
		{Name: "x-shot", Value: strconv.Itoa(number)},
		{Name: "authorization", Value: "Bearer " + g.token},
	}
	for l := range strings.Lines(s.fields) {
		name, value, _ := strings.Cut(strings.TrimSpace(l), ": ")
		// HTTP/2 has no such fields; Go answers 400 to a request that has them, which would prove nothing.
		if name = strings.ToLower(name); name != "connection" && name != "transfer-encoding" && name != "te" {
			fields = append(fields, hpack.HeaderField{Name: name, Value: strings.ReplaceAll(value, "{host}", g.host)})
		}
	}
	return fields
}

// shoot2 sends all shots over HTTP/2 and counts the answers; 0: the stream was reset, -1: the connection was given up.
func (g gallery) shoot2(t *testing.T, config *tls.Config, shots []shot) tally {
	t.Helper()
	var next atomic.Int64
	var running sync.WaitGroup
	var mu sync.Mutex
	sum := make(tally)
	for range workers {
		running.Go(func() {
			gun := &gun2{address: g.address, config: config}
			defer gun.close()
			for i := int(next.Add(1)) - 1; i < len(shots); i = int(next.Add(1)) - 1 {
				status, err := gun.fire(g.fields2(shots[i], i))
				if err != nil { // on a connection of its own: what ended the other may have been the shot before
					status, err = gun.fire(g.fields2(shots[i], i))
				}
				if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
					t.Errorf("%s %q: no answer", shots[i].method, shots[i].target)
				}
				if err != nil {
					status = -1
				}
				mu.Lock()
				sum[status]++
				mu.Unlock()
			}
		})
	}
	running.Wait()
	t.Logf("HTTP/2: %d shots, %d distinct paths: %v", len(shots), targets(shots), sum)
	return sum
}

// TestNoSpellingOfAnActMovesTheRawRouterOverHTTP2: a :path may hold bytes that a request line cannot, spaces among them.
func TestNoSpellingOfAnActMovesTheRawRouterOverHTTP2(t *testing.T) {
	t.Parallel()
	router := startRawRouter(t)
	s := newStage(t, guarded(routedRules), "ROUTER="+router.address)
	host := strings.TrimPrefix(s.latch.TLSURL, "https://")
	pem, err := os.ReadFile(filepath.Join(s.latch.Dir, "cert.pem"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	config := &tls.Config{RootCAs: roots, ServerName: "localhost", NextProtos: []string{"h2"}}

	address := "127.0.0.1" + host[strings.LastIndexByte(host, ':'):]
	honest := gallery{address, host, s.token(t, "drive")}.shoot2(t, config, plainly(routed))
	if acts, _ := router.since(t); len(acts) != len(routed) || honest.of(200) != len(routed) {
		t.Fatalf("honest requests made %d acts, want %d: %v", len(acts), len(routed), honest)
	}
	shots := each(t, corpus(routed), stride)
	n := gallery{address, host, s.token(t, "observe")}.shoot2(t, config, shots)
	acts, reached := router.since(t)
	for _, a := range acts {
		t.Error(a)
	}
	if many := len(shots) / 50; n.of(403) < many || n.of(400) < 10*many || n.of(-1) > many || reached < 5*many {
		t.Errorf("%v, %d reached the bot: the shots miss", n, reached)
	}
}
