package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// stage runs the command as somebody does who tries it, and returns its link for a phone and its admin address.
func stage(t *testing.T) (link, admin string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	command := exec.CommandContext(ctx, build(t))
	command.Dir, command.Env = filepath.Join("..", ".."), []string{"HOME=" + t.TempDir()}
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_, _ = io.Copy(io.Discard, stdout)
		_ = command.Wait()
	})
	links, admins := regexp.MustCompile(`^https://\S+/\.botlatch/in#\S{22}$`), regexp.MustCompile(`--address (unix/\S+)$`)
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if links.MatchString(lines.Text()) {
			link = lines.Text()
		}
		if m := admins.FindStringSubmatch(lines.Text()); m != nil {
			admin = m[1]
		}
		if strings.HasPrefix(lines.Text(), "Ctrl-C") {
			return link, admin
		}
	}
	t.Fatal("it ended before it had said all")
	return "", ""
}

// TestAPhoneMovesTheArmUntilItIsSignedOut is what the README promises of the quickstart.
func TestAPhoneMovesTheArmUntilItIsSignedOut(t *testing.T) {
	t.Parallel()
	latchtest.Need(t, "chromium")
	link, admin := stage(t)
	if link == "" || admin == "" {
		t.Fatal("no link, or no admin address")
	}
	// A person says yes to the certificate that was made a moment ago.
	phone := latchtest.StartChromium(t, map[string]any{"ignore-certificate-errors": true})
	phone.Open(link)
	phone.Press("#open")
	phone.Becomes(`location.pathname === "/" && document.getElementById("joint-base")?.value === "90"`)
	phone.Script(`(() => { const base = document.getElementById("joint-base"); base.value = "120"; base.dispatchEvent(new Event("input")); return "" })()`)
	if moved := phone.Script(`(async () => { for (let i = 0; i < 500; i++) {
		if ((await (await fetch("api/arm/joints/base")).json()).angle === 120) return "yes"
		await new Promise((done) => setTimeout(done, 20)) } return "no" })()`); moved != "yes" {
		t.Error("the arm does not move")
	}
	signOut(t, admin)
	phone.Becomes(`document.body.innerText.includes("You are not signed in here.")`)
}

// signOut ends all sessions, as the owner does.
func signOut(t *testing.T, admin string) {
	t.Helper()
	if err := (&latch{socket: strings.TrimPrefix(admin, "unix/")}).signOut(t.Context()); err != nil {
		t.Fatal(err)
	}
}
