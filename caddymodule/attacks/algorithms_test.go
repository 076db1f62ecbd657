package attacks_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

func TestA1_PublicKeyIsNoSecret(t *testing.T) {
	t.Parallel()
	s := newRing(t)
	honest, forged := map[string]string{}, map[string]string{}
	for name, hash := range map[string]crypto.Hash{"HS256": crypto.SHA256, "HS384": crypto.SHA384, "HS512": crypto.SHA512} {
		for kid, public := range publics() {
			for end, text := range map[string]string{"": strings.TrimSpace(spki(public)), ", newline": spki(public)} {
				for _, issuer := range []string{issuerName, pemIssuer, hmacIssuer} {
					a := algorithm{name: name, kid: kid, issuer: issuer, sign: hs(hash, []byte(text))}
					label := name + " keyed with the PEM of " + kid + end + " to " + issuer
					forged[label] = a.token(nil, nil)
					forged[label+", no kid"] = a.token(map[string]any{"kid": nil}, nil)
				}
			}
		}
	}
	for _, a := range algorithms() {
		honest[a.name] = a.token(nil, nil)
	}
	honest["PEM file"] = called("RS256").token(map[string]any{"kid": nil}, map[string]any{"iss": pemIssuer})
	s.opens(t, honest)
	s.forbids(t, forged)
}

func TestA2_WhatMayVerifyIsSaidOrTheLatchDoesNotStart(t *testing.T) {
	t.Parallel()
	env := ringEnv(t)
	for name, c := range map[string]struct{ words, want string }{
		"none":                       {"keys static {$RING}\n algorithms none", "algorithms none: "},
		"None":                       {"keys static {$RING}\n algorithms RS256 None", "algorithms None: "},
		"HMAC with public keys":      {"keys static {$RING}\n algorithms HS256", "no key fits algorithm HS256"},
		"HMAC beside RSA":            {"keys static {$RING}\n algorithms RS256 HS256", "no key fits algorithm HS256"},
		"RSA with a secret":          {"keys secret_base64 {$SECRET}\n algorithms RS256", "RS256 takes no secret"},
		"a misspelled name":          {"keys static {$RING}\n algorithms rs256", "algorithms rs256: "},
		"an empty name":              {"keys static {$RING}\n algorithms \"\"", "algorithms : "},
		"an empty list":              {"keys static {$RING}\n algorithms", "'algorithms' needs a value"},
		"an algorithm without a key": {"keys static {$PEM}\n algorithms ES256", "no key fits algorithm ES256"},
		"no keys":                    {"algorithms RS256", "says nothing of its keys"},
		"keys and a secret":          {"keys static {$RING}\n keys secret_base64 {$SECRET}", "'keys' stands twice"},
		"one issuer a second time":   {"keys static {$RING}\n }\n issuer " + issuerName + " {\n keys static {$PEM}", "stands twice"},
		"keys that are not there":    {"keys static /nowhere/ring.json", "no such file"},
		"a secret where keys belong": {"keys static " + latchtest.WriteFile(t, "secret", b64(secret())), "neither a JWK, a JWK set nor PEM"},
		"a private key":              {"keys static " + latchtest.WriteFile(t, "private.pem", privatePEM(rsaKey())), "this is a private key"},
		"RSA of 1024 bits, alone":    {"keys static " + latchtest.WriteFile(t, "small.pem", spki(smallRSA().Public())), "an RSA key of 1024 bits"},
		"a secret in a set, alone":   {"keys static " + latchtest.WriteFile(t, "oct.json", `{"keys":[{"kty":"oct","k":"`+b64(secret())+`"}]}`), "no usable key"},
	} {
		refusesToStart(t, name, c.want, strings.Replace(options+site, "keys static {$KEYS}", c.words, 1), env...)
	}

	// And where something is said, nothing else counts.
	s := newStage(t, strings.Replace(options+site, "keys static {$KEYS}", "keys static {$KEYS} {$RING}\n\t\t\talgorithms EdDSA RS256", 1), env...)
	s.opens(t, map[string]string{"RS256": called("RS256").token(nil, nil)})
	refused := map[string]string{}
	for _, a := range algorithms() {
		if a.name != "RS256" && a.name != "EdDSA" {
			refused[a.name] = a.token(nil, map[string]any{"iss": issuerName})
		}
	}
	s.forbids(t, refused)
}

