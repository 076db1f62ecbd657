package oidc_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/botlatch/botlatch/botapi"
	"github.com/botlatch/botlatch/botapi/sim"
)

// bot is the robot of this repository, which does what anybody asks. It counts what reaches it.
type bot struct {
	*httptest.Server

	hits atomic.Int64
}

func startBot(t *testing.T) *bot {
	t.Helper()
	robot := botapi.New(sim.New())
	if err := robot.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = robot.Stop() })
	api, b := robot.Handler(), new(bot)
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.hits.Add(1)
		api.ServeHTTP(w, r)
	}))
	t.Cleanup(b.Close)
	return b
}

func (b *bot) address() string { return strings.TrimPrefix(b.URL, "http://") }

// during is how often the bot was reached meanwhile.
func (b *bot) during(do func()) (hits int64) {
	before := b.hits.Load()
	do()
	return b.hits.Load() - before
}
