package caddymodule_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// resolvedSite has a placeholder wherever one may stand.
const resolvedSite = `{
	admin {$ADMIN}
	auto_https off
	botlatch {
		issuer {env.P_ISSUER} {
			keys static {file.{$DIR}/keys.txt}
			audience unused
			client_id {env.P_CLIENT}
			scope_claim {env.P_SCOPE_CLAIM}
		}
		revocation bolt {env.P_DIR}/revocations.db
	}
}
http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		accept {env.P_ISSUER}
		audience https://{env.P_HOST}/bot
		realm "{env.P_REALM} \{1\}"
		identity_headers X-{env.P_REALM}-*
		allow GET /scope scope {env.P_SCOPE}
		allow GET /any any_scope {env.P_SCOPE} x
		allow GET /claim claim {env.P_CLAIM} {env.P_VALUE}
	}
	reverse_proxy {$BOT}
}
`

func TestPlaceholdersAreResolvedOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := &stage{bot: latchtest.StartBot(t), key: latchtest.NewKey(t, jose.EdDSA)}
	keys := latchtest.WriteFile(t, "keys.txt", s.key.File+"\n")
	s.latch = latchtest.Start(t, resolvedSite, "BOT="+s.bot.Address(), "DIR="+filepath.Dir(keys), "P_DIR="+dir,
		"P_ISSUER="+issuerName, "P_CLIENT=phone", "P_SCOPE_CLAIM=permissions", "P_HOST=bot.example", "P_REALM=arm",
		"P_SCOPE=door:open", "P_CLAIM=team", "P_VALUE={env.P_SCOPE}")
	mint := func(client, scope string) string {
		return s.key.Mint(t, issue.Token{
			Issuer: issuerName, Subject: "ana", ClientID: client, Audience: []string{"https://bot.example/bot"},
			Extra: map[string]any{"permissions": []string{scope}, "team": "{env.P_SCOPE}"},
		})
	}
	good := mint("phone", "door:open")
	refused := func(rest string) string { return `Bearer realm="arm {1}", error=` + rest }
	for name, x := range map[string]exchange{
		"ok/scope":     {path: "/scope", token: good, status: http.StatusOK},
		"ok/any_scope": {path: "/any", token: good, status: http.StatusOK},
		// What a placeholder stands for is not read once more.
		"ok/claim": {path: "/claim", token: good, status: http.StatusOK},
		"deny/scope as it was written": {
			path: "/scope", token: mint("phone", "{env.P_SCOPE}"),
			status: http.StatusForbidden, challenge: refused(`"insufficient_scope", scope="door:open"`),
		},
		"deny/client as it was written": {
			path: "/scope", token: mint("{env.P_CLIENT}", "door:open"), status: http.StatusUnauthorized,
			challenge: refused(`"invalid_token", error_description="The access token is not accepted"`),
		},
	} {
		t.Run(name, func(t *testing.T) { s.check(t, http.DefaultClient, s.latch.URL, x) })
	}
	t.Run("ok/identity_headers", func(t *testing.T) {
		s.check(t, http.DefaultClient, s.latch.URL, exchange{
			path: "/scope", token: good, status: http.StatusOK, fields: http.Header{"X-Arm-User": {"root"}},
		})
		if got := s.bot.Last().Header["X-Arm-User"]; got != nil {
			t.Errorf("the bot got %q", got)
		}
	})
}

