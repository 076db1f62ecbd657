package admin_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

const importSite = `{
	admin {$ADMIN}
	botlatch {
		issuer own {
			keys static {$KEYS}
		}
	}
}
http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		allow GET / any_token
	}
}
`

func TestImportTakesAllEntriesOrNone(t *testing.T) {
	t.Parallel()
	const entry = `{"kind":"token","iss":"own","value":"t%d","at":"2026-01-02T15:04:05Z"}`
	list := func(n int) string {
		all := make([]string, n)
		for i := range all {
			all[i] = fmt.Sprintf(entry, i)
		}
		return `{"revocations":[` + strings.Join(all, ",") + `]}`
	}
	l := latchtest.Start(t, importSite, "KEYS="+latchtest.NewKey(t, jose.EdDSA).File)
	for name, c := range map[string]struct {
		method, body string
		status       int
	}{
		"one of them no entry": {http.MethodPost, `{"revocations":[` + fmt.Sprintf(entry, 1) + `,{"kind":"token","value":"t"}]}`, 400},
		"too many":             {http.MethodPost, list(1001), 400},
		"too large":            {http.MethodPost, `{"revocations":[` + strings.Repeat(" ", 1<<20) + `]}`, 413},
		"another member":       {http.MethodPost, `{"revocations":[],"force":true}`, 400},
		"no list":              {http.MethodPost, `[]`, 400},
		"another method":       {http.MethodGet, "", 405},
	} {
		if status, answer := l.Ask(t, c.method, "/botlatch/revocations/import", c.body); status != c.status {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	if _, answer := l.Ask(t, http.MethodGet, "/botlatch/revocations", ""); !strings.Contains(answer, `"revocations":[]`) {
		t.Errorf("something was imported: %s", answer)
	}
	if status, answer := l.Ask(t, http.MethodPost, "/botlatch/revocations/import", list(1000)); status != http.StatusOK || strings.TrimSpace(answer) != `{"imported":1000}` {
		t.Errorf("%d %s", status, answer)
	}
	if _, answer := l.Ask(t, http.MethodGet, "/botlatch/status", ""); !strings.Contains(answer, `"token":1000`) {
		t.Errorf("the list does not hold them: %s", answer)
	}
}
