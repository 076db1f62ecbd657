package filestore

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

const (
	ours = "https://id.example.com/"
	hash = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func TestKeepsTheContract(t *testing.T) {
	t.Parallel()
	path := write(t, filepath.Join(t.TempDir(), "revoked.txt"), "a iss:x\nsub:b iss:x\nkid:"+hash+"\nbefore:2026-01-02T15:04:05Z\nhold:\n")
	latchtest.Store(t, func(t *testing.T) revocation.Store {
		t.Helper()
		s, err := open(t.Context(), path, nil)
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func write(t testing.TB, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLines(t *testing.T) {
	t.Parallel()
	issuer := ours
	cutoff := time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)
	for line, want := range map[string]revocation.Entry{
		"a1 # lost phone":                        {Kind: revocation.KindToken, Issuer: ours, Value: "a1", Reason: "lost phone"},
		"\t a1":                                  {Kind: revocation.KindToken, Issuer: ours, Value: "a1"},
		"a#1":                                    {Kind: revocation.KindToken, Issuer: ours, Value: "a#1"},
		"jti:urn:uuid:1 iss:b":                   {Kind: revocation.KindToken, Issuer: "b", Value: "urn:uuid:1"},
		"iss:b a1":                               {Kind: revocation.KindToken, Issuer: "b", Value: "a1"},
		"sub:ana":                                {Kind: revocation.KindSubject, Issuer: ours, Value: "ana"},
		`sub:"ana \"m\" # b" #c`:                 {Kind: revocation.KindSubject, Issuer: ours, Value: `ana "m" # b`, Reason: "c"},
		"sid:8 before:2026-01-02T16:04:05+01:00": {Kind: revocation.KindSession, Issuer: ours, Value: "8", IssuedBefore: cutoff},
		"kid:" + hash + " expires:2026-01-02T15:04:05Z": {Kind: revocation.KindKey, Value: hash, ExpiresAt: cutoff},
		"fingerprint:" + hash:                           {Kind: revocation.KindFingerprint, Value: hash},
		"iss:b":                                         {Kind: revocation.KindIssuer, Issuer: "b"},
		"before:2026-01-02T15:04:05Z iss:b":             {Kind: revocation.KindIssuer, Issuer: "b", IssuedBefore: cutoff},
		"before:2026-01-02T15:04:05Z#not a reason":      {},
		"before:2026-01-02T15:04:05Z":                   {Kind: revocation.KindAll, IssuedBefore: cutoff},
		"hold:":                                         {Kind: revocation.KindHold},
		" hold: # water in the cellar":                  {Kind: revocation.KindHold, Reason: "water in the cellar"},
		"jti:hold":                                      {Kind: revocation.KindToken, Issuer: ours, Value: "hold"},
	} {
		got, there, err := parseLine(line, &issuer, noon)
		if want.Kind == 0 {
			if err == nil {
				t.Errorf("%s: %+v", line, got)
			}
			continue
		}
		want.At = noon
		if err != nil || !there || got != want {
			t.Errorf("%s: %+v, %v\nwant %+v", line, got, err, want)
		}
	}
	for _, line := range []string{"", " \t", "# sub:ana", "#"} {
		if _, there, err := parseLine(line, nil, noon); there || err != nil {
			t.Errorf("%q: an entry, or %v", line, err)
		}
	}
}

func TestBadLinesSayWhatToDo(t *testing.T) {
	t.Parallel()
	issuer := ours
	for line, want := range map[string]string{
		"hush1 hush2":                        "stands twice",
		"hold":                               "write `hold:`",
		"hold # why":                         "write `hold:`",
		"hold:hush":                          "takes no value",
		`hold:"hush"`:                        "takes no value",
		"hold: hush":                         "two lines",
		"hold: iss:hush":                     "iss must be empty",
		"hold: before:2026-01-02T15:04:05Z":  "issued_before must be empty",
		"hold: expires:2026-01-02T15:04:05Z": "expires_at must be empty",
		"hush1 sub:ana":                      "two lines",
		"sbu:hush":                           "unknown word",
		"urn:uuid:hush":                      "jti:",
		"sub:":                               "empty",
		"kid:hush":                           "SHA-256",
		"before:yesterday":                   "time such as",
		"expires:2026-01-02T15:04Z":          "time such as",
		`sub:"hush`:                          "quotes",
		`sub:"hush"x`:                        "quotes",
		"expires:2026-01-02T15:04:05Z":       "names nothing",
		"kid:" + hash + " iss:b":             "iss must be empty",
		"sub:hush\xff":                       "UTF-8",
	} {
		if _, _, err := parseLine(line, &issuer, noon); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%q: %v, want one that says %q", line, err, want)
		}
	}
	if _, _, err := parseLine("sub:ana", nil, noon); err == nil || !strings.Contains(err.Error(), "issuer") {
		t.Errorf("whose ana is it: %v", err)
	}
}

func FuzzParseLine(f *testing.F) {
	for _, seed := range []string{"a # b", `sub:"a b" iss:c before:2026-01-02T15:04:05Z`, "kid:" + hash, "before:2026-01-02T15:04:05Z", "hold: # b"} {
		f.Add(seed)
	}
	issuer := ours
	f.Fuzz(func(t *testing.T, line string) {
		e, there, err := parseLine(line, &issuer, noon)
		if err == nil && there {
			if err := e.Validate(); err != nil {
				t.Errorf("%q: %v", line, err)
			}
		}
	})
}

func TestConfiguration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"file /etc/revoked.txt":                                "file:/etc/revoked.txt",
		"file /etc/../etc/revoked.txt {\n issuer https://a\n}": "file:/etc/revoked.txt of https://a",
		"file /etc/revoked.txt {\n issuer \"\"\n}":             "file:/etc/revoked.txt of ",
		"file":                                     "",
		"file a b":                                 "",
		"file a {\n issuer\n}":                     "",
		"file a {\n issuer a b\n}":                 "",
		"file a {\n issuer a\n issuer b\n}":        "",
		"file a {\n path b\n}":                     "",
		"file {env.NO_SUCH_THING}":                 "",
		"file a {\n issuer {env.NO_SUCH_THING}\n}": "",
	} {
		var c Config
		err := c.UnmarshalCaddyfile(caddyfile.NewTestDispenser(text))
		if err == nil {
			err = c.Provision(caddy.Context{})
		}
		if (err == nil) != (want != "") || err == nil && c.Resource() != want {
			t.Errorf("%s: %q, %v", text, c.Resource(), err)
		}
	}
}
