package admin_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

func TestInspectCountsAndLogsNothing(t *testing.T) {
	t.Parallel()
	key := latchtest.NewKey(t, jose.EdDSA)
	l := latchtest.Start(t, importSite, "KEYS="+key.File)
	_, before := l.Ask(t, http.MethodGet, "/metrics", "")
	token := key.Mint(t, issue.Token{Issuer: "own", Subject: "ana-the-subject"})
	for name, c := range map[string]struct {
		method, body, want string
		status             int
	}{
		"accepted":          {http.MethodPost, `{"token":"` + token + `","method":"GET","path":"/"}`, `"accepted":true`, 200},
		"no rule":           {http.MethodPost, `{"token":"` + token + `","method":"GET","path":"/x"}`, `"reason":"no_rule"`, 200},
		"forged":            {http.MethodPost, `{"token":"` + token + `A"}`, `"accepted":false`, 200},
		"no token":          {http.MethodPost, `{}`, "token is missing", 400},
		"path alone":        {http.MethodPost, `{"token":"x","path":"/"}`, "go together", 400},
		"method alone":      {http.MethodPost, `{"token":"x","method":"GET"}`, "go together", 400},
		"no path":           {http.MethodPost, `{"token":"x","method":"GET","path":"http://a/"}`, "slash", 400},
		"no request":        {http.MethodPost, `{"token":"x","method":"GET","path":"/%"}`, "no request", 400},
		"endless":           {http.MethodPost, `{"token":"` + strings.Repeat("x", 17<<10) + `"}`, "", 413},
		"in the target":     {http.MethodGet, "", "", 405},
		"with other things": {http.MethodPost, `{"token":"x","now":0}`, "", 400},
	} {
		status, answer := l.Ask(t, c.method, "/botlatch/inspect", c.body)
		if status != c.status || !strings.Contains(answer, c.want) || strings.Contains(answer, token) || strings.Contains(answer, "ana-the-subject") {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	_, after := l.Ask(t, http.MethodGet, "/metrics", "")
	if own(before) != own(after) {
		t.Errorf("metrics changed:\n%s\n%s", own(before), own(after))
	}
	if log := l.Log(); strings.Contains(log, token) || strings.Contains(log, "denied: ") {
		t.Errorf("something was logged:\n%s", log)
	}
}

// own are the metrics of the latch that count decisions.
func own(metrics string) string {
	var lines []string
	for line := range strings.Lines(metrics) {
		if strings.HasPrefix(line, "botlatch_requests_total") || strings.HasPrefix(line, "botlatch_verify_duration") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}
