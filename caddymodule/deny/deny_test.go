package deny

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// document is where a site that has a metadata document points in each challenge (RFC 9728 §5.1).
const document = "https://lock.example.com/.well-known/oauth-protected-resource"

// answers is the response table as a client sees it: the contract, written out a second time by hand. A site with metadata
// points to it in each challenge besides, and nothing else of the answer is another.
var answers = map[string]struct {
	reason    Reason
	status    int
	challenge string // exact, for realm "R" and a rule that asks for door:open and observe
	code      string // error member of the body
	detail    string
	retry     string
}{
	"R1/no credentials": {NoCredentials, 401, `Bearer realm="R", scope="door:open observe"`, "", "An access token is required", ""},
	"R1/foreign":        {Foreign, 401, `Bearer realm="R", scope="door:open observe"`, "", "An access token is required", ""},
	"R1/outside":        {Outside, 401, `Bearer realm="R", scope="door:open observe"`, "", "An access token is required", ""},
	"R1/prefetch":       {Prefetch, 401, `Bearer realm="R", scope="door:open observe"`, "", "An access token is required", ""},
	"R1/service worker": {ServiceWorker, 401, `Bearer realm="R", scope="door:open observe"`, "", "An access token is required", ""},
	"R1/no metadata":    {NoMetadata, 401, `Bearer realm="R", scope="door:open observe"`, "", "An access token is required", ""},
	"R2/malformed":      {MalformedToken, 401, `Bearer realm="R", error="invalid_token", error_description="The access token is not accepted"`, "invalid_token", "The access token is not accepted", ""},
	"R2/unknown issuer": {UnknownIssuer, 401, `Bearer realm="R", error="invalid_token", error_description="The access token is not accepted"`, "invalid_token", "The access token is not accepted", ""},
	"R2/unknown key":    {UnknownKey, 401, `Bearer realm="R", error="invalid_token", error_description="The access token is not accepted"`, "invalid_token", "The access token is not accepted", ""},
	"R2/bad signature":  {BadSignature, 401, `Bearer realm="R", error="invalid_token", error_description="The access token is not accepted"`, "invalid_token", "The access token is not accepted", ""},
	"R2/wrong profile":  {WrongProfile, 401, `Bearer realm="R", error="invalid_token", error_description="The access token is not accepted"`, "invalid_token", "The access token is not accepted", ""},
	"R2/expired":        {Expired, 401, `Bearer realm="R", error="invalid_token", error_description="The access token expired"`, "invalid_token", "The access token expired", ""},
	"R2/not yet valid":  {NotYetValid, 401, `Bearer realm="R", error="invalid_token", error_description="The access token is not accepted"`, "invalid_token", "The access token is not accepted", ""},
	"R2/lives too long": {LivesTooLong, 401, `Bearer realm="R", error="invalid_token", error_description="The access token is not accepted"`, "invalid_token", "The access token is not accepted", ""},
	"R2/wrong audience": {WrongAudience, 401, `Bearer realm="R", error="invalid_token", error_description="The access token is not accepted"`, "invalid_token", "The access token is not accepted", ""},
	"R2/revoked":        {Revoked, 401, `Bearer realm="R", error="invalid_token", error_description="The access token is not accepted"`, "invalid_token", "The access token is not accepted", ""},
	"R3/scope":          {InsufficientScope, 403, `Bearer realm="R", error="insufficient_scope", scope="door:open observe"`, "insufficient_scope", "The access token lacks a scope that this request needs", ""},
	"R3/claim":          {ClaimNotMet, 403, "", "", "The access token does not meet the rule for this request", ""},
	"R3/too old":        {TooOld, 403, "", "", "This request needs a token that was issued just now", ""},
	"R3/used":           {Used, 403, "", "", "This token was used before; a new one would pass", ""},
	"R4/malformed":      {MalformedCredentials, 400, `Bearer realm="R", error="invalid_request", error_description="The request does not hold one well-formed Bearer token"`, "invalid_request", "The request does not hold one well-formed Bearer token", ""},
	"R4/several":        {SeveralCredentials, 400, `Bearer realm="R", error="invalid_request", error_description="The request carries more than one token"`, "invalid_request", "The request carries more than one token", ""},
	"R4/misplaced":      {MisplacedCredentials, 400, `Bearer realm="R", error="invalid_request", error_description="Tokens are not accepted there; send one in the Authorization field"`, "invalid_request", "Tokens are not accepted there; send one in the Authorization field", ""},
	"R9/unavailable":    {Unavailable, 503, "", "", "The access token cannot be checked at the moment", "5"},
	"R9/internal":       {Internal, 503, "", "", "The request cannot be checked at the moment", "5"},
	"R14/unanswered":    {Unanswered, 502, "", "", "The request was sent and not answered; it may have been carried out, and is not sent again", ""},
	"R10/target":        {AmbiguousTarget, 400, "", "", "The request can be read in more than one way", ""},
	"R10/upgrade":       {ForeignUpgrade, 400, "", "", "The only upgrade accepted is a WebSocket handshake over HTTP/1.1", ""},
	"R12/no rule":       {NoRule, 403, "", "", "No rule allows this request", ""},
	"R16/held":          {Held, 503, "", "", "Everything is on hold", "5"},
	"R13/early data":    {EarlyData, 425, "", "", "Send the request again after the TLS handshake", ""},
	"R15/plain http":    {PlainHTTP, 403, "", "", "Tokens are accepted over HTTPS only", ""},
}

