package caddymodule_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// startRefusingBot is a bot that speaks HTTP/2 without TLS and refuses streams for /refused with RST_STREAM
// REFUSED_STREAM, which a proxy may send again.
func startRefusingBot(t *testing.T) string {
	t.Helper()
	return latchtest.Listen(t, refuse)
}

func refuse(c net.Conn) {
	defer func() { _ = c.Close() }()
	if _, err := io.ReadFull(c, make([]byte, len(http2.ClientPreface))); err != nil {
		return
	}
	framer := http2.NewFramer(c, c)
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	_ = framer.WriteSettings()
	var ok bytes.Buffer
	_ = hpack.NewEncoder(&ok).WriteField(hpack.HeaderField{Name: ":status", Value: "200"})
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return
		}
		switch f := frame.(type) {
		case *http2.SettingsFrame:
			if !f.IsAck() {
				_ = framer.WriteSettingsAck()
			}
		case *http2.MetaHeadersFrame:
			if f.PseudoValue("path") == "/refused" {
				_ = framer.WriteRSTStream(f.StreamID, http2.ErrCodeRefusedStream)
				continue
			}
			_ = framer.WriteHeaders(http2.HeadersFrameParam{StreamID: f.StreamID, BlockFragment: ok.Bytes(), EndHeaders: true, EndStream: true})
		}
	}
}

// TestARefusedStreamLeavesTheBotReachable: HTTP/2 asks its connection pool for another connection with the pool locked,
// and what is thrown there would leave it locked.
func TestARefusedStreamLeavesTheBotReachable(t *testing.T) {
	t.Parallel()
	l := latchtest.Start(t, `{
	admin {$ADMIN}
}
http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		secret 0123456789abcdef0123456789abcdef
		public GET /**
	}
	reverse_proxy h2c://{$BOT}
}
`, "BOT="+startRefusingBot(t))
	client := &http.Client{Timeout: 5 * time.Second}
	ask := func(path string) int {
		res, err := client.Get(l.URL + path)
		if err != nil {
			t.Fatalf("%s: %v\n%s", path, err, strings.Join(strings.Split(l.Log(), "\n")[:5], "\n"))
		}
		_ = res.Body.Close()
		return res.StatusCode
	}
	for range 3 {
		if status := ask("/refused"); status != http.StatusBadGateway {
			t.Errorf("refused: status %d", status)
		}
		// The connection of the refused one is closed. Until its pool has seen that, the next may be given it.
		status := ask("/fine")
		for deadline := time.Now().Add(5 * time.Second); status == http.StatusBadGateway && time.Now().Before(deadline); {
			status = ask("/fine")
		}
		if status != http.StatusOK {
			t.Errorf("fine: status %d", status)
		}
	}
}
