package app_test

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// statusSite is doorSite whose issuer has status lists.
var statusSite = strings.Replace(doorSite, "audience "+audience, "audience "+audience+"\n\t\t\tstatus_lists {$LISTS}/lists", 1)

// lister is the issuer's server of status lists, over TLS with a certificate that only the latch under test trusts.
type lister struct {
	*httptest.Server

	mu     sync.Mutex
	answer string // empty: the connection breaks
	hits   map[string]int
}

// newListedDoor is a door whose issuer publishes lists. Nothing is published yet, and the latch does not run.
func newListedDoor(t *testing.T, caddyfile string) (*door, *lister) {
	t.Helper()
	l := &lister{hits: make(map[string]int)}
	l.Server = httptest.NewUnstartedServer(l)
	l.Config.ErrorLog = log.New(io.Discard, "", 0)
	listenAgainAt(t, l.Server, latchtest.FreeAddress(t))
	l.StartTLS()
	t.Cleanup(l.Close)
	d := prepareDoor(t, caddyfile)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: l.Certificate().Raw})
	d.latch.Setenv("SSL_CERT_FILE", latchtest.WriteFile(t, "lister.pem", string(certificate)))
	d.latch.Setenv("LISTS", l.URL)
	return d, l
}

// listenAgainAt lets a server that has not started listen somewhere else.
func listenAgainAt(t *testing.T, server *httptest.Server, address string) {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	_ = server.Listener.Close()
	server.Listener = listener
}

// ServeHTTP implements http.Handler.
func (l *lister) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hits[r.URL.Path]++
	if l.answer == "" {
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write([]byte(l.answer))
}

// asked is how often a path was asked for.
func (l *lister) asked(path string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hits[path]
}

// publish signs list 1: two bits an entry, whose entries are 0, 1, 2, 3, and then as many 0 as fill four bytes.
func (l *lister) publish(t *testing.T, d *door, first byte, claims map[string]any) {
	t.Helper()
	var lst bytes.Buffer
	w := zlib.NewWriter(&lst)
	_, _ = w.Write([]byte{0b11_10_01_00 | first, 0, 0, 0})
	_ = w.Close()
	all := map[string]any{
		"sub": l.URL + "/lists/1", "iat": time.Now().Unix(),
		"status_list": map[string]any{"bits": 2, "lst": base64.RawURLEncoding.EncodeToString(lst.Bytes())},
	}
	maps.Copy(all, claims)
	payload, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	l.answers(d.key.Sign(t, "statuslist+jwt", string(payload)))
}

func (l *lister) answers(body string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answer = body
}

// listed is a token that stands on a list.
func (d *door) listed(t *testing.T, uri string, index int) string {
	t.Helper()
	return d.sign(t, map[string]any{
		"sub": "ana", "jti": uri + "-" + time.Now().String(),
		"status": map[string]any{"status_list": map[string]any{"uri": uri, "idx": index}},
	})
}
