package boltstore

import (
	"path/filepath"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

func TestKeepsTheContract(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "revocations.db")
	latchtest.Store(t, func(t *testing.T) revocation.Store {
		t.Helper()
		return reopen(t, path)
	})
}

func reopen(t testing.TB, path string) *store {
	t.Helper()
	s, err := open(t.Context(), path, false)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closeStore(t testing.TB, s *store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
