package attacks_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// ours are fields in which gateways tell a bot who is calling or what was asked. Behind a latch nobody else may.
var ours = []string{
	// another request
	"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-URL", "X-Original-URI", "X-Original-Method",
	"X-Rewrite-URL", "X-Forwarded-Uri", "X-Forwarded-Method", "X-Forwarded-Prefix", "X-Forwarded-Path", "X-Envoy-Original-Path",
	"X-Envoy-Decorator-Operation",
	// another place
	"Forwarded", "X-Real-IP", "True-Client-IP", "X-Client-IP", "X-Forwarded-Port", "X-Forwarded-Server", "X-Envoy-External-Address",
	// another caller
	"X-Bot-Subject", "X-Bot-Issuer", "X-Bot-Client", "X-Bot-Scope", "X-Bot-User", "X-User", "X-User-Id", "X-Userinfo", "X-Username",
	"X-Auth-User", "X-Auth-Request-User", "X-Authenticated-User", "X-Authenticated-Scope", "X-WebAuth-User", "X-Remote-User",
	"Remote-User", "Remote-Groups", "X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups",
	"X-Forwarded-Preferred-Username", "X-Consumer-Username", "X-Credential-Identifier", "X-Anonymous-Consumer", "X-Token-Subject",
	"Tailscale-User-Login", "Cf-Access-Authenticated-User-Email", "X-Pomerium-Claim-Email", "X-Amzn-Oidc-Identity",
	"X-Goog-Authenticated-User-Email", "X-MS-Client-Principal-Name", "X-Authentik-Username", "X-Vouch-User",
	"X-Endpoint-API-UserInfo", "X-Apigateway-Api-Userinfo",
	// another certificate
	"X-SSL-Client-Verify", "SSL-Client-S-DN", "X-Client-Cert", "X-Forwarded-Client-Cert", "X-Forwarded-Tls-Client-Cert-Info",
	"X-Amzn-Mtls-Clientcert-Subject", "X-ARR-ClientCert",
	// another token, which a bot that trusts its gateway would not verify
	"X-Access-Token", "X-ID-Token", "X-Refresh-Token", "X-Forwarded-Access-Token", "X-MS-Token-AAD-Id-Token", "X-JWT-Assertion",
	"X-Goog-IAP-JWT-Assertion", "Teleport-Jwt-Assertion", "Proxy-Authorization", "DPoP",
	// of this site: identity_headers
	"X-Operator", "X-Odd-Who-Else",
}

// nameSeparators may stand in a field name, and some servers take them all for one.
const nameSeparators = "-_.!#$%&'*+^`|~"

// spellings are name with other nameSeparators and in other cases, each with a value that can be searched for.
func spellings(name string) (fields []string) {
	for _, separator := range strings.Split(nameSeparators, "") {
		spelled := []string{strings.ReplaceAll(name, "-", separator), strings.Replace(name, "-", separator, 1)}
		if last := strings.LastIndex(name, "-"); last >= 0 {
			spelled = append(spelled, name[:last]+separator+name[last+1:])
		}
		for _, s := range spelled {
			fields = append(fields, s+": forged", strings.ToLower(s)+": forged", strings.ToUpper(s)+": forged")
		}
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}

// forge is all of names in one spelling.
func forge(names []string, spell func(string) string) (fields []string) {
	for _, name := range names {
		fields = append(fields, spell(name)+": forged")
	}
	return fields
}

func TestH1_AMissingClaimLeavesNoRoomForAForgedOne(t *testing.T) {
	t.Parallel()
	s := newTapped(t, tapSites)
	bare := s.key.Sign(t, "at+jwt", `{"iss":"`+issuerName+`","aud":"`+audience+`","exp":`+unixIn(60)+`,"scope":"drive"}`)
	for _, wire := range []string{
		"GET /servo/10 HTTP/1.1\nHost: {host}\nAuthorization: Bearer " + bare + "\n",
		"GET /open HTTP/1.1\nHost: {host}\n",
	} {
		heard := s.hears(t, wire+strings.Join(forge([]string{"X-Bot-Subject", "X-Bot-Client", "X-Bot-Early", "X-Operator", "X-Bot-User"}, strings.Clone), "\n")+"\n\n")
		for _, name := range []string{"X-Bot-Subject", "X-Bot-Client", "X-Bot-Early", "X-Operator"} {
			says(t, heard, name, "")
		}
		if strings.Contains(heard, "forged") || strings.Contains(heard, "X-Bot-User") {
			t.Errorf("the bot heard\n%s", heard)
		}
	}
}

func TestH2_UnderscoresAreNoOtherName(t *testing.T) {
	t.Parallel()
	s := newTapped(t, aliasSites)
	saysAna(t, s.fields(t, forge(ours, func(name string) string { return strings.ReplaceAll(name, "-", "_") })...))
}

func TestH3_DotsAndMixedSeparatorsAreNoOtherName(t *testing.T) {
	t.Parallel()
	s := newTapped(t, aliasSites)
	saysAna(t, s.fields(t, forge(ours, func(name string) string { return strings.ReplaceAll(name, "-", ".") })...))
	saysAna(t, s.fields(t, forge(ours, func(name string) string { return strings.ReplaceAll(strings.Replace(name, "-", "_", 1), "-", ".") })...))
	saysAna(t, s.fields(t, "X_Bot.Subject: forged", "x.bot_subject: forged", "X-Bot+Subject: forged", "X~Bot|Subject: forged"))
}

func TestH4_NoCaseAndNoSeparatorHidesAName(t *testing.T) {
	t.Parallel()
	s := newTapped(t, aliasSites)
	var fields []string
	for _, name := range ours {
		fields = append(fields, spellings(name)...)
	}
	for some := range slices.Chunk(fields, 400) {
		saysAna(t, s.fields(t, some...))
	}
}

func TestH5_AConfiguredNameCountsInEverySpelling(t *testing.T) {
	t.Parallel()
	s := newTapped(t, tapSites) // identity_headers X-Operator x_ODD.who-*
	saysAna(t, s.fields(t, slices.Concat(spellings("X-Operator"), spellings("X-Odd-Who-Else"))...))
}

func TestH6_ForwardedFieldsCarryWhatCaddySaw(t *testing.T) {
	t.Parallel()
	s := newTapped(t, aliasSites)
	for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"} {
		heard := s.fields(t, spellings(name)...)
		saysAna(t, heard)
		says(t, heard, "X-Forwarded-For", "127.0.0.1")
		says(t, heard, "X-Forwarded-Proto", "http")
		says(t, heard, "X-Forwarded-Host", s.host())
	}
}

