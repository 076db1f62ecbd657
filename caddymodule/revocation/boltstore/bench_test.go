package boltstore

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// BenchmarkLoad opens a file of a million tokens and feeds them to a list, as a start does.
func BenchmarkLoad(b *testing.B) {
	path := newPath(b)
	s := reopen(b, path)
	const entries, step = 1_000_000, 20_000
	for i := 0; i < entries; i += step {
		batch := make([]revocation.Entry, step)
		for j := range batch {
			batch[j] = token(fmt.Sprintf("0b5c7a9e-4f0f-4f43-9c0d-%012d", i+j))
			batch[j].ExpiresAt, batch[j].Reason = noon.Add(time.Hour), "lost phone"
		}
		if err := s.Add(b.Context(), batch...); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	var opened time.Duration
	for b.Loop() {
		start := time.Now()
		s := reopen(b, path)
		opened += time.Since(start)
		var l revocation.List
		source, _ := l.Source("bolt")
		ctx, cancel := context.WithCancel(b.Context())
		if err := errors.Join(s.Follow(ctx, cancel, source.Add, source.Remove), s.Close()); err != nil {
			b.Fatal(err)
		}
		if l.Len()[revocation.KindToken] != entries {
			b.Fatal(l.Len())
		}
	}
	b.ReportMetric(float64(opened.Milliseconds())/float64(b.N), "ms-opening/op")
}

// BenchmarkAdd is one durable entry: mostly the disk.
func BenchmarkAdd(b *testing.B) {
	s := reopen(b, newPath(b))
	defer closeStore(b, s)
	for i := 0; b.Loop(); i++ {
		if err := s.Add(b.Context(), token(fmt.Sprint(i))); err != nil {
			b.Fatal(err)
		}
	}
}
