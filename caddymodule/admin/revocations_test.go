package admin_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// entry is what this test reads of an entry.
type entry struct {
	Kind, Iss, Value, Reason string
	IssuedBefore             *time.Time `json:"issued_before"`
	ExpiresAt                *time.Time `json:"expires_at"`
	At                       *time.Time
}

// list is the whole list, page by page, and how many pages there were.
func (l *latch) list(t *testing.T, limit int) (all []entry, pages int) {
	t.Helper()
	for after := ""; ; {
		var page struct {
			Revocations []entry
			Next        string
		}
		l.get(t, fmt.Sprintf("/botlatch/revocations?limit=%d&after=%s", limit, url.QueryEscape(after)), &page)
		if pages++; pages > 100 {
			t.Fatal("the pages do not end")
		}
		all = append(all, page.Revocations...)
		if len(page.Revocations) > limit {
			t.Errorf("a page of %d has %d entries", limit, len(page.Revocations))
		}
		if after = page.Next; after == "" {
			return all, pages
		}
	}
}

func TestRevokesAndGivesBack(t *testing.T) {
	t.Parallel()
	l := start(t)
	token := l.token(t, "ana")
	for name, c := range map[string]struct{ body, kind string }{
		"token itself": {`{"token":"` + token + `","reason":"lost"}`, "token"},
		"subject":      {`{"kind":"subject","iss":"` + issuerName + `","value":"ana","reason":"lost"}`, "subject"},
		"cut-off":      {`{"kind":"all","issued_before":"now","reason":"lost"}`, "all"},
		"issuer":       {`{"kind":"issuer","iss":"` + issuerName + `","reason":"lost"}`, "issuer"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := l.status(t, token); got != http.StatusOK {
				t.Fatalf("before: status %d", got)
			}
			status, answer := l.Ask(t, http.MethodPost, "/botlatch/revocations", c.body)
			var e entry
			if err := json.Unmarshal([]byte(answer), &e); err != nil || status != http.StatusOK {
				t.Fatalf("status %d: %s", status, answer)
			}
			if e.Kind != c.kind || e.Reason != "lost" || e.At == nil || time.Since(*e.At).Abs() > time.Minute {
				t.Errorf("the entry is %+v", e)
			}
			if strings.Contains(answer, token) || latchtest.ShowsToken(answer) {
				t.Error("the answer shows the token")
			}
			before := l.bot.Hits()
			if got := l.status(t, token); got != http.StatusUnauthorized || l.bot.Hits() != before {
				t.Errorf("revoked: status %d", got)
			}
			if all, _ := l.list(t, 100); len(all) != 1 || all[0].Kind != c.kind {
				t.Errorf("the list is %+v", all)
			}
			if status, answer := l.Ask(t, http.MethodDelete, "/botlatch/revocations", c.body); status != http.StatusOK {
				t.Errorf("giving back: status %d: %s", status, answer)
			}
			if got := l.status(t, token); got != http.StatusOK {
				t.Errorf("given back: status %d", got)
			}
			if all, _ := l.list(t, 100); len(all) != 0 {
				t.Errorf("the list is %+v", all)
			}
		})
	}
	if latchtest.ShowsToken(l.Log()) {
		t.Error("the log shows a token")
	}
	for _, what := range []string{`"msg":"revoked"`, `"msg":"restored"`, `"reason":"lost"`, `"by":"admin API, unix socket"`} {
		if !strings.Contains(l.Log(), what) {
			t.Errorf("the audit lacks %s", what)
		}
	}
}

func TestPagesTheList(t *testing.T) {
	t.Parallel()
	l := start(t)
	const n = 25
	for i := range n {
		status, answer := l.Ask(t, http.MethodPost, "/botlatch/revocations", fmt.Sprintf(`{"kind":"token","iss":%q,"value":"t%d"}`, issuerName, i))
		if status != http.StatusOK {
			t.Fatalf("status %d: %s", status, answer)
		}
	}
	for limit, want := range map[int]int{1: n, 10: 3, n: 1, 1000: 1} {
		all, pages := l.list(t, limit)
		seen := make(map[string]bool)
		for _, e := range all {
			seen[e.Value] = true
		}
		if len(all) != n || len(seen) != n || pages != want {
			t.Errorf("limit %d: %d entries, %d different, %d pages, want %d", limit, len(all), len(seen), pages, want)
		}
	}
	for _, query := range []string{
		"limit=0", "limit=-1", "limit=1001", "limit=many", "limit=1.5", "after=x", "after=0.x", "after=0.AAAA", "after=7.", "after=-1.", "after=.",
	} {
		if status, answer := l.Ask(t, http.MethodGet, "/botlatch/revocations?"+query, ""); status != http.StatusBadRequest {
			t.Errorf("%s: status %d: %s", query, status, answer)
		}
	}
}