func TestH9_EveryFieldOfOursIsSetAnew(t *testing.T) {
	t.Parallel()
	s := newTapped(t, tapSites)
	saysAna(t, s.fields(t, forge(ours, strings.Clone)...))
	for _, name := range ours {
		saysAna(t, s.fields(t, name+": forged", name+": forged too"))
	}
}

// TestH10_NoHeaderChoosesThePath gives every field that names a path or a method one that its token may use, or that is
// public, while the request itself moves something.
func TestH10_NoHeaderChoosesThePath(t *testing.T) {
	t.Parallel()
	s := newStage(t, options+site)
	var attacks []attack
	for _, name := range []string{
		"X-Envoy-Original-Path", "X-Original-URL", "X-Original-URI", "X-Rewrite-URL", "X-Forwarded-Uri", "X-Forwarded-Path",
		"X-Forwarded-Prefix", "X-HTTP-Path-Override", ":path", "Path", "Request-URI", "Content-Location", "Referer", "X-Accel-Redirect",
	} {
		if name == ":path" {
			attacks = append(attacks, attack{name, "GET {act} HTTP/1.1\nHost: {host}\n:path: /healthz\n\n", 400})
			continue
		}
		attacks = append(attacks,
			attack{name + " to what is public", "GET {act} HTTP/1.1\nHost: {host}\n" + name + ": /healthz\n\n", 401},
			attack{name + " to what it may", "GET {act} HTTP/1.1\nHost: {host}\nAuthorization: Bearer {observer}\n" + name + ": {read}\n\n", 403})
	}
	for _, name := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-Method", "X-Forwarded-Method"} {
		attacks = append(attacks,
			attack{name, "POST /healthz HTTP/1.1\nHost: {host}\nContent-Length: 0\n" + name + ": GET\n\n", 403},
			attack{name + " with a token", "DELETE {read} HTTP/1.1\nHost: {host}\nAuthorization: Bearer {observer}\n" + name + ": GET\n\n", 403})
	}
	s.refuses(t, attacks...)
}

func TestH11_TheFirstOfSeveralIsNotTheOneThatCounts(t *testing.T) {
	t.Parallel()
	s := newStage(t, options+site)
	const head = "GET {act} HTTP/1.1\nHost: {host}\n"
	s.refuses(t,
		attack{"a good one and another", head + "Authorization: Bearer {driver}\nAuthorization: Bearer {observer}\n\n", 400},
		attack{"the other order", head + "Authorization: Bearer {observer}\nAuthorization: Bearer {driver}\n\n", 400},
		attack{"the same twice", head + "Authorization: Bearer {driver}\nauthorization: Bearer {driver}\n\n", 400},
		attack{"beside Basic", head + "Authorization: Basic YTpi\nAUTHORIZATION: Bearer {driver}\n\n", 400},
		attack{"an empty one first", head + "Authorization:\nAuthorization: Bearer {driver}\n\n", 400},
		attack{"two in one field", head + "Authorization: Bearer {driver}, Bearer {observer}\n\n", 400},
		attack{"a comma behind", head + "Authorization: Bearer {driver},\n\n", 400},
		attack{"a comma before", head + "Authorization: ,Bearer {driver}\n\n", 401},
		attack{"folded over two lines", head + "Authorization: Bearer {driver}\n {observer}\n\n", 400},
		attack{"two lengths", "POST {act} HTTP/1.1\nHost: {host}\nAuthorization: Bearer {driver}\nContent-Length: 1\nContent-Length: 2\n\nab", 400},
		attack{"two hosts", head + "Host: evil.example\nAuthorization: Bearer {driver}\n\n", 400},
	)
	tapped := newTapped(t, tapSites)
	saysAna(t, tapped.fields(t, "X-Bot-Subject: forged", "X-Bot-Subject: forged", "x-bot-subject: forged, ana"))
	if status := send(t, tapped.host(), tapped.words(t).Replace("GET /servo/1 HTTP/1.1\nHost: {host}\n\n")).status; status != http.StatusUnauthorized {
		t.Errorf("status %d without a token", status)
	}
}
