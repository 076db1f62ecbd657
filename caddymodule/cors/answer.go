package cors

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// maxAge is how long a browser may remember a preflight, in seconds.
const maxAge = 600

// exposed lets a page read every field of an answer. The challenge is named, because a star means itself to a request with
// credentials.
const exposed = "WWW-Authenticate, *"

// Preflight answers r with 204 when it is a preflight for a page of the policy, and reports whether it did. Any other
// preflight is a request like all: without a token it is refused, and the bot never sees it.
func (p *Policy) Preflight(w http.ResponseWriter, r *http.Request) bool {
	origin, method := p.Origin(r), r.Header["Access-Control-Request-Method"]
	if r.Method != http.MethodOptions || origin == "" || len(method) != 1 || !httpguts.ValidHeaderFieldName(method[0]) {
		return false
	}
	h := w.Header()
	vary(h, "Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers")
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Allow-Methods", method[0])
	if names := fieldNames(r.Header["Access-Control-Request-Headers"]); names != "" {
		h.Set("Access-Control-Allow-Headers", names)
	}
	h.Set("Access-Control-Max-Age", strconv.Itoa(maxAge))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// fieldNames is the list of field names that fields ask for, without what is none.
func fieldNames(fields []string) string {
	var names []string
	for name := range strings.SplitSeq(strings.Join(fields, ","), ",") {
		if name = strings.Trim(name, " \t"); httpguts.ValidHeaderFieldName(name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// Replace puts our CORS fields in the place of those that stand in h. origin is that of the page, as Origin returned it:
// an empty one may read nothing.
func (p *Policy) Replace(h http.Header, origin string) {
	for name := range h {
		if len(name) > len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) {
			delete(h, name)
		}
	}
	vary(h, "Origin")
	if origin != "" {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Expose-Headers", exposed)
	}
}

const prefix = "Access-Control-"

// vary adds names to the Vary field that are not in it.
func vary(h http.Header, names ...string) {
	said := strings.Split(strings.Join(h["Vary"], ","), ",")
	for _, name := range names {
		if !slices.ContainsFunc(said, func(s string) bool { s = strings.TrimSpace(s); return s == "*" || strings.EqualFold(s, name) }) {
			h.Add("Vary", name)
		}
	}
}