// TestF3_UnresolvedPlaceholderIsRefused puts each bad word in each place of a configuration where a word can stand.
func TestF3_UnresolvedPlaceholderIsRefused(t *testing.T) {
	for name, value := range map[string]string{"P_EMPTY": "", "P_BLANK": " \t", "P_SET": "set"} {
		t.Setenv(name, value)
	}
	key := latchtest.NewKey(t, jose.EdDSA)
	site := func(global, block string) string {
		return "{\n\tadmin off\n\tlog {\n\t\toutput discard\n\t}\n\tbotlatch {\n" + global + "\n\t}\n}\nhttp://127.0.0.1:8080 {\n" +
			"\tbind 127.0.0.1\n\tbotlatch {\n" + block + "\n\t}\n\trespond 204\n}\n"
	}
	issuer := func(name, lines string) string { return "issuer " + name + " {\n" + lines + "\n}" }
	keys, allow := "keys static "+key.File, "allow GET /a any_token"
	one := issuer("https://a.example", keys)
	places := map[string]struct {
		caddyfile func(word string) string
		option    string // that the message names
	}{
		"scope":       {func(w string) string { return site(one, "allow GET /a scope "+w) }, "allow GET /a: scope: "},
		"any_scope":   {func(w string) string { return site(one, "allow GET /a any_scope x "+w) }, "allow GET /a: any_scope: "},
		"claim":       {func(w string) string { return site(one, "allow GET /a claim team x "+w) }, "allow GET /a: claim team: "},
		"claim name":  {func(w string) string { return site(one, "allow GET /a claim "+w+" x") }, "allow GET /a: the name of claim "},
		"audience":    {func(w string) string { return site(one, "audience "+w+"\n"+allow) }, "audience: "},
		"accept":      {func(w string) string { return site(one, "accept "+w+"\n"+allow) }, "accept: "},
		"realm":       {func(w string) string { return site(one, "realm "+w+"\n"+allow) }, "realm: "},
		"identity":    {func(w string) string { return site(one, "identity_headers "+w+"\n"+allow) }, "identity_headers: "},
		"secret":      {func(w string) string { return site("", "secret "+w+"\n"+allow) }, "secret: "},
		"base64":      {func(w string) string { return site("", "secret_base64 "+w+"\n"+allow) }, "secret_base64: "},
		"keys":        {func(w string) string { return site("", "keys static "+w+"\n"+allow) }, "static: "},
		"issuer":      {func(w string) string { return site(issuer(w, keys), allow) }, "issuer: "},
		"its aud":     {func(w string) string { return site(issuer("a", keys+"\naudience "+w), allow) }, "issuer a: audience: "},
		"its client":  {func(w string) string { return site(issuer("a", keys+"\nclient_id "+w), allow) }, "issuer a: client_id: "},
		"scope_claim": {func(w string) string { return site(issuer("a", keys+"\nscope_claim "+w), allow) }, "issuer a: scope_claim: "},
	}
	words := map[string]struct{ word, advice string }{
		"not set":      {"{env.P_UNSET}", "{env.P_UNSET} is not set, or empty: set it where Caddy is started"},
		"empty":        {"x{env.P_EMPTY}", "{env.P_EMPTY} is not set, or empty: set it where Caddy is started"},
		"blank":        {"{env.P_BLANK}", "it resolves to white space alone"},
		"no such file": {"{file./nonexistent/file}", "{file./nonexistent/file} is empty, or cannot be read by Caddy"},
		"unknown":      {"{hush}hush-hush-hush-hush-hush-hush-hush", `{env.NAME} and {file.PATH} are known, \{ is a brace`},
		"of a request": {"{http.request.header.X-Scope}", `{env.NAME} and {file.PATH} are known, \{ is a brace`},
		"cut off":      {"hush-hush-hush-hush-hush-hush-{env.P_SET", `write {env.NAME} or {file.PATH}, or \{ for a brace`},
		"end alone":    {"hush-hush-hush-hush-hush-hush-env.P_SET}", `write {env.NAME} or {file.PATH}, or \{ for a brace`},
	}
	for place, p := range places {
		for name, w := range words {
			t.Run("deny/"+place+"/"+name, func(t *testing.T) {
				err := validate(t, p.caddyfile(w.word))
				if err == nil {
					t.Fatal("accepted")
				}
				said := err.Error()
				if !strings.Contains(said, p.option) || !strings.Contains(said, w.advice) {
					t.Errorf("the message does not say %q and %q: %s", p.option, w.advice, said)
				}
				if secret := place == "secret" || place == "base64"; secret && strings.Contains(said, "hush") {
					t.Errorf("the message shows the secret: %s", said)
				}
			})
		}
	}
}

// validate is what caddy validate does.
func validate(t *testing.T, caddyfile string) error {
	t.Helper()
	adapted, err := adapt(t, caddyfile)
	if err != nil {
		return err
	}
	config := new(caddy.Config)
	if err := json.Unmarshal([]byte(adapted), config); err != nil {
		t.Fatal(err)
	}
	return caddy.Validate(config)
}

// TestF3_PathTakesNoPlaceholder: which rule decides must be known when the file is read.
func TestF3_PathTakesNoPlaceholder(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/{env.DOOR}", "/a{env.DOOR", "/door/{http.request.uuid}/**"} {
		_, err := adapt(t, ":8443 {\n\tbotlatch {\n\t\tsecret {env.S}\n\t\tallow GET "+path+" any_token\n\t}\n}\n")
		if err == nil || !strings.Contains(err.Error(), "write {$NAME}") {
			t.Errorf("%s: %v", path, err)
		}
	}
}
