package caddymodule_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// TestACutStreamIsAnEvent, and one whose client leaves is none.
func TestACutStreamIsAnEvent(t *testing.T) {
	key, bot := latchtest.NewKey(t, jose.EdDSA), startStreamBot(t)
	a, url := listeningBefore(t, "reverse_proxy "+trimScheme(bot.URL), key, func() error { return nil })
	token := func(subject string) string { return key.Mint(t, issue.Token{Issuer: "own", Subject: subject}) }
	client := &http.Client{Transport: new(http.Transport)}
	left := getAt(t, client, url+"/events", token("ben of the streams"))
	_ = left.Body.Close()
	eventually(t, "he has left", func() bool { return bot.allOpen() == 0 })

	ended := ending(getAt(t, client, url+"/events", token("ana of the streams")))
	if _, err := a.Revoke(t.Context(), revocationOf("ana of the streams", ""), "test"); err != nil {
		t.Fatal(err)
	}
	await(t, ended)
	seen := map[string]string{}
	for range 2 { // in which order is nobody's business
		e := next(t)
		seen[e.Name()] = fmt.Sprint(e.Data)
	}
	want := map[string]any{"cause": "revoked", "kind": "event_stream", "site": "127.0.0.1", "iss": "own"}
	if seen["stream_ended"] != fmt.Sprint(want) { // all of it: no subject, no token
		t.Errorf("told %v, want %v", seen, want)
	}
	if seen["token_revoked"] == "" || len(told) > 0 {
		t.Errorf("told %v, and %d more", seen, len(told))
	}
}
