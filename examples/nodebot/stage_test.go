package nodebot_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// stage is the bot, the latch in front of it, and what the clients need to know.
type stage struct {
	dir   string
	bot   *bot
	latch *latchtest.Latch
	env   []string
}

// newStage starts the bot on a board, and the Caddyfile of this folder as it is.
func newStage(t *testing.T, board string) *stage {
	t.Helper()
	s := &stage{dir: program.Install(t)}
	s.bot = startBot(t, s.dir, board)
	text, err := os.ReadFile("Caddyfile")
	if err != nil {
		t.Fatal(err)
	}
	private, public := keyPair(t)
	secret := make([]byte, 32)
	_, _ = rand.Read(secret)
	s.latch = latchtest.Prepare(t, string(text))
	shared := map[string]string{
		"BOT_SECRET": hex.EncodeToString(secret), "BOT_PUBLIC_KEY": public,
		"LATCH_SECRET_PORT": port(t, s.latch.URL), "LATCH_KEY_PORT": port(t, s.latch.TLSURL),
	}
	s.env = []string{"PATH=" + os.Getenv("PATH"), "BOT_PRIVATE_KEY=" + private} // the latch has no private key
	for name, value := range shared {
		s.latch.Setenv(name, value)
		s.env = append(s.env, name+"="+value)
	}
	s.latch.Setenv("BOT_UPSTREAM", strings.TrimPrefix(s.bot.url, "http://"))
	s.latch.Setenv("BOT_ADMIN", "unix/"+s.latch.Admin+"|0600")
	s.latch.Run()
	return s
}

// keyPair writes an RSA key as PEM files, which go with the test.
func keyPair(t *testing.T) (private, public string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	publicDER, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return latchtest.WriteFile(t, "private.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))),
		latchtest.WriteFile(t, "public.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: publicDER})))
}

// port is that of an address.
func port(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}

// answer is what call.js prints.
type answer struct {
	Name, Site, Path string
	Status           int
	Challenge        string
	Type             string
	Body             string
}

// node runs a client and returns the answers that it got. It must not print a token.
func (s *stage) node(t *testing.T, args ...string) []answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, "node", args...)
	command.Dir, command.Env = s.dir, s.env
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("node %q: %v\n%s", args, err, out)
	}
	var answers []answer
	for text := range strings.Lines(string(out)) {
		var a answer
		if err := json.Unmarshal([]byte(text), &a); err != nil || latchtest.ShowsToken(text) {
			t.Fatalf("node %q: %v\n%s", args, err, out)
		}
		answers = append(answers, a)
	}
	return answers
}
