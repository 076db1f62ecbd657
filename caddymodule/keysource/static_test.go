package keysource_test

import (
	"context"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/keysource"
)

func TestStaticNeverChanges(t *testing.T) {
	t.Parallel()
	set, err := jose.Secret([]byte("0123456789abcdefghijklmnopqrstuvwxyz"))
	if err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for _, want := range []*jose.KeySet{set, nil} {
		source := keysource.Static(want)
		for _, missing := range []string{"", "a", "../../etc/passwd"} {
			for _, ctx := range []context.Context{t.Context(), over} { // it waits for nothing that could be over
				if got, err := source.Set(ctx, missing); got != want || err != nil {
					t.Errorf("missing %q: got %v, %v", missing, got, err)
				}
			}
		}
	}
}
