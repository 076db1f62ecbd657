package accesstoken

import (
	"errors"

	"github.com/botlatch/botlatch/caddymodule/deny"
)

var errClients = errors.New("the token names two clients, and it matters which")

// client is who the token was issued to: client_id (RFC 9068 §2.2), else azp (OpenID Connect, Auth0, Keycloak, Entra), cid (Okta)
// or appid (Entra's first version). Elsewhere the last two may be anything, a customer's number for one, so they are asked
// last, and refuse no token. Where clients are listed everything that is there must agree: one of them may be what a client
// says of itself.
func (i *Issuer) client(r *reader) (id string, err error) {
	listed := len(i.ClientID) > 0
	for n, name := range [...]string{"client_id", "azp", "cid", "appid"} {
		if said, _ := r.claims[name].(string); n > 1 && !listed && (id != "" || said == "") {
			continue
		}
		other := r.text(name)
		if listed && id != "" && other != "" && other != id {
			return "", deny.Because(deny.WrongAudience, errClients)
		}
		if id == "" {
			id = other
		}
	}
	return id, nil
}
