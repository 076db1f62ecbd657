package app

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.uber.org/zap"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/keysource"
)

// Issuer is somebody whose tokens are believed: an authorization server, or whoever holds a key of yours.
type Issuer struct {
	// The iss claim, byte for byte; mind a trailing slash. Empty: a site's own secret or key, whose tokens have no iss.
	// Placeholders in this and in the next fields are resolved once, when the configuration is loaded.
	Name string `json:"issuer,omitempty"`

	// What its tokens must be meant for: one of these must stand in aud. Default: none, and then a token that names an
	// audience is refused, because it is meant for somebody. A site's own audience replaces it.
	Audience []string `json:"audience,omitempty"`

	// The clients whose tokens are accepted (client_id, or azp). Default: any. With it, no audience is needed.
	ClientID []string `json:"client_id,omitempty"`

	// The algorithms that it signs with: HS256, RS256, PS256, ES256 and their 384 and 512 kin, EdDSA. Default: those
	// that its keys fit.
	Algorithms []string `json:"algorithms,omitempty"`

	// The kind of access token: compat (default) takes what widely used providers send, strict is RFC 9068.
	Profile string `json:"profile,omitempty"`

	// The claims that hold scopes; the first that is present counts. Default: scope, scp.
	ScopeClaim []string `json:"scope_claim,omitempty"`

	// Where its Token Status Lists may be fetched: https://host/path, matched by whole segments. A token with a status
	// claim counts while its entry on such a list says so; while the list is not known it is answered 503. Lists are
	// signed with the issuer's own keys, which must not be a secret. Default: none, and tokens with a status claim are
	// refused.
	StatusLists []string `json:"status_lists,omitempty"`

	// Where its keys come from. Required.
	Keys Keys `json:"keys"`
}

// Keys says where an issuer's keys come from: exactly one of its fields. Placeholders such as {env.BOT_SECRET} and
// {file./run/secrets/bot} are resolved once, when the configuration is loaded; one that is unknown or empty is an error.
type Keys struct {
	// Files with public keys: PEM (SPKI, PKCS#1, certificate), JWK or JWK set.
	Files []string `json:"files,omitempty"`

	// An HMAC secret as it is: 32 bytes or more for HS256, 48 for HS384, 64 for HS512.
	Secret string `json:"secret,omitempty"`

	// An HMAC secret in base64 or base64url, with padding or without.
	SecretBase64 string `json:"secret_base64,omitempty"`
}

// maxKeyFile bounds a key file, bytes.
const maxKeyFile = 1 << 20

// Build resolves placeholders and makes the issuer that verifies. Keys that a file holds and that cannot be used are
// skipped with a warning each.
func (i *Issuer) Build(log *zap.Logger) (*accesstoken.Issuer, error) {
	if i == nil {
		return nil, errors.New("an issuer is null")
	}
	if err := i.resolve(); err != nil {
		return nil, err
	}
	built, err := i.build(log)
	if err != nil && i.Name != "" {
		return nil, fmt.Errorf("issuer %s: %w", i.Name, err)
	}
	return built, err
}

// resolve replaces the placeholders of everything but the keys, which are no words to keep.
func (i *Issuer) resolve() error {
	name := []string{i.Name}
	if err := Resolve("issuer", name); err != nil {
		return err
	}
	i.Name = name[0]
	for _, option := range []struct {
		name  string
		words []string
	}{{"audience", i.Audience}, {"client_id", i.ClientID}, {"scope_claim", i.ScopeClaim}, {"status_lists", i.StatusLists}} {
		if err := Resolve(option.name, option.words); err != nil {
			return fmt.Errorf("issuer %s: %w", i.Name, err)
		}
	}
	return nil
}

func (i *Issuer) build(log *zap.Logger) (*accesstoken.Issuer, error) {
	profile, err := accesstoken.ParseProfile(i.Profile)
	if err != nil {
		return nil, err
	}
	algorithms := make([]jose.Algorithm, 0, len(i.Algorithms))
	for _, name := range i.Algorithms {
		alg, err := jose.ParseAlgorithm(name)
		if err != nil {
			return nil, fmt.Errorf("algorithms %s: %w", name, err)
		}
		algorithms = append(algorithms, alg)
	}
	keys, err := i.Keys.load(log, algorithms)
	if err != nil {
		return nil, fmt.Errorf("loading keys: %w", err)
	}
	built := &accesstoken.Issuer{
		Name: i.Name, Algorithms: algorithms, Keys: keysource.Static(keys), Profile: profile,
		ScopeClaim: i.ScopeClaim, Audience: i.Audience, ClientID: i.ClientID,
	}
	if len(i.StatusLists) > 0 {
		if built.Status, err = statusLists(i.StatusLists, built, i.Keys.public()); err != nil {
			return nil, fmt.Errorf("status_lists: %w", err)
		}
	}
	return built, nil
}

// public reports whether the keys verify and cannot sign.
func (k *Keys) public() bool { return k.Secret == "" && k.SecretBase64 == "" }

func (k *Keys) load(log *zap.Logger, algorithms []jose.Algorithm) (*jose.KeySet, error) {
	said := 0
	for _, yes := range [...]bool{len(k.Files) > 0, k.Secret != "", k.SecretBase64 != ""} {
		if yes {
			said++
		}
	}
	if said != 1 {
		return nil, errors.New("exactly one of static files, secret and secret_base64 must be given")
	}
	if len(k.Files) > 0 {
		if err := Resolve("static", k.Files); err != nil {
			return nil, err
		}
		return loadFiles(log, k.Files, algorithms)
	}
	secret, err := k.secret()
	if err != nil {
		return nil, err
	}
	return jose.Secret(secret, algorithms...)
}

// secret resolves the placeholders of the secret; an error does not show it.
func (k *Keys) secret() ([]byte, error) {
	if k.Secret != "" {
		s, err := resolve(k.Secret)
		if err != nil {
			return nil, fmt.Errorf("secret: %w", err)
		}
		return []byte(s), nil
	}
	s, err := resolve(k.SecretBase64)
	if err != nil {
		return nil, fmt.Errorf("secret_base64: %w", err)
	}
	s = strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimSpace(s)), "=")
	secret, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, errors.New("secret_base64 is not base64") // the library's error names bytes of it
	}
	return secret, nil
}

// loadFiles reads the keys of all files into one set. A secret never comes from here, and an algorithm that no key fits
// is a mistake that would otherwise show as refused tokens.
func loadFiles(log *zap.Logger, files []string, algorithms []jose.Algorithm) (*jose.KeySet, error) {
	sets := make([]*jose.KeySet, 0, len(files))
	for _, file := range files {
		set, err := loadFile(log, filepath.Clean(file))
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	all, err := jose.Merge(sets...)
	if err != nil {
		return nil, err
	}
	for _, alg := range algorithms {
		fits := false
		for _, key := range all.Keys() {
			fits = fits || key.Fits(alg)
		}
		if !fits {
			return nil, fmt.Errorf("no key fits algorithm %s", alg)
		}
	}
	return all, nil
}

func loadFile(log *zap.Logger, path string) (*jose.KeySet, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxKeyFile {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, maxKeyFile)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	set, skipped, err := jose.ParseKeySet(b)
	for _, why := range skipped {
		log.Warn("key skipped", zap.String("file", path), zap.NamedError("reason", why))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return set, nil
}
