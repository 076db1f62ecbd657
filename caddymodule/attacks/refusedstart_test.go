package attacks_test

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// refusesToStart demands that the binary ends with an error and that nobody listens: what guards less than it says must
// not guard at all. The binary must say why: want.
func refusesToStart(t *testing.T, name, want, caddyfile string, env ...string) {
	t.Helper()
	bot := latchtest.StartBot(t)
	latch := latchtest.Prepare(t, caddyfile, append([]string{"BOT=" + bot.Address(), "KEYS=" + latchtest.NewKey(t, jose.EdDSA).File}, env...)...)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	stdout, stderr, code := latch.Command(ctx, "", "run", "--config", "Caddyfile")
	if ctx.Err() != nil || code == 0 {
		t.Errorf("%s: it started", name)
	}
	if conn, err := net.Dial("tcp", strings.TrimPrefix(latch.URL, "http://")); err == nil {
		_ = conn.Close()
		t.Errorf("%s: somebody listens", name)
	}
	if bot.Hits() != 0 {
		t.Errorf("%s: the bot was reached", name)
	}
	if !strings.Contains(stdout+stderr, want) {
		t.Errorf("%s: it does not say %q:\n%s%s", name, want, stdout, stderr)
	}
}

func privatePEM(key *rsa.PrivateKey) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(key))}))
}