// smallRSA is a key of 1024 bits, which RFC 7518 §3.3 forbids.
var smallRSA = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 1024)) })

func TestA3_NoSignatureAndWeakKeysAreRefused(t *testing.T) {
	t.Parallel()
	small := jwk(smallRSA().Public())
	small["kid"] = "small"
	set := strings.Replace(ringSet(), `"keys":[`, `"keys":[`+string(must(json.Marshal(small)))+",", 1)
	env := append(ringEnv(t), "RING="+latchtest.WriteFile(t, "small.jwks.json", set)) // the later word counts
	s := newStage(t, ringSite, env...)

	weak := algorithm{name: "RS256", kid: "small", issuer: issuerName, sign: rs(crypto.SHA256, smallRSA())}
	forged := map[string]string{"1024 bits": weak.token(nil, nil), "dots": "..", "two dots and a letter": "a..", "one dot": "."}
	for _, name := range []string{
		"none", "None", "nOnE", "NONE", "noNe", " none", "none ", "none\u0000", "\u212aone", "ｎｏｎｅ", "", "null", "HS256 none", "unsecured", "NULL",
	} {
		for _, issuer := range []string{issuerName, hmacIssuer, pemIssuer} {
			for kind, signature := range map[string][]byte{"empty": nil, "of zeros": make([]byte, 64), "honest": called("EdDSA").sign("x")} {
				a := algorithm{name: name, issuer: issuer, sign: given(signature)}
				forged[fmt.Sprintf("alg %q, signature %s, to %s", name, kind, issuer)] = a.token(nil, nil)
			}
		}
	}
	for _, a := range algorithms() {
		honest := a.token(nil, nil)
		forged[a.name+" without its signature"] = honest[:strings.LastIndexByte(honest, '.')+1]
		forged[a.name+" without its last dot"] = honest[:strings.LastIndexByte(honest, '.')]
		for name, alg := range map[string]any{"null": raw("null"), "array": []string{a.name}, "object": map[string]any{}, "false": false, "0": 0, "absent": nil} {
			forged[a.name+" as "+name] = a.token(map[string]any{"alg": alg}, nil)
		}
	}
	s.forbids(t, forged)
}

func TestA5_NoFormOfAPublicJWKIsASecret(t *testing.T) {
	t.Parallel()
	s := newRing(t)
	forged := map[string]string{}
	for kid, public := range publics() {
		for form, key := range jwkForms(kid, public) {
			for _, issuer := range []string{issuerName, pemIssuer, hmacIssuer} {
				a := algorithm{name: "HS256", kid: kid, issuer: issuer, sign: hs(crypto.SHA256, []byte(key))}
				forged[kid+" as "+form+" to "+issuer] = a.token(nil, nil)
				forged[kid+" as "+form+" to "+issuer+", no kid"] = a.token(map[string]any{"kid": nil}, nil)
			}
		}
	}
	s.forbids(t, forged)

	// Nor does an owner get to make one of it by mistake.
	for form, key := range map[string]string{"JWK": string(must(json.Marshal(jwk(p256().Public())))), "set": ringSet(), "PEM": rsaPEM()} {
		refusesToStart(t, form+" as a secret", "loading keys: secret is a ", strings.Replace(options+site, "static {$KEYS}", "secret {$WRONG}", 1),
			"WRONG="+"`"+strings.NewReplacer("{", `\{`, "}", `\}`).Replace(key)+"`")
		refusesToStart(t, form+" as a secret in a file", "loading keys: secret is a ", strings.Replace(options+site, "static {$KEYS}", "secret {file.{$WRONG}}", 1),
			"WRONG="+latchtest.WriteFile(t, "wrong", key))
	}
}

// jwkForms are the ways in which a public key is written as JSON.
func jwkForms(kid string, public crypto.PublicKey) map[string]string {
	plain, full := jwk(public), jwk(public)
	full["kid"], full["use"] = kid, "sig"
	forms := map[string]string{
		"JWK":           string(must(json.Marshal(plain))),
		"JWK of a set":  string(must(json.Marshal(full))),
		"indented":      string(must(json.MarshalIndent(full, "", "  "))),
		"the whole set": ringSet(),
		"set, newline":  ringSet() + "\n",
	}
	for name, value := range plain {
		forms["member "+name] = value.(string)
	}
	return forms
}

