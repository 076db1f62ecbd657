package door_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/door"
	"github.com/botlatch/botlatch/caddymodule/session"
)

// desk lets nobody in.
type desk struct{ door.Desk }

func (desk) Visitor(*http.Request) door.Visitor {
	return door.Visitor{Origin: "https://lock.example.com"}
}
func (desk) Session(*http.Request, bool) *session.Session { return nil }
func (desk) Failed(string, error)                         {}
func (desk) Count(string, string)                         {}

// TestAWayBackThatBeganElsewhereIsTakenOnceMoreFromHere, with all that it carries and nothing used up: a Strict cookie comes along then.
func TestAWayBackThatBeganElsewhereIsTakenOnceMoreFromHere(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		site, query string
		status      int
		shows       string
	}{
		"ok/from the provider":         {"cross-site", "code=a%2Bb&state=c", 200, `content="0; url=/.botlatch/callback?code=a%2Bb&amp;state=c"`},
		"ok/from a page that is ours":  {"same-origin", "code=a&state=c", 400, "did not begin in this browser"},
		"ok/typed":                     {"none", "code=a&state=c", 400, "did not begin in this browser"},
		"ok/browser that does not say": {"", "code=a&state=c", 400, "did not begin in this browser"},
		"deny/markup":                  {"cross-site", `code="><script>canary</script>&state=c`, 200, `url=/.botlatch/callback?code=&#34;&gt;&lt;script`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://lock.example.com/.botlatch/callback", http.NoBody)
			r.URL.RawQuery = c.query
			r.Header.Set("Cookie", "__Host-Http-botlatch-flow-2e7d2c03=sealed")
			if c.site != "" {
				r.Header.Set("Sec-Fetch-Site", c.site)
			}
			w := httptest.NewRecorder()
			new(door.Door{Desk: desk{}}).Serve(w, r, time.Now())
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.shows) || strings.Contains(w.Body.String(), "<script>canary") {
				t.Errorf("status %d\n%s", w.Code, w.Body)
			}
			spent := strings.Contains(strings.Join(w.Header().Values("Set-Cookie"), " "), "-flow-")
			if spent == (c.status == http.StatusOK) {
				t.Errorf("the flow is spent: %t", spent)
			}
		})
	}
}
