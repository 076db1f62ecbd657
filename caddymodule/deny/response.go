package deny

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// Realm is what a site says about itself in a refusal.
type Realm struct {
	// Name is the realm attribute (RFC 9110 §11.5). It may hold any printable ASCII character.
	Name string
	// ResourceMetadata is the URL of the site's RFC 9728 document. Empty: the attribute is left out.
	ResourceMetadata string
}

// retryAfter is how many seconds a client should wait before it asks again after a 503 (RFC 9110 §10.2.3).
const retryAfter = 5

// problem is the RFC 9457 body of a refusal. Its type is about:blank, so its title is the status text (§4.2.1).
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Error  string `json:"error,omitempty"` // extension member: the RFC 6750 error code of the challenge
}

// Write answers w with err's row: status, challenge, an RFC 9457 body, Cache-Control: no-store. scopes are what the
// rule under which the request fell asks for; rows that do not name scopes leave them out. net/http keeps the body from
// an answer to HEAD.
func (r Realm) Write(w http.ResponseWriter, err error, scopes []string) {
	r.WriteAs(w, err, scopes, "application/problem+json", bodies[ReasonOf(err)])
}

// WriteAs is Write with another body, for people. Nothing else of the answer depends on it.
func (r Realm) WriteAs(w http.ResponseWriter, err error, scopes []string, contentType string, body []byte) {
	reason := ReasonOf(err)
	row := &table[reason]
	h := w.Header()
	if c := r.challenge(reason, scopes); c != "" {
		h.Set("WWW-Authenticate", c)
	}
	if row.retry {
		h.Set("Retry-After", strconv.Itoa(retryAfter))
	}
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", contentType)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(row.status)
	_, _ = w.Write(body) // the client may have gone; nobody is left to tell
}

// bodies are the bodies of all rows: nothing in them comes from the request.
var bodies = func() (all [NumReasons][]byte) {
	for reason := range NumReasons {
		row := &table[reason]
		all[reason], _ = json.Marshal(problem{"about:blank", http.StatusText(row.status), row.status, row.detail, row.code})
	}
	return all
}()
