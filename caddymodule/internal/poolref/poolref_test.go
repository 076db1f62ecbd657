package poolref_test

import (
	"errors"
	"testing"

	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/internal/poolref"
)

type file struct {
	closed int
	err    error
}

func (f *file) Destruct() error { f.closed++; return f.err }

type other struct{}

func (other) Destruct() error { return nil }

func references(t *testing.T, pool *caddy.UsagePool, want int) {
	t.Helper()
	if got, _ := pool.References("key"); got != want {
		t.Errorf("%d references, want %d", got, want)
	}
}

func open(f *file) func() (*file, error) { return func() (*file, error) { return f, nil } }

func never() (*file, error) { panic("opened a second time") }

func TestSharesOneValueUntilTheLastLetsGo(t *testing.T) {
	t.Parallel()
	pool, f := caddy.NewUsagePool(), &file{err: errors.New("disk full")}
	var first, second poolref.Ref[*file]
	for _, step := range []struct {
		ref  *poolref.Ref[*file]
		open func() (*file, error)
	}{{&first, open(f)}, {&second, never}} {
		if got, err := step.ref.Acquire(pool, "key", step.open); err != nil || got != f {
			t.Fatalf("Acquire = %v, %v", got, err)
		}
	}
	if err := first.Release(); err != nil || f.closed != 0 {
		t.Errorf("first Release: %v, closed %d times", err, f.closed)
	}
	references(t, pool, 1)
	if err := second.Release(); !errors.Is(err, f.err) || f.closed != 1 {
		t.Errorf("last Release: %v, closed %d times", err, f.closed)
	}
	references(t, pool, 0)
}

func TestReleasesOnce(t *testing.T) {
	t.Parallel()
	pool, f := caddy.NewUsagePool(), &file{}
	var live, ref, unused poolref.Ref[*file]
	if _, err := live.Acquire(pool, "key", open(f)); err != nil {
		t.Fatal(err)
	}
	if _, err := ref.Acquire(pool, "key", never); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*poolref.Ref[*file]{&ref, &ref, &unused} {
		if err := r.Release(); err != nil {
			t.Error(err)
		}
	}
	references(t, pool, 1)
	if f.closed != 0 {
		t.Error("closed under the one that holds it")
	}
}

// Caddy runs Cleanup after a failed Provision too: of a configuration that failed before, or while, it acquired.
func TestCleanupOfFailedConfigLeavesTheLiveOneAlone(t *testing.T) {
	t.Parallel()
	pool, f := caddy.NewUsagePool(), &file{}
	var live poolref.Ref[*file]
	if _, err := live.Acquire(pool, "key", open(f)); err != nil {
		t.Fatal(err)
	}
	var before poolref.Ref[*file] // failed before it came to acquiring
	var while poolref.Ref[other]  // found a value that is not its own
	if got, err := while.Acquire(pool, "key", func() (other, error) { return other{}, nil }); err == nil {
		t.Errorf("Acquire of another type = %v", got)
	}
	references(t, pool, 1)
	if err := errors.Join(before.Release(), while.Release()); err != nil {
		t.Error(err)
	}
	references(t, pool, 1)
	if f.closed != 0 {
		t.Error("cleanup of a failed configuration closed the live one's value")
	}
}

func TestFailedAcquireHoldsNothing(t *testing.T) {
	t.Parallel()
	pool, f, broken := caddy.NewUsagePool(), &file{}, errors.New("locked")
	var ref, live poolref.Ref[*file]
	if _, err := ref.Acquire(pool, "key", func() (*file, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Fatalf("Acquire = %v", err)
	}
	if _, err := live.Acquire(pool, "key", open(f)); err != nil {
		t.Fatal(err)
	}
	if err := ref.Release(); err != nil {
		t.Error(err)
	}
	references(t, pool, 1)
	if _, err := ref.Acquire(pool, "key", never); err != nil {
		t.Errorf("a second try: %v", err)
	}
	references(t, pool, 2)
}

func TestHoldsOneAtATime(t *testing.T) {
	t.Parallel()
	pool, f := caddy.NewUsagePool(), &file{}
	var ref poolref.Ref[*file]
	if _, err := ref.Acquire(pool, "key", open(f)); err != nil {
		t.Fatal(err)
	}
	if _, err := ref.Acquire(pool, "another", never); err == nil {
		t.Error("acquired a second one: no error")
	}
	if err := ref.Release(); err != nil || f.closed != 1 {
		t.Errorf("Release = %v, closed %d times", err, f.closed)
	}
}
