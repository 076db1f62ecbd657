package issue_test

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
)

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	for _, m := range []fs.FileMode{0o640, 0o604, 0o644, 0o660, 0o610, 0o601, 0o602} {
		t.Run("deny/"+m.String(), func(t *testing.T) {
			t.Parallel()
			if runtime.GOOS == "windows" {
				t.Skip("no such modes")
			}
			f := in(t, "bot.jwk")
			if err := f.New(jose.EdDSA); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(f.Path, m); err != nil {
				t.Fatal(err)
			}
			if _, err := f.Load(); err == nil || !strings.Contains(err.Error(), "chmod 600 "+f.Path) {
				t.Errorf("got %v", err)
			}
			if err := os.Chmod(f.Path, 0o400); err != nil {
				t.Fatal(err)
			}
			if _, err := f.Load(); err != nil {
				t.Errorf("0400: %v", err)
			}
		})
	}
	for name, content := range map[string]string{
		"empty":     "",
		"cut":       `{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","x":"11qYAYKx`,
		"too long":  strings.Repeat(" ", 65<<10) + "{}",
		"public":    `{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`,
		"PEM":       "-----BEGIN PRIVATE KEY-----\n",
		"short key": `{"kty":"oct","alg":"HS256","k":"c2hvcnQtYW5kLXNlY3JldA"}`,
	} {
		t.Run("deny/"+name, func(t *testing.T) {
			t.Parallel()
			f := in(t, "bot.jwk")
			write(t, f.Path, content, 0o600)
			_, err := f.Load()
			if err == nil || !strings.Contains(err.Error(), f.Path) {
				t.Fatalf("got %v", err)
			}
			if strings.Contains(err.Error(), "c2hvcn") || strings.Contains(err.Error(), "11qY") || strings.Contains(err.Error(), "short-and") {
				t.Errorf("the error quotes the key: %v", err)
			}
		})
	}
	t.Run("deny/missing", func(t *testing.T) {
		t.Parallel()
		if _, err := in(t, "bot.jwk").Load(); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("deny/directory", func(t *testing.T) {
		t.Parallel()
		if _, err := (issue.KeyFile{Path: t.TempDir()}).Load(); err == nil {
			t.Error("accepted")
		}
	})
}
