package caddymodule

import (
	"net/http"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/deny"
)

// identify puts who is calling into placeholders, for header_up, which a client cannot delete with Connection. The
// issuer always stands beside the subject, because a subject means nothing without it. On public rules all of them are
// known and empty: Caddy sends an unknown placeholder literally.
//
//	{http.auth.user.id}         the subject
//	{http.botlatch.subject}     the subject
//	{http.botlatch.issuer}      the issuer; empty for the site's own secret
//	{http.botlatch.client_id}   the client
//	{http.botlatch.scope}       the scopes, separated by spaces
//	{http.botlatch.token_id}    the jti, or uti
func identify(r *http.Request, t *accesstoken.Token) {
	replacer, ok := r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer)
	if !ok {
		return
	}
	if t == nil {
		t = nobody
	}
	replacer.Map(func(name string) (any, bool) {
		switch name {
		case "http.auth.user.id", "http.botlatch.subject":
			return t.Subject, true
		case "http.botlatch.issuer":
			return t.Issuer.Name, true
		case "http.botlatch.client_id":
			return t.ClientID, true
		case "http.botlatch.scope":
			// One with a space in it would be two to whoever splits them.
			return strings.Join(slices.DeleteFunc(slices.Clone(t.Scopes), func(s string) bool { return !deny.ValidScope(s) }), " "), true
		case "http.botlatch.token_id":
			return t.ID, true
		}
		return nil, false
	})
}

// nobody calls under a public rule.
var nobody = &accesstoken.Token{Issuer: &accesstoken.Issuer{}}
