package app_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// listed is a door whose revocations stand in a file, and in bolt if asked.
func listed(t *testing.T, text string, bolt bool) (d *door, path string) {
	t.Helper()
	path = latchtest.WriteFile(t, "revoked.txt", text)
	stores := "revocation file {$LIST} {\n\t\t\tissuer " + issuerName + "\n\t\t}\n\t\tmax_staleness 2s"
	if bolt {
		stores += "\n\t\trevocation bolt {$STORE}"
	}
	d = prepareDoor(t, strings.Replace(doorSite, "revocation bolt {$STORE}", stores, 1))
	d.latch.Setenv("LIST", path)
	return d, path
}

// rewrite puts another text in the place of a file, whole.
func rewrite(t *testing.T, path, text string) {
	t.Helper()
	fresh := filepath.Join(filepath.Dir(path), "new")
	if err := os.WriteFile(fresh, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(fresh, path); err != nil {
		t.Fatal(err)
	}
}

func TestAListInAFileIsFollowed(t *testing.T) {
	t.Parallel()
	d, path := listed(t, "# nobody yet\n", false)
	d.latch.Run()
	ana, ben := d.issue(t, "ana", time.Now()), d.issue(t, "ben", time.Now())
	d.opens(t, ana.Raw, true)
	rewrite(t, path, ana.ID+" # lost phone\nsub:ben before:2020-01-02T03:04:05Z\n")
	d.becomes(t, ana.Raw, http.StatusUnauthorized)
	d.opens(t, ben.Raw, true)
	if e := d.revoked(t)[ana.ID]; e.Reason != "lost phone" {
		t.Errorf("listed as %+v", e)
	}
	status, answer := d.latch.Ask(t, http.MethodPost, "/botlatch/revocations", `{"kind":"subject","value":"ben"}`)
	if status != http.StatusConflict {
		t.Errorf("a write gets %d: %s", status, answer)
	}
	rewrite(t, path, "sub:ben\n")
	d.becomes(t, ana.Raw, http.StatusOK)
	d.opens(t, ben.Raw, false)
	d.latch.Kill()
	d.latch.Run()
	d.opens(t, ben.Raw, false)
}

var staleFor = regexp.MustCompile(`(?m)^botlatch_revocation_staleness_seconds (\S+)$`)

func TestABrokenListStaysInForceForAWhile(t *testing.T) {
	t.Parallel()
	d, path := listed(t, "sub:ana\n", false)
	d.latch.Run()
	ana, ben := d.issue(t, "ana", time.Now()).Raw, d.issue(t, "ben", time.Now()).Raw
	rewrite(t, path, "sub:ben\nhalf a line")
	d.becomes(t, ben, http.StatusServiceUnavailable)
	d.opens(t, ana, false)
	_, metrics := d.latch.Ask(t, http.MethodGet, "/metrics", "")
	if m := staleFor.FindStringSubmatch(metrics); m == nil || m[1] == "0" {
		t.Errorf("the metric says %v", m)
	}
	if _, status := d.latch.Ask(t, http.MethodGet, "/botlatch/status", ""); !strings.Contains(status, "line feed") {
		t.Errorf("status does not say what is wrong: %s", status)
	}
	if n := strings.Count(d.latch.Log(), "cannot be followed"); n != 1 {
		t.Errorf("%d warnings", n)
	}
	rewrite(t, path, "sub:ana\n")
	d.becomes(t, ben, http.StatusOK)
	d.opens(t, ana, false)
}

func TestAFileAndBoltTogether(t *testing.T) {
	t.Parallel()
	d, path := listed(t, "sub:ana\n", true)
	d.latch.Run()
	ana, ben := d.issue(t, "ana", time.Now()).Raw, d.issue(t, "ben", time.Now()).Raw
	d.opens(t, ana, false)
	d.revoke(t, map[string]any{"kind": "subject", "value": "ben"})
	d.revoke(t, map[string]any{"kind": "subject", "value": "ana"})
	d.opens(t, ben, false)
	rewrite(t, path, "# nobody\n")
	time.Sleep(4 * time.Second) // the file lets go of her, bolt does not
	d.opens(t, ana, false)
	d.change(t, http.MethodDelete, map[string]any{"kind": "subject", "value": "ana"})
	d.opens(t, ana, true)
	d.opens(t, ben, false)
}

func TestALatchDoesNotStartWithoutItsList(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"empty": "", "bad line": "sub:ana\nsbu:ben\n", "cut off": "sub:ana"} {
		d, path := listed(t, text, false)
		if said := refusesToStart(t, d); !strings.Contains(said, path) || name == "bad line" && !strings.Contains(said, "line 2") {
			t.Errorf("%s: the message does not say what is wrong:\n%s", name, said)
		}
	}
}
