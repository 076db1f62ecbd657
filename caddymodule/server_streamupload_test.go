package caddymodule_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestAnUploadThatIsCutIsAnswered keeps a client that is still sending from seeing a broken line: it is told that nobody
// knows whether the bot acted.
func TestAnUploadThatIsCutIsAnswered(t *testing.T) {
	t.Parallel()
	s := newStreamStage(t, streamSite)
	body, pipe := io.Pipe()
	t.Cleanup(func() { _ = pipe.Close() })
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.latch.URL+"/upload", body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.driver(t, "eva", 0))
	go func() { _, _ = io.WriteString(pipe, "the first half") }()
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Errorf("no answer: %v", err)
			return
		}
		defer func() { _ = res.Body.Close() }()
		text, _ := io.ReadAll(res.Body)
		if res.StatusCode != http.StatusBadGateway || !strings.Contains(string(text), `"status":502`) {
			t.Errorf("%d %s", res.StatusCode, text)
		}
	}()
	eventually(t, "the bot is reading", func() bool { return s.bot.isOpen("/upload") == 1 })
	if a := s.revokeSubject(t, "eva"); a.Streams != 1 || a.TookMS > 5000 {
		t.Errorf("answer %+v", a)
	}
	select {
	case <-answered:
	case <-time.After(patience):
		_ = pipe.CloseWithError(io.ErrUnexpectedEOF) // net/http does not return from a broken line before its body ends
		<-answered
	}
	eventually(t, "the bot's side ended", func() bool { return s.bot.isOpen("/upload") == 0 })
	if err := s.bot.lastEnd("/upload"); err == nil {
		t.Error("the bot took the half for the whole")
	}
}
