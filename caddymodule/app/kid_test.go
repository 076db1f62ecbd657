package app_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

func TestKidIsResolvedToTheThumbprint(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	kid := d.key.ID
	for name, body := range map[string]map[string]any{
		"kid of another kind": {"kind": "subject", "kid": kid, "value": "ana"},
		"kid without a kind":  {"kid": kid},
		"kid beside a value":  {"kind": "key", "kid": kid, "value": d.key.KeySet().Keys()[0].Thumbprint},
		"kid beside a token":  {"token": d.issue(t, "ana", time.Now()).Raw, "kid": kid},
		"kid nobody has":      {"kind": "key", "kid": "x" + kid},
		"kid of somebody":     {"kind": "key", "kid": kid, "iss": "https://else.example.com/"},
		"issuer not known":    {"kind": "issuer", "iss": "https://else.example.com/"},
		"subject of nobody":   {"kind": "subject", "iss": "https://else.example.com/", "value": "ana"},
	} {
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		if status, answer := d.latch.Ask(t, http.MethodPost, "/botlatch/revocations", string(b)); status != http.StatusBadRequest || strings.Contains(answer, kid) {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	token := d.issue(t, "ana", time.Now()).Raw
	d.opens(t, token, true)
	e := d.revoke(t, map[string]any{"kind": "key", "kid": kid, "iss": issuerName})
	if e.Kind != revocation.KindKey || e.Value != d.key.KeySet().Keys()[0].Thumbprint || e.Issuer != "" {
		t.Errorf("stored as %+v", e)
	}
	d.opens(t, token, false)
	d.change(t, http.MethodDelete, map[string]any{"kind": "key", "kid": kid})
	d.opens(t, token, true)
}
