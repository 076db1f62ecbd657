package oidc

import (
	"errors"
	"fmt"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

// Grant gives scopes to whoever has a claim in the ID token. Nothing but the whole value fits: no part of it, no other case, no
// value inside an object.
type Grant struct {
	// Claim is the name of a claim of the ID token: a string, or an array of strings of which one fits, such as groups. An email
	// counts only beside email_verified, and a phone_number beside phone_number_verified, each the JSON value true: anybody can
	// write down somebody else's address.
	Claim string
	// Value is what it must be.
	Value string
	// Scopes is what it gives.
	Scopes []string
}

// verified names the claim that says of another one that the provider has made sure of it (OpenID Connect Core §5.1).
var verified = map[string]string{"email": "email_verified", "phone_number": "phone_number_verified"}

func (g *Grant) check() error {
	switch {
	case g.Claim == "" || g.Value == "":
		return errors.New("a claim and its value are needed") // an empty value is what a forgotten one looks like
	case len(g.Scopes) == 0:
		return errors.New("it gives no scope")
	}
	for _, scope := range g.Scopes {
		if !isScope(scope) {
			return fmt.Errorf("scope %q is not one scope", scope)
		}
	}
	return nil
}

// fits reports whether the claims of an ID token earn g.
func (g *Grant) fits(claims jose.Object) bool {
	beside, needed := verified[g.Claim]
	if needed && claims[beside] != true { // not "true", which says that somebody writes what he likes
		return false
	}
	switch v := claims[g.Claim].(type) {
	case string:
		return v == g.Value
	case []any:
		return !needed && holds(v, g.Value)
	}
	return false
}

// holds reports whether an array of strings, and of nothing else, has value.
func holds(array []any, value string) bool {
	found := false
	for _, v := range array {
		s, ok := v.(string)
		if !ok {
			return false
		}
		found = found || s == value
	}
	return found
}