func TestA6_NoCriticalHeaderIsUnderstood(t *testing.T) {
	t.Parallel()
	s := newRing(t)
	forged := map[string]string{}
	for _, a := range algorithms() {
		for name, members := range map[string]map[string]any{
			"unknown":      {"crit": []string{"bork"}, "bork": true},
			"absent":       {"crit": []string{"bork"}},
			"b64 true":     {"crit": []string{"b64"}, "b64": true},
			"b64 false":    {"crit": []string{"b64"}, "b64": false},
			"b64 alone":    {"b64": true},
			"b64 off":      {"b64": false},
			"registered":   {"crit": []string{"alg"}},
			"exp":          {"crit": []string{"exp"}, "exp": 4102444800},
			"empty":        {"crit": []string{}},
			"null":         {"crit": raw("null")},
			"string":       {"crit": "b64"},
			"number":       {"crit": 1},
			"object":       {"crit": map[string]any{}},
			"nested":       {"crit": []any{[]string{"b64"}}},
			"crit of crit": {"crit": []string{"crit"}},
		} {
			forged[a.name+" crit "+name] = a.token(members, nil)
		}
		forged[a.name+" crit in escapes"] = a.write(strings.Replace(object(a.header(), nil), "{", `{"\u0063rit":["bork"],`, 1), object(a.claims("x"), nil))
	}
	s.forbids(t, forged)
}

func TestA7_OddTokensChangeNothingForTheNextRequest(t *testing.T) {
	t.Parallel()
	s := newRing(t)
	honest := called("ES256").token(nil, nil)
	none := algorithm{name: "none", issuer: issuerName, sign: given(nil)}
	odd := []string{none.token(nil, nil), "..", "a.b.c", called("HS256").token(nil, map[string]any{"iss": issuerName}), called("RS256").token(map[string]any{"kid": raw("{}")}, nil)}
	forged := honest[:len(honest)-8] + b64("forged")
	before := s.bot.Hits()
	var workers sync.WaitGroup
	const workersNumber, rounds = 4, 60
	for worker := range workersNumber {
		workers.Go(func() {
			for round := range rounds {
				for _, step := range []struct {
					token string
					want  int
				}{{odd[(worker+round)%len(odd)], 401}, {forged, 401}, {honest, 200}} {
					if got := tryToken(t, s.address(), step.token); got.status != step.want {
						t.Errorf("round %d: status %d, want %d", round, got.status, step.want)
					}
				}
			}
		})
	}
	workers.Wait()
	if acts := s.bot.Hits() - before; acts != workersNumber*rounds {
		t.Errorf("%d acts, want %d", acts, workersNumber*rounds)
	}
}

func TestA12_ForgedAndExpiredIsForged(t *testing.T) {
	t.Parallel()
	s := newRing(t)
	for _, a := range algorithms() {
		expired := a.token(nil, map[string]any{"exp": 1700000000, "iat": 1699999000, "nbf": 1699999000})
		got := tryToken(t, s.address(), expired)
		if got.status != http.StatusUnauthorized || !strings.Contains(got.body, "expired") {
			t.Errorf("%s expired: status %d: %s", a.name, got.status, got.body)
		}
		other := expired[:strings.LastIndexByte(expired, '.')+1] + b64(a.sign("something else"))
		for _, path := range []string{"/servo/10", "/status"} {
			got := getWith(t, s.address(), path, other)
			if got.status != http.StatusUnauthorized || strings.Contains(got.body+got.header.Get("WWW-Authenticate"), "expired") {
				t.Errorf("%s expired and forged: status %d: %s", a.name, got.status, got.body)
			}
		}
	}
	if n := s.refusals(t, "bad_signature"); n != "26" {
		t.Errorf("%s counted as bad_signature, want 26", n)
	}
	if s.bot.Hits() != 0 {
		t.Errorf("the bot got %d requests", s.bot.Hits())
	}
}
