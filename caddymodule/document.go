package caddymodule

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/policy"
)

// wellKnown is where a resource's metadata is: before the resource's own path (RFC 9728 §3.1).
const wellKnown = "/.well-known/oauth-protected-resource"

// document is the metadata of one resource.
type document struct {
	url  string
	path *policy.Pattern
	body []byte
}

// describe is the document of a resource; nil without one, without an issuer that a client could ask for a token, or where requests for
// the document do not come.
func (h *Handler) describe(ctx caddy.Context, resource *url.URL) (*document, error) {
	if resource == nil || !h.hears(ctx, metadataPath(resource)) {
		return nil, nil
	}
	servers := authorizationServers(h.issuersFor(resource), resource)
	if len(servers) == 0 {
		return nil, nil
	}
	methods := []string{"header"}
	if h.InsecureQueryToken {
		methods = append(methods, "query")
	}
	body, err := json.Marshal(struct {
		Resource      string   `json:"resource"`
		Servers       []string `json:"authorization_servers"`
		Scopes        []string `json:"scopes_supported,omitempty"` // RFC 9728 §3.2: none are left out
		BearerMethods []string `json:"bearer_methods_supported"`
	}{resource.String(), servers, scopesOf(h.Rules), methods})
	if err != nil {
		return nil, err
	}
	where := metadataPath(resource)
	path, err := policy.ParsePattern(where)
	return &document{resource.Scheme + "://" + resource.Host + where, path, body}, err
}

// metadataPath is the path of a resource's document. A slash that is the whole path is not part of it (RFC 9728 §3.1).
func metadataPath(resource *url.URL) string {
	if path := resource.EscapedPath(); path != "/" {
		return wellKnown + path
	}
	return wellKnown
}

// issuersFor are the issuers whose tokens for a resource pass. Where none of them calls the site so, as with an audience that is no URL, all
// are: a client may know what to ask them for.
func (h *Handler) issuersFor(resource *url.URL) []*accesstoken.Issuer {
	if len(h.Audience) > 0 { // it holds for all of them
		return h.accepted
	}
	own := slices.DeleteFunc(slices.Clone(h.accepted), func(i *accesstoken.Issuer) bool { return !slices.Contains(i.Audience, resource.String()) })
	if len(own) == 0 {
		return h.accepted
	}
	return own
}

// authorizationServers are the issuers whose metadata a client could ask for (RFC 8414 §2). One on this machine by plain HTTP
// counts for a resource on this machine alone, which is how people try things out.
func authorizationServers(issuers []*accesstoken.Issuer, resource *url.URL) (names []string) {
	for _, i := range issuers {
		u, ok := plainURL(i.Name)
		if ok && (u.Scheme == "https" || u.Scheme == "http" && resource.Scheme == "http" && isLoopback(u.Hostname())) {
			names = append(names, i.Name)
		}
	}
	return names
}

// scopesOf are all that rules name.
func scopesOf(rules []*policy.Rule) (scopes []string) {
	for _, r := range rules {
		scopes = append(append(scopes, r.Scope...), r.AnyScope...)
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}

// ServeHTTP gives the document to everybody, whatever the query. Pages of every origin may read it, for it tells little more than a
// challenge; on a site with cors only its pages may, because no others could use the site.
func (d *document) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		header.Set("Cache-Control", "no-store")
		header.Set("Content-Length", "0")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(len(d.body)))
	header.Set("Cache-Control", "public, max-age=3600")
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(d.body) // the client may have gone; nobody is left to tell
}

// Interface guards
var _ http.Handler = (*document)(nil)
