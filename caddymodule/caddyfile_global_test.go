package caddymodule_test

import (
	"strings"
	"testing"
)

// refuseCaddyfile asserts that a Caddyfile is refused with an error that says what, and where, and shows no secret.
func refuseCaddyfile(t *testing.T, caddyfile, want string) {
	t.Helper()
	adapted, err := adapt(t, caddyfile)
	if err == nil {
		t.Fatalf("adapts to\n%s", adapted)
	}
	if !strings.Contains(err.Error(), want) {
		t.Errorf("error %q does not say %q", err, want)
	}
	if !strings.Contains(err.Error(), "Caddyfile:") {
		t.Errorf("error %q does not say where", err)
	}
	if strings.Contains(err.Error(), "hush") {
		t.Errorf("error %q shows the secret", err)
	}
}

// global is the options' block of the latch.
func global(block string) string { return "{\n\tbotlatch {\n" + block + "\n\t}\n}\n" }

func TestGlobalOptionsThatSayNothingClearAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ caddyfile, want string }{
		"issuer without name":    {global("issuer {\n keys static a\n }"), "issuer needs the iss"},
		"issuer without keys":    {global("issuer a {\n audience b\n }"), "says nothing of its keys"},
		"issuer with two names":  {global("issuer a b {\n keys static a\n }"), "issuer"},
		"issuer's unknown word":  {global("issuer a {\n keys static a\n audiences b\n }"), "unrecognized option 'audiences' of issuer a"},
		"issuer's word twice":    {global("issuer a {\n keys static a\n keys static b\n }"), "'keys' stands twice in issuer a"},
		"unknown keys":           {global("issuer a {\n keys magic\n }"), "unrecognized keys 'magic'"},
		"keys without file":      {global("issuer a {\n keys static\n }"), "keys static needs a file"},
		"keys with two secrets":  {global("issuer a {\n keys secret hush hush\n }"), "'secret' needs exactly one value"},
		"ID tokens with a value": {global("issuer a {\n keys static a\n insecure_accept_id_tokens yes\n }"), "insecure_accept_id_tokens takes no value"},
		"ID tokens twice":        {global("issuer a {\n keys static a\n insecure_accept_id_tokens\n insecure_accept_id_tokens\n }"), "stands twice"},
		"unknown global word":    {global("issuers a"), "unrecognized option 'issuers'"},
		"unknown store":          {global("revocation stone"), "stone"},
		"store missing":          {global("revocation"), "revocation needs the name of a store"},
		"max_staleness missing":  {global("max_staleness"), "'max_staleness' takes one value"},
		"max_staleness of two":   {global("max_staleness 1m 2m"), "'max_staleness' takes one value"},
		"max_staleness odd":      {global("max_staleness long"), "max_staleness long is not a duration"},
		"max_staleness zero":     {global("max_staleness 0s"), "max_staleness 0s is not a duration of a second or more"},
		"max_staleness negative": {global("max_staleness -1m"), "max_staleness -1m is not a duration of a second or more"},
		"max_staleness off":      {global("max_staleness off"), "none means for ever"},
		"max_staleness twice":    {global("max_staleness none\nmax_staleness 1m"), "'max_staleness' stands twice"},
		"max_entries missing":    {global("max_entries"), "'max_entries' takes one value"},
		"max_entries of two":     {global("max_entries 1 2"), "'max_entries' takes one value"},
		"max_entries odd":        {global("max_entries 1e6"), "max_entries 1e6 is not a number of 1 or more"},
		"max_entries zero":       {global("max_entries 0"), "max_entries 0 is not a number of 1 or more"},
		"max_entries twice":      {global("max_entries 1\nmax_entries 1"), "'max_entries' stands twice"},
	} {
		t.Run(name, func(t *testing.T) { refuseCaddyfile(t, c.caddyfile, c.want) })
	}
}
