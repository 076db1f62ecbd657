package command_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/botlatch/botlatch/caddymodule/command"
)

// phonesKey is where a script keeps its phones: browsers that keep cookies, by name.
type phonesKey struct{}

func phone(ts *testscript.TestScript, name string) *http.Client {
	phones := ts.Value(phonesKey{}).(map[string]*http.Client)
	if phones[name] == nil {
		jar, err := cookiejar.New(nil)
		ts.Check(err)
		phones[name] = latchOf(ts).TLSClient(false)
		phones[name].Jar = jar
	}
	return phones[name]
}

// browse sends what a browser sends when a person opens a page, which began from (Sec-Fetch-Site), or presses its button.
func browse(ts *testscript.TestScript, name, target, from string, form url.Values) int {
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	r, err := http.NewRequest(method, target, strings.NewReader(form.Encode()))
	ts.Check(err)
	r.Header.Set("User-Agent", "Mozilla/5.0 (Android 15; Mobile; rv:139.0) Gecko/139.0 Firefox/139.0 ("+name+")")
	if name == "rude" {
		r.Header.Set("User-Agent", "rude\tbrowser")
	}
	r.Header.Set("Sec-Fetch-Site", from)
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	r.Header.Set("Sec-Fetch-Dest", "document")
	if form != nil {
		r.Header.Set("Origin", latchOf(ts).TLSURL)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := phone(ts, name).Do(r)
	ts.Check(err)
	_ = res.Body.Close()
	return res.StatusCode
}

// takes opens the link in the first line of a file, and presses the button.
func takes(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, !neg && len(args) == 3, "takes <status> <phone> <link file>")
	link, _, _ := strings.Cut(ts.ReadFile(args[2]), "\n")
	page, secret, _ := strings.Cut(link, "#")
	if got := browse(ts, args[1], page, "none", nil); got != http.StatusOK {
		ts.Fatalf("the page of the link answered %d", got)
	}
	if got := strconv.Itoa(browse(ts, args[1], page, "same-origin", url.Values{"secret": {secret}})); got != args[0] {
		ts.Fatalf("the button answered %s, want %s", got, args[0])
	}
}

// opens follows a link of the site's own page.
func opens(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, !neg && len(args) == 3, "opens <status> <phone> <url>")
	if got := strconv.Itoa(browse(ts, args[1], args[2], "same-origin", nil)); got != args[0] {
		ts.Fatalf("%s answered %s, want %s", args[2], got, args[0])
	}
}

// scans reads the QR code that is drawn in a file. It is what the other one says.
func scans(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, !neg && len(args) == 2, "scans <file> <link file>")
	want, _, _ := strings.Cut(ts.ReadFile(args[1]), "\n")
	got, err := command.ScanQRCode(ts.ReadFile(args[0]))
	ts.Check(err)
	if got != want || want == "" {
		ts.Fatalf("the code is another link than the one beside it")
	}
}

// says waits until a program that runs has written a line.
func says(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, !neg && len(args) == 2, "says <file> <beginning of a line>")
	var said []byte
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		said, _ = os.ReadFile(ts.MkAbs(args[0]))
		if strings.Contains("\n"+string(said), "\n"+args[1]) {
			return
		}
	}
	ts.Fatalf("%s has no line that begins with %q", args[0], args[1])
}

// halt ends the latch of the script; `latch` starts it again.
func halt(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, !neg && len(args) == 0, "halt")
	l := latchOf(ts)
	l.Stop()
	_ = os.Remove(l.Admin)
}
