package disk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"safelight/internal/blob"
)

const (
	dirMode  fs.FileMode = 0o700
	fileMode fs.FileMode = 0o600
)

// A Store is a folder. It implements [blob.Store].
type Store struct {
	root *os.Root
	sync func(*os.File) error // (*os.File).Sync, but in a test that watches or breaks it
}

var _ blob.Store = (*Store)(nil)

// Open returns the store in the folder dir, which is made if it is absent, and
// removes what writers that were killed left in it. Several processes may have
// the same folder open.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, fmt.Errorf("disk: open: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("disk: open: %w", err)
	}
	s := &Store{root: root, sync: (*os.File).Sync}
	if err := s.sweep(); err != nil {
		_ = root.Close()
		return nil, fmt.Errorf("disk: open %s: %w", dir, err)
	}
	return s, nil
}

// Close lets go of the folder. Readers that are open stay usable.
func (s *Store) Close() error { return s.root.Close() }

// Delete implements [blob.Store].
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := check(ctx, key); err != nil {
		return err
	}
	shard, name := place(key)
	err := s.root.Remove(shard + "/" + name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return unavailable("delete", key, err)
	}
	if err := s.syncDir(shard); err != nil {
		return unavailable("delete", key, err)
	}
	return nil
}

func check(ctx context.Context, key string) error {
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("disk: %w", err)
	}
	return blob.CheckKey(key)
}

func unavailable(verb, key string, cause error) error {
	return fmt.Errorf("disk: %s %s: %w", verb, key, blob.ErrUnavailable.Because(cause))
}

// place returns the folder and the file name of a key. A comma is in no key, so
// that keyOf can undo it.
func place(key string) (shard, name string) {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:1]), strings.ReplaceAll(key, "/", ",")
}

func keyOf(name string) string { return strings.ReplaceAll(name, ",", "/") }

// syncDir makes the names in a folder durable.
func (s *Store) syncDir(name string) error {
	if !syncsFolders {
		return nil
	}
	d, err := s.root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(s.sync(d), d.Close())
}
