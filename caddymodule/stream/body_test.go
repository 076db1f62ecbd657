package stream

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"testing"
	"time"
)

// cuttable is a net/http server of one registry, that sends a body of a kind as the proxy would: until it is cut.
func cuttable(t *testing.T, g *Registry) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := g.Serve(r.Context(), &Stream{Path: r.URL.Path}, w, r, never, func(w http.ResponseWriter, r *http.Request) error {
			if r.URL.Path == "/later" { // than any timer of the stream before
				time.Sleep(2 * grace)
				_, _ = io.Copy(w, r.Body)
				return nil
			}
			if media := r.URL.Query().Get("media"); media != "" {
				w.Header().Set("Content-Type", media)
				_, _ = io.WriteString(w, "begun")
				_ = http.NewResponseController(w).Flush()
			}
			<-r.Context().Done()
			if r.URL.Path == "/stubborn" { // a proxy whose write hangs
				time.Sleep(2 * grace)
			}
			panic(http.ErrAbortHandler)
		}, nothing)
		if errors.Is(err, ErrUnanswered) {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

// end ends the one stream of a path, whose answer has begun.
func end(t *testing.T, g *Registry, path string) {
	t.Helper()
	all := g.Select(func(s *Stream) bool { return s.Path == path })
	if len(all) != 1 || !all[0].End(Expired) {
		t.Fatalf("%d are open", len(all))
	}
}

func TestHowACutBodyEnds(t *testing.T) {
	t.Parallel()
	for media, whole := range map[string]bool{
		"text/event-stream": true, "multipart/x-mixed-replace; boundary=a": true, "text/plain": false, "application/octet-stream": false,
	} {
		t.Run(media, func(t *testing.T) {
			t.Parallel()
			var g Registry
			server := cuttable(t, &g)
			res, err := server.Client().Get(server.URL + "/?media=" + url.QueryEscape(media))
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			end(t, &g, "/")
			body, err := io.ReadAll(res.Body)
			if string(body) != "begun" || (err == nil) != whole {
				t.Errorf("%q, %v", body, err)
			}
		})
	}
}

// TestTheNextRequestOnAConnectionIsLeftAlone: what would have aborted the stream before it must not touch it.
func TestTheNextRequestOnAConnectionIsLeftAlone(t *testing.T) {
	t.Parallel()
	var g Registry
	server := cuttable(t, &g)
	for range 2 {
		res, err := server.Client().Get(server.URL + "/?media=text/event-stream")
		if err != nil {
			t.Fatal(err)
		}
		end(t, &g, "/")
		if body, err := io.ReadAll(res.Body); string(body) != "begun" || err != nil {
			t.Fatalf("%q, %v", body, err)
		}
		_ = res.Body.Close()
		reused := false
		r, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused },
		}), http.MethodPost, server.URL+"/later", strings.NewReader("innocent"))
		if err != nil {
			t.Fatal(err)
		}
		res, err = server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if !reused || string(body) != "innocent" || err != nil {
			t.Errorf("on the same connection: %v; %q, %v", reused, body, err)
		}
	}
}

// TestWhatDoesNotEndWellIsAborted: the client is told that something is wrong, and its connection serves nobody again.
func TestWhatDoesNotEndWellIsAborted(t *testing.T) {
	t.Parallel()
	var g Registry
	server := cuttable(t, &g)
	res, err := server.Client().Get(server.URL + "/stubborn?media=text/event-stream")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	end(t, &g, "/stubborn")
	if body, err := io.ReadAll(res.Body); string(body) != "begun" || err == nil {
		t.Errorf("%q, %v", body, err)
	}
}
