package caddymodule

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
)

// hashPolicy is a hash of all that decides on this site: its own configuration, its name, and the issuers of the app whose
// tokens it takes. A stream that was let in by another one ends. The keys are not in it: each token's is asked for by
// itself.
func (h *Handler) hashPolicy() (string, error) {
	b, err := json.Marshal(struct {
		Site    string
		Own     *Handler
		Issuers any
	}{h.siteText, h, h.app.IssuersOf(h.Accept)})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:]), nil
}

// Policy implements app.Site.
func (h *Handler) Policy() string { return h.hash }
