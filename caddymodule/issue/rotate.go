package issue

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

// The endings of files that stand beside a key while it rotates. The lock keeps others from rotating it too. What a
// crash leaves of them can be removed: the pair works.
const (
	lockSuffix = ".lock"
	nextSuffix = ".new"
)

// Rotation is what Rotate did.
type Rotation struct {
	KeyID   string   // kid of the key that signs from now on
	OldID   string   // kid of the key that signed until now, and still stands in the public set
	Dropped []string // kids that stand there no longer
}

// ErrSymmetric is the answer to Rotate for a secret.
var ErrSymmetric = errors.New("an HMAC key does not rotate: a latch takes one secret of an issuer, so there is no time in " +
	"which both would be accepted")

// Rotate makes a key of the same algorithm: it signs from now on, and the key that signed until now stays in the public
// set beside it, so that its tokens are accepted until they expire. An older one goes. At any moment, a crash included,
// the private key that Path holds has its public half in the set.
func (f KeyFile) Rotate() (*Rotation, error) {
	unlock, err := f.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	old, dropped, err := f.pair()
	if err != nil {
		return nil, err
	}
	if old.ID == "" {
		return nil, fmt.Errorf("%s has no kid: its tokens could not be told from those of the next key; make a key of another name", f.Path)
	}
	next, err := jose.GenerateKey(old.Algorithm)
	if err != nil {
		return nil, err
	}
	set, err := publicSet(next, old)
	if err != nil {
		return nil, err
	}
	private, err := next.PrivateJWK()
	if err != nil {
		return nil, err
	}
	// The set first: it holds both keys, so either may sign.
	if err := overwrite(f.PublicPath(), 0o644, set); err != nil {
		return nil, err
	}
	if err := overwrite(f.Path, 0o600, append(private, '\n')); err != nil {
		return nil, err
	}
	return &Rotation{KeyID: next.ID, OldID: old.ID, Dropped: dropped}, nil
}

// DropOld takes every key but the one that signs out of the public set. Doing it again changes nothing.
func (f KeyFile) DropOld() (*Rotation, error) {
	unlock, err := f.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	key, dropped, err := f.pair()
	if err != nil {
		return nil, err
	}
	set, err := publicSet(key)
	if err != nil {
		return nil, err
	}
	return &Rotation{KeyID: key.ID, Dropped: dropped}, overwrite(f.PublicPath(), 0o644, set)
}

// lock keeps others from rotating the key until unlock is called.
func (f KeyFile) lock() (unlock func(), err error) {
	if _, err := os.Stat(f.Path); err != nil {
		return nil, fmt.Errorf("reading key: %w", err) // there is nothing to lock
	}
	path := f.Path + lockSuffix
	err = create(path, 0o600, nil)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%s exists: another rotation is under way, or one was interrupted; if none is, remove that file", path)
	}
	if err != nil {
		return nil, err
	}
	return func() { _ = os.Remove(path) }, nil
}

// pair is the key that signs and the kids that stand in the public set beside it.
func (f KeyFile) pair() (*jose.SigningKey, []string, error) {
	key, err := f.Load()
	if err != nil {
		return nil, nil, err
	}
	if key.Algorithm.Symmetric() {
		return nil, nil, ErrSymmetric
	}
	others, err := f.others(key.ID)
	return key, others, err
}

// others are the kids in the public set beside id. It is an error when id is not there, because the two files are then
// no pair, and when there is more than rotations leave, because somebody else put it there.
func (f KeyFile) others(id string) ([]string, error) {
	b, err := os.ReadFile(f.PublicPath())
	if err != nil {
		return nil, fmt.Errorf("reading public key: %w", err)
	}
	var set struct {
		Keys []struct {
			KeyID string `json:"kid"`
		} `json:"keys"`
	}
	if json.Unmarshal(b, &set) != nil {
		return nil, fmt.Errorf("reading public key: %s is not a JWK set", f.PublicPath())
	}
	var others []string
	found := false
	for _, k := range set.Keys {
		if k.KeyID == id {
			found = true
		} else {
			others = append(others, k.KeyID)
		}
	}
	switch {
	case !found:
		return nil, fmt.Errorf("%s does not hold the public half of %s: they are no pair", f.PublicPath(), f.Path)
	case len(others) > 1:
		return nil, fmt.Errorf("%s holds %d keys, more than rotations leave: put the others into a file of their own (keys static takes several)",
			f.PublicPath(), len(set.Keys))
	}
	return others, nil
}

// publicSet is the JWK set of the public halves.
func publicSet(keys ...*jose.SigningKey) ([]byte, error) {
	var all struct {
		Keys []json.RawMessage `json:"keys"`
	}
	for _, k := range keys {
		b, err := k.PublicJWKS()
		if err != nil {
			return nil, err
		}
		one := all
		one.Keys = nil
		if err := json.Unmarshal(b, &one); err != nil {
			return nil, err
		}
		all.Keys = append(all.Keys, one.Keys...)
	}
	b, err := json.MarshalIndent(all, "", "  ")
	return append(b, '\n'), err
}

// overwrite replaces a file at once: whoever opens it finds the old content or the new one, after a crash too.
func overwrite(path string, mode fs.FileMode, content []byte) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return fmt.Errorf("writing key: %w", err)
	}
	temporary := path + nextSuffix
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("writing key: %w", err)
	}
	if err := create(temporary, mode, content); err != nil {
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		return errors.Join(fmt.Errorf("writing key: %w", err), os.Remove(temporary))
	}
	syncDirectory(filepath.Dir(path))
	return nil
}
