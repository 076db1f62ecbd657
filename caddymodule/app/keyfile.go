package app

import (
	"fmt"
	"os"
	"path/filepath"

	"go.uber.org/zap"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

// maxKeyFile bounds a key file, bytes.
const maxKeyFile = 1 << 20

// loadFiles reads the keys of all files into one set: those that serve the issuer. A secret never comes from here, and an
// algorithm that no key fits is a mistake that would otherwise show as refused tokens.
func loadFiles(log *zap.Logger, files []string, issuer string, algorithms []jose.Algorithm) (*jose.KeySet, error) {
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
	all, skipped, err := all.Of(issuer)
	for _, why := range skipped {
		log.Warn("key skipped", zap.String("issuer", issuer), zap.NamedError("reason", why))
	}
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
