package app

import (
	"fmt"
	"sync"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyevents"
	"go.uber.org/zap"
)

const (
	maxWaiting = 1000            // events that wait for handlers; more are dropped, with a warning
	lastWords  = 2 * time.Second // how long the end of a configuration waits for them
)

// announcer tells events to Caddy's events app, one after the other and beside whoever changed the list: handlers run
// when they are told, and none of them may hold a revocation up or make it fail. nil announces nothing.
type announcer struct {
	ctx    caddy.Context
	events *caddyevents.App
	logger *zap.Logger

	mu      sync.Mutex
	waiting []event
	told    chan struct{} // closed when none waits any more; nil: none does
}

// event is one event. Its data holds no credential and no claim but iss: Caddy logs it whole at level DEBUG.
type event struct {
	name string
	data map[string]any
}

func newAnnouncer(ctx caddy.Context) (*announcer, error) {
	events, err := ctx.App("events")
	if err != nil {
		return nil, fmt.Errorf("loading the events app: %w", err)
	}
	return &announcer{ctx: ctx, events: events.(*caddyevents.App), logger: ctx.Logger()}, nil
}

// announce returns at once.
func (a *announcer) announce(name string, data map[string]any) {
	if a == nil || !a.events.ShouldEmit(name) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.waiting) == maxWaiting {
		a.logger.Warn("event dropped: its handlers are too slow", zap.String("event", name))
		return
	}
	a.waiting = append(a.waiting, event{name, data})
	if a.told == nil {
		a.told = make(chan struct{})
		go a.tell()
	}
}

// tell tells what waits, until nothing does.
func (a *announcer) tell() {
	for {
		a.mu.Lock()
		if len(a.waiting) == 0 {
			close(a.told)
			a.told = nil
			a.mu.Unlock()
			return
		}
		next := a.waiting[0]
		a.waiting = a.waiting[1:]
		a.mu.Unlock()
		a.emit(next)
	}
}

// emit also survives a handler that does not.
func (a *announcer) emit(e event) {
	defer func() {
		if r := recover(); r != nil {
			a.logger.Error("event handler gave up", zap.String("event", e.name), zap.Any("why", r), zap.Stack("stack"))
		}
	}()
	a.events.Emit(a.ctx, e.name, e.data)
}

// finish waits, but not for long, until what was announced is told: the handlers end with the configuration.
func (a *announcer) finish() {
	if a == nil {
		return
	}
	a.mu.Lock()
	told := a.told
	a.mu.Unlock()
	if told == nil {
		return
	}
	timer := time.NewTimer(lastWords)
	defer timer.Stop()
	select {
	case <-told:
	case <-timer.C:
		a.logger.Warn("the configuration ends before all of its events are told")
	}
}
