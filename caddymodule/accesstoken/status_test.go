package accesstoken_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/keysource"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// below covers the URIs that begin with it, and must be asked nothing more: to verify a token fetches no list.
type below string

func (b below) Covers(uri string) bool { return strings.HasPrefix(uri, string(b)) }

func (below) Revoked(context.Context, *accesstoken.Token, time.Time) (bool, error) {
	return false, errors.New("a list was asked while a token was verified")
}

func TestStatusClaim(t *testing.T) {
	t.Parallel()
	const lists = "https://id.example/lists/"
	for name, status := range map[string]string{
		"ok/first entry":             `{"status_list":{"idx":0,"uri":"https://id.example/lists/1"}}`,
		"ok/a late entry":            `{"status_list":{"idx":18446744073709551615,"uri":"https://id.example/lists/1"}}`,
		"ok/more of the list":        `{"status_list":{"idx":7,"uri":"https://id.example/lists/1","x":1}}`,
		"malformed/null":             `null`,
		"malformed/true":             `true`,
		"malformed/a string":         `"valid"`,
		"malformed/an array":         `[{"status_list":{"idx":0,"uri":"https://id.example/lists/1"}}]`,
		"malformed/empty":            `{}`,
		"malformed/another way":      `{"status_assertion":{}}`,
		"malformed/list null":        `{"status_list":null}`,
		"malformed/list array":       `{"status_list":[]}`,
		"malformed/list empty":       `{"status_list":{}}`,
		"malformed/no idx":           `{"status_list":{"uri":"https://id.example/lists/1"}}`,
		"malformed/idx null":         `{"status_list":{"idx":null,"uri":"https://id.example/lists/1"}}`,
		"malformed/idx negative":     `{"status_list":{"idx":-1,"uri":"https://id.example/lists/1"}}`,
		"malformed/idx minus zero":   `{"status_list":{"idx":-0,"uri":"https://id.example/lists/1"}}`,
		"malformed/idx a fraction":   `{"status_list":{"idx":1.5,"uri":"https://id.example/lists/1"}}`,
		"malformed/idx whole":        `{"status_list":{"idx":1.0,"uri":"https://id.example/lists/1"}}`,
		"malformed/idx an exponent":  `{"status_list":{"idx":1e3,"uri":"https://id.example/lists/1"}}`,
		"malformed/idx a string":     `{"status_list":{"idx":"1","uri":"https://id.example/lists/1"}}`,
		"malformed/idx too large":    `{"status_list":{"idx":18446744073709551616,"uri":"https://id.example/lists/1"}}`,
		"malformed/no uri":           `{"status_list":{"idx":0}}`,
		"malformed/uri null":         `{"status_list":{"idx":0,"uri":null}}`,
		"malformed/uri an array":     `{"status_list":{"idx":0,"uri":["https://id.example/lists/1"]}}`,
		"wrong/another prefix":       `{"status_list":{"idx":0,"uri":"https://id.example/other/1"}}`,
		"wrong/uri empty":            `{"status_list":{"idx":0,"uri":""}}`,
		"wrong/another way as well":  `{"status_list":{"idx":0,"uri":"https://id.example/lists/1"},"status_assertion":{}}`,
		"malformed/another twice":    `{"status_list":{"idx":0,"idx":1,"uri":"https://id.example/lists/1"}}`,
		"malformed/idx in uppercase": `{"status_list":{"IDX":0,"uri":"https://id.example/lists/1"}}`,
	} {
		key := latchtest.NewKey(t, jose.ES256)
		raw := key.Sign(t, "at+jwt", claims("status", status))
		verify := func(lists accesstoken.StatusLists) (*accesstoken.Token, error) {
			return newVerifier(t, &accesstoken.Issuer{
				Name: provider, Keys: keysource.Static(key.KeySet()), Audience: []string{door}, Status: lists,
			}).Verify(t.Context(), raw)
		}
		want := map[string]deny.Reason{"wrong": deny.WrongProfile, "malformed": deny.MalformedToken}[strings.SplitN(name, "/", 2)[0]]
		token, err := verify(below(lists))
		switch {
		case strings.HasPrefix(name, "ok/"):
			if err != nil || token.Status == nil || token.Status.URI != lists+"1" {
				t.Errorf("%s: %v", name, err)
			}
		case deny.ReasonOf(err) != want:
			t.Errorf("%s: %v, want %v", name, err, want)
		case strings.Contains(err.Error(), "id.example"):
			t.Errorf("%s: the error quotes the claim: %v", name, err)
		}
		if name == "malformed/another twice" {
			continue // no JSON object at all
		}
		if _, err := verify(nil); deny.ReasonOf(err) != deny.WrongProfile {
			t.Errorf("%s, where no list is configured: %v", name, err)
		}
	}
}

func TestATokenWithoutTheClaimStandsOnNoList(t *testing.T) {
	t.Parallel()
	key := latchtest.NewKey(t, jose.ES256)
	token, err := newVerifier(t, &accesstoken.Issuer{
		Name: provider, Keys: keysource.Static(key.KeySet()), Audience: []string{door}, Status: below("https://"),
	}).Verify(t.Context(), key.Sign(t, "at+jwt", claims()))
	if err != nil || token.Status != nil {
		t.Errorf("%+v, %v", token, err)
	}
}
