package caddymodule_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/url"
	"testing"
	"time"
)

// TestB25_NoFormIsReadForever from somebody who sends none of it: that would hold a place here, and the end of the process.
func TestB25_NoFormIsReadForever(t *testing.T) {
	t.Parallel()
	s := newSignInStage(t)
	at, _ := url.Parse(s.latch.TLSURL)
	c, err := tls.Dial("tcp", at.Host, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_, _ = fmt.Fprintf(c, "POST /.botlatch/in HTTP/1.1\r\nHost: %s\r\nSec-Fetch-Site: same-origin\r\nOrigin: %s\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nsecret=", at.Host, s.latch.TLSURL)
	_ = c.SetReadDeadline(time.Now().Add(14 * time.Second))
	began := time.Now()
	answer, err := io.ReadAll(c)
	if err != nil || len(answer) == 0 {
		t.Errorf("after %s the form is still being read: %v", time.Since(began), err)
	}
}
