package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// benchmark is a run.
type benchmark struct {
	plan     plan
	all      []system
	progress io.Writer

	dir      string
	programs *programs
	upstream *upstream
	results  results
}

// run measures everything. Keys and programs are gone when it returns, and so is every process.
func (b *benchmark) run(ctx context.Context) (err error) {
	if b.dir, err = os.MkdirTemp("", "benchmark-"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(b.dir) }()
	b.all = b.plan.chosen(b.all)
	b.say("building and installing the systems")
	if b.programs == nil {
		if b.programs, err = install(ctx, b.dir, b.all); err != nil {
			return err
		}
	}
	if b.upstream, err = startUpstream(ctx); err != nil {
		return err
	}
	defer b.upstream.close()
	if b.results.Machine, err = thisMachine(b.programs, b.all); err != nil {
		return err
	}
	b.results.Rounds, b.results.Seconds = b.plan.rounds, b.plan.time.Seconds()
	b.say("making tokens")
	keys, tokens := make(map[string]*key), make(map[string]*requests)
	for _, algorithm := range b.plan.algorithms {
		if keys[algorithm], err = newKey(algorithm, b.dir); err != nil {
			return err
		}
		if tokens[algorithm], err = mint(keys[algorithm], &b.plan); err != nil {
			return err
		}
	}
	b.say("%d rounds take about %s", b.plan.rounds, b.plan.estimate(b.all).Round(time.Second))
	for round := range b.plan.rounds {
		for _, algorithm := range b.plan.algorithms {
			b.say("round %d of %d, %s", round+1, b.plan.rounds, algorithm)
			if err := b.round(ctx, round, keys[algorithm], tokens[algorithm]); err != nil {
				return err
			}
		}
	}
	return nil
}

// round visits every system once, in any order.
func (b *benchmark) round(ctx context.Context, number int, k *key, q *requests) error {
	for _, i := range rand.Perm(len(b.all)) { //nolint:gosec // an order, no secret
		err := b.visit(ctx, number, b.all[i], k, q)
		if ctx.Err() != nil { // the system was killed, and what it answered then means nothing
			return context.Cause(ctx)
		}
		if err != nil {
			return fmt.Errorf("%s, %s: %w", b.all[i].name, k.algorithm, err)
		}
	}
	return nil
}

// visit starts a system, measures its cases and stops it.
func (b *benchmark) visit(ctx context.Context, round int, s system, k *key, q *requests) error {
	uses := b.plan.cases(s, k.algorithm)
	if len(uses) == 0 {
		return nil
	}
	r, err := s.start(ctx, b.dir, b.programs, k, b.upstream.address)
	if err != nil {
		return err
	}
	defer func() {
		r.stop()
		_ = os.RemoveAll(filepath.Dir(r.log))
	}()
	time.Sleep(startTime / 4) // what a program does behind its start
	idle, err := memoryOf(r.command.Process.Pid)
	if err != nil {
		return err
	}
	if err := b.warmUp(ctx, s, r, q); err != nil {
		return fmt.Errorf("%w; it said:\n%s", err, r.said())
	}
	for _, u := range uses {
		m, err := b.measure(ctx, s, r, q, u)
		if err != nil {
			return fmt.Errorf("%s: %w; it said:\n%s", u, err, r.said())
		}
		m.Round, m.Algorithm, m.Idle = round, k.algorithm, math.Round(idle/1e4)/100
		b.results.Measurements = append(b.results.Measurements, m)
	}
	return nil
}

// warmUp asks a system that has just started. It must refuse an expired token, or it does less than the others.
func (b *benchmark) warmUp(ctx context.Context, s system, r *process, q *requests) error {
	l := newLoad(r.address, 8, http.StatusOK)
	defer l.close()
	if _, err := l.run(ctx, b.plan.warm(), supply([][]byte{q.one}, true)); err != nil {
		return fmt.Errorf("a good token: %w", err)
	}
	if s.refusal == 0 {
		return nil
	}
	l.want = s.refusal
	if _, err := l.run(ctx, b.plan.warm(), supply([][]byte{q.expired}, false)); err != nil {
		return fmt.Errorf("an expired token: %w", err)
	}
	return nil
}

func (b *benchmark) say(format string, args ...any) {
	_, _ = fmt.Fprintf(b.progress, format+"\n", args...)
}
