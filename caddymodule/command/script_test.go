package command_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

func TestMain(m *testing.M) { os.Exit(latchtest.Main(m)) }

// TestScripts runs testdata/script/*.txtar: the real binary, as a person types it. Beside testscript's own commands a
// script has
//
//	latch <Caddyfile>              start a latch with it; it ends with the script
//	exits <code> <program> ...     run a program, which must exit with that code
//	answers <status> <token> [<method>] <url>   ask with the token of a file, or with none if that is -
//	mode <mode> <file>             the file has that mode
//	member <VARIABLE> <name>       a member of the JSON on standard output
//	unseen <file>                  what is in the file is not in the log of the latch, nor in the last output
//	until <status> <url>           wait for that answer to a request without a token
//	halt                           end the latch; latch starts it again
//	takes <status> <phone> <link file>   a browser of that name opens the link and presses the button
//	opens <status> <phone> <url>   the browser follows a link of the site's own page
//	says <file> <text>             wait until the file has a line that begins with the text
//	scans <file> <link file>       the QR code that is drawn in the file is the link
//
// and the variables ADMIN (for Caddyfiles), ADDRESS (for --address), PORT, PORT2, URL, BOT, and for HTTPS SITE, TLS_PORT,
// CERT and KEY.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"), Setup: setup, RequireUniqueNames: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"latch": startLatch, "exits": exits, "answers": answers, "mode": mode, "member": member, "unseen": unseen,
			"until": until, "halt": halt, "takes": takes, "opens": opens, "scans": scans,
			"says": says,
		},
	})
}

// latchKey is where a script keeps its latch.
type latchKey struct{}

func setup(env *testscript.Env) error {
	t, ok := env.T().(testing.TB)
	if !ok {
		return errors.New("testscript gives no testing.TB")
	}
	l := latchtest.Prepare(t, "")
	l.Setenv("WORK", env.WorkDir)
	bot := latchtest.StartBot(t)
	l.Setenv("BOT", bot.Address())
	env.Values[latchKey{}], env.Values[phonesKey{}] = l, make(map[string]*http.Client)
	_, port, _ := strings.Cut(strings.TrimPrefix(l.URL, "http://"), ":")
	_, port2, _ := strings.Cut(strings.TrimPrefix(l.TLSURL, "https://"), ":")
	for name, value := range map[string]string{
		"ADMIN": "unix/" + l.Admin + "|0600", "ADDRESS": "unix/" + l.Admin, "URL": l.URL, "PORT": port, "PORT2": port2,
		"SITE": l.TLSURL, "TLS_PORT": port2, "CERT": filepath.Join(l.Dir, "cert.pem"), "KEY": filepath.Join(l.Dir, "key.pem"),
		"BOT": bot.Address(), "HOME": l.Dir, "PATH": filepath.Dir(latchtest.Binary(t)) + string(os.PathListSeparator) + os.Getenv("PATH"),
	} {
		env.Setenv(name, value)
	}
	return nil
}

func latchOf(ts *testscript.TestScript) *latchtest.Latch {
	return ts.Value(latchKey{}).(*latchtest.Latch)
}

func startLatch(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, !neg && len(args) == 1, "latch <Caddyfile>")
	l := latchOf(ts)
	l.Rewrite(ts.ReadFile(args[0]))
	l.Run()
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, !neg && len(args) > 1, "exits <code> <program> <argument>...")
	code := 0
	err := ts.Exec(args[1], args[2:]...)
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

func answers(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 3 {
		args = []string{args[0], args[1], http.MethodGet, args[2]}
	}
	check(ts, !neg && len(args) == 4, "answers <status> <token file>|- [<method>] <url>")
	token := ""
	if args[1] != "-" {
		token = strings.TrimSpace(ts.ReadFile(args[1]))
	}
	got, err := ask(args[2], args[3], token)
	ts.Check(err)
	if got != args[0] {
		ts.Fatalf("answered %s, want %s", got, args[0])
	}
}

// ask is the status of an answer.
func ask(method, url, token string) (string, error) {
	r, err := http.NewRequest(method, url, http.NoBody)
	if err != nil {
		return "", err
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := (&http.Client{Timeout: 20 * time.Second}).Do(r)
	for again := 0; (errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF)) && again < 3; again++ {
		// A reload closes a listener, and with it who waits in its queue: nobody has read the request.
		res, err = (&http.Client{Timeout: 20 * time.Second}).Do(r)
	}
	if err != nil {
		return "", err
	}
	_ = res.Body.Close()
	return strconv.Itoa(res.StatusCode), nil
}

func until(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, !neg && len(args) == 2, "until <status> <url>")
	var got string
	var err error
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if got, err = ask(http.MethodGet, args[1], ""); got == args[0] {
			return
		}
	}
	ts.Fatalf("answered %s (%v), want %s", got, err, args[0])
}

func mode(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, !neg && len(args) == 2, "mode <mode> <file>")
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[0] {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}

func member(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, !neg && len(args) == 2, "member <VARIABLE> <name>")
	var all map[string]any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &all))
	value, ok := all[args[1]].(string)
	if !ok {
		ts.Fatalf("no text in member %s", args[1])
	}
	ts.Setenv(args[0], value)
}

func unseen(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, !neg && len(args) == 1, "unseen <file>")
	secret := strings.TrimSpace(ts.ReadFile(args[0]))
	for where, text := range map[string]string{
		"the log": latchOf(ts).Log(), "standard output": ts.ReadFile("stdout"), "standard error": ts.ReadFile("stderr"),
	} {
		if secret == "" || strings.Contains(text, secret) {
			ts.Fatalf("%s is empty, or in %s", args[0], where)
		}
	}
}

func check(ts *testscript.TestScript, ok bool, usage string) {
	if !ok {
		ts.Fatalf("usage: %s", usage)
	}
}