// TestBadBodyIsTheCallersMistake and changes nothing.
func TestBadBodyIsTheCallersMistake(t *testing.T) {
	t.Parallel()
	l := start(t)
	token := l.token(t, "ana")
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"no body":                  {"", 400},
		"no JSON":                  {"kind=token", 400},
		"a list":                   {`[{"kind":"subject","value":"ana"}]`, 400},
		"a string":                 {`"` + token + `"`, 400},
		"null":                     {"null", 400},
		"empty":                    {"{}", 400},
		"cut":                      {`{"kind":"subject","iss":"i","value":"ana"`, 400},
		"unknown member":           {`{"kind":"subject","iss":"i","value":"ana","until":"now"}`, 400},
		"two values":               {`{"kind":"subject","iss":"i","value":"ana"}{"kind":"all"}`, 400},
		"something behind":         {`{"kind":"subject","iss":"i","value":"ana"} x`, 400},
		"a brace behind":           {`{"kind":"subject","iss":"i","value":"ana"}}`, 400},
		"a bracket behind":         {`{"kind":"subject","iss":"i","value":"ana"}]`, 400},
		"too large":                {`{"kind":"subject","iss":"i","value":"` + strings.Repeat("a", 17<<10) + `"}`, 413},
		"too large, behind":        {`{"kind":"subject","iss":"i","value":"ana"}` + strings.Repeat(" ", 17<<10), 413},
		"value too long":           {`{"kind":"subject","iss":"i","value":"` + strings.Repeat("a", 1025) + `"}`, 400},
		"reason too long":          {`{"kind":"subject","iss":"i","value":"a","reason":"` + strings.Repeat("a", 257) + `"}`, 400},
		"reason with a line break": {`{"kind":"subject","iss":"i","value":"a","reason":"a\nb"}`, 400},
		"bad kind":                 {`{"kind":"person","iss":"i","value":"ana"}`, 400},
		"kind that is a number":    {`{"kind":4,"iss":"i","value":"ana"}`, 400},
		"no kind":                  {`{"iss":"i","value":"ana"}`, 400},
		"no value":                 {`{"kind":"subject","iss":"i"}`, 400},
		"value that is a number":   {`{"kind":"token","iss":"i","value":7}`, 400},
		"no iss, several issuers":  {`{"kind":"subject","value":"ana"}`, 400},
		"all with a value":         {`{"kind":"all","value":"x","issued_before":"now"}`, 400},
		"all of an issuer":         {`{"kind":"all","iss":"i","issued_before":"now"}`, 400},
		"issuer without iss":       {`{"kind":"issuer","iss":""}`, 400},
		"key that is a kid":        {`{"kind":"key","value":"kid-1"}`, 400},
		"fingerprint, not whole":   {`{"kind":"fingerprint","value":"abc"}`, 400},
		"fingerprint with iss":     {`{"kind":"fingerprint","iss":"i","value":"` + strings.Repeat("A", 43) + `"}`, 400},
		"issued_before odd":        {`{"kind":"subject","iss":"i","value":"a","issued_before":"yesterday"}`, 400},
		"issued_before a number":   {`{"kind":"subject","iss":"i","value":"a","issued_before":1700000000}`, 400},
		"issued_before in 1969":    {`{"kind":"subject","iss":"i","value":"a","issued_before":"1969-01-01T00:00:00Z"}`, 400},
		"issued_before in 2200":    {`{"kind":"subject","iss":"i","value":"a","issued_before":"2200-01-01T00:00:00Z"}`, 400},
		"expires_at odd":           {`{"kind":"token","iss":"i","value":"a","expires_at":"soon"}`, 400},
		"token and kind":           {`{"token":"` + token + `","kind":"token"}`, 400},
		"token and iss":            {`{"token":"` + token + `","iss":""}`, 400},
		"token and a cut-off":      {`{"token":"` + token + `","issued_before":"now"}`, 400},
		"token that is none":       {`{"token":"x.y"}`, 400},
		"token with its scheme":    {`{"token":"Bearer ` + token + `"}`, 400},
		"token with a line break":  {`{"token":"` + token + `\n"}`, 400},
	} {
		for _, method := range []string{http.MethodPost, http.MethodDelete} {
			t.Run(method+"/"+name, func(t *testing.T) {
				status, answer := l.Ask(t, method, "/botlatch/revocations", c.body)
				if status != c.status || !json.Valid([]byte(answer)) || !strings.Contains(answer, `"error"`) {
					t.Errorf("status %d, want %d: %.300s", status, c.status, answer)
				}
				if latchtest.ShowsToken(answer) {
					t.Error("the answer shows the token")
				}
			})
		}
	}
	if all, _ := l.list(t, 100); len(all) != 0 {
		t.Errorf("the list is %+v", all)
	}
	if got := l.status(t, token); got != http.StatusOK {
		t.Errorf("the token: status %d", got)
	}
	if latchtest.ShowsToken(l.Log()) {
		t.Error("the log shows a token")
	}
}

// TestAllNeedsACutOffButNotToBeGivenBack: without one nobody would ever be let in again.
func TestAllNeedsACutOffButNotToBeGivenBack(t *testing.T) {
	t.Parallel()
	l := start(t)
	token := l.token(t, "ana")
	for _, c := range []struct {
		method, body string
		status, door int
	}{
		{http.MethodPost, `{"kind":"all"}`, 400, 200},
		{http.MethodPost, `{"kind":"all","issued_before":"now"}`, 200, 401},
		{http.MethodPost, `{"kind":"all"}`, 400, 401},
		{http.MethodDelete, `{"kind":"all"}`, 200, 200},
		{http.MethodDelete, `{"kind":"all"}`, 200, 200},
	} {
		if status, answer := l.Ask(t, c.method, "/botlatch/revocations", c.body); status != c.status {
			t.Errorf("%s %s: status %d: %s", c.method, c.body, status, answer)
		}
		if got := l.status(t, token); got != c.door {
			t.Errorf("after %s %s the token gets %d, want %d", c.method, c.body, got, c.door)
		}
	}
}
