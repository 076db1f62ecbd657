package jose

import (
	"fmt"
	"strings"
)

// tenantID is where the name of a tenant belongs in what Entra publishes for all of its tenants.
const tenantID = "{tenantid}"

// Tenant is the tenant of an issuer whose name is made of a template: the value of {tenantid} in it, letters, digits and hyphens.
// Without {tenantid} the template is a name. false: the name is another one.
func Tenant(template, name string) (tenant string, ok bool) {
	before, _, templated := strings.Cut(template, tenantID)
	if !templated {
		return "", template == name
	}
	rest, ok := strings.CutPrefix(name, before)
	if !ok {
		return "", false
	}
	end := strings.IndexFunc(rest, func(c rune) bool {
		return (c < '0' || c > '9') && (lower(c) < 'a' || lower(c) > 'z') && c != '-'
	})
	if end < 0 {
		end = len(rest)
	}
	tenant = rest[:end]
	if tenant == "" || strings.ReplaceAll(template, tenantID, tenant) != name {
		return "", false
	}
	return tenant, true
}

// Serves reports whether k may verify tokens of an issuer. Entra publishes the keys of several issuers in one set, and says at
// each whose it is: https://login.microsoftonline.com/{tenantid}/v2.0 for every tenant, or the name of one. The sets of its first
// version (sts.windows.net) say nothing.
func (k *Key) Serves(issuer string) bool {
	if k.Issuer == "" {
		return true
	}
	_, ok := Tenant(k.Issuer, issuer)
	return ok
}

// Of is the set without the keys that serve other issuers, and an error for each of these. A set of which none is left is an
// error: somebody has taken it for another one.
func (s *KeySet) Of(issuer string) (own *KeySet, skipped []error, err error) {
	var kept []*Key
	for _, k := range s.Keys() {
		if k.Serves(issuer) {
			kept = append(kept, k)
		} else {
			skipped = append(skipped, fmt.Errorf("key %s: it is another issuer's", k.label()))
		}
	}
	own, err = newKeySet(kept)
	return own, skipped, err
}