func TestEveryReasonAnswersAsTheTableSays(t *testing.T) {
	t.Parallel()
	seen := make(map[Reason]bool)
	for name, want := range answers {
		seen[want.reason] = true
		for kind, realm := range map[string]Realm{"": {Name: "R"}, ", metadata": {Name: "R", ResourceMetadata: document}} {
			challenge := want.challenge
			if challenge != "" && kind != "" {
				challenge += `, resource_metadata="` + document + `"`
			}
			t.Run(name+kind, func(t *testing.T) {
				t.Parallel()
				w := httptest.NewRecorder()
				secret := errors.New("only the log may see this")
				realm.Write(w, fmt.Errorf("serving: %w", Because(want.reason, secret)), []string{"door:open", "observe"})
				if w.Code != want.status || want.reason.Status() != want.status {
					t.Errorf("status %d, want %d", w.Code, want.status)
				}
				if got := w.Header().Values("WWW-Authenticate"); strings.Join(got, "|") != challenge {
					t.Errorf("challenge\n got %q\nwant %q", got, challenge)
				}
				if got := w.Header().Get("Retry-After"); got != want.retry {
					t.Errorf("Retry-After %q, want %q", got, want.retry)
				}
				if got := w.Header().Get("Cache-Control"); got != "no-store" {
					t.Errorf("Cache-Control %q", got)
				}
				if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
					t.Errorf("Content-Type %q", got)
				}
				if strings.Contains(w.Body.String(), "only the log") {
					t.Error("the body shows what only the log may see")
				}
				checkBody(t, w.Body.Bytes(), map[string]any{
					"type": "about:blank", "title": http.StatusText(want.status), "status": float64(want.status),
					"detail": want.detail, "error": want.code,
				})
			})
		}
	}
	for r := range NumReasons {
		if !seen[r] {
			t.Errorf("reason %q stands in no row of this test", r)
		}
	}
}

// checkBody compares a problem body with want, of which an empty error member must be absent.
func checkBody(t *testing.T, body []byte, want map[string]any) {
	t.Helper()
	var got map[string]any
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatalf("body is not JSON: %v", err)
	}
	if want["error"] == "" {
		delete(want, "error")
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("body\n got %v\nwant %v", got, want)
	}
}

func TestAnErrorNobodyThoughtOfDenies(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"deny/plain error":    errors.New("boom"),
		"deny/reason too big": Because(NumReasons, nil),
		"deny/nil":            nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			Realm{Name: "R"}.Write(w, err, nil)
			if w.Code != http.StatusServiceUnavailable {
				t.Errorf("status %d, want 503", w.Code)
			}
		})
	}
}

func TestChallengeNamesNoScopeWhenTheRuleAsksForNone(t *testing.T) {
	t.Parallel()
	r := Realm{Name: "R"}
	if got := r.challenge(NoCredentials, nil); got != `Bearer realm="R"` {
		t.Errorf("got %q", got)
	}
}

func TestChallengePointsAtTheResourceMetadata(t *testing.T) {
	t.Parallel()
	r := Realm{Name: `a "lock" \ door`, ResourceMetadata: document}
	want := `Bearer realm="a \"lock\" \\ door", scope="x", resource_metadata="https://lock.example.com/.well-known/oauth-protected-resource"`
	if got := r.challenge(NoCredentials, []string{"x"}); got != want {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}

func TestDescriptionsUseOnlyCharactersOfRFC6750(t *testing.T) {
	t.Parallel()
	for r := range NumReasons {
		for _, c := range []byte(table[r].detail) {
			if c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
				t.Errorf("%s: %q may not stand in an error_description", r, c)
			}
		}
	}
}

func TestLabelsAreDistinctAndFitForMetrics(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for r := range NumReasons {
		label := r.String()
		if label == "" || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz_") != "" || seen[label] {
			t.Errorf("label %q of reason %d is empty, odd or used twice", label, r)
		}
		seen[label] = true
	}
}

func TestHeadGetsTheStatusWithoutABody(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		Realm{Name: "R"}.Write(w, Because(NoCredentials, nil), nil)
	}))
	t.Cleanup(s.Close)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodHead, s.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusUnauthorized || res.Header.Get("WWW-Authenticate") == "" {
		t.Errorf("status %d, challenge %q", res.StatusCode, res.Header.Get("WWW-Authenticate"))
	}
}

func TestScopeTokensAreThoseOfRFC6749(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"door:open": true, "!": true, "a/b.c~": true,
		"": false, "a b": false, `a"b`: false, `a\b`: false, "é": false, "a\x7f": false,
	} {
		if got := ValidScope(s); got != want {
			t.Errorf("ValidScope(%q) = %v", s, got)
		}
	}
}
