package disk

import (
	"errors"
	"io/fs"
	"os"
	"strings"
)

// sweep removes the temporary files whose writers are gone.
func (s *Store) sweep() error {
	shards, err := s.readDir(".")
	if err != nil {
		return err
	}
	for _, shard := range shards {
		if !isShard(shard) {
			continue
		}
		entries, err := s.readDir(shard.Name())
		if err != nil {
			return err
		}
		for _, entry := range entries {
			if !strings.HasPrefix(entry.Name(), tempPrefix) || !entry.Type().IsRegular() {
				continue
			}
			if err := s.sweepFile(shard.Name() + "/" + entry.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

// sweepFile removes a temporary file unless its writer holds the lock. A writer
// that has not locked it yet notices and begins anew.
func (s *Store) sweepFile(path string) error {
	f, err := s.root.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // its writer is done
	}
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	dead, err := tryLock(f)
	if err != nil || !dead {
		return err
	}
	err = s.root.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
