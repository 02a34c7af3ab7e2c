package disk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"strings"

	"safelight/internal/blob"
)

// List implements [blob.Store]. It reads the names of all blobs, one shard at a
// time, whatever the prefix.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		if err := blob.CheckPrefix(prefix); err != nil {
			yield(blob.Info{}, err)
			return
		}
		shards, err := s.readDir(".")
		if err != nil {
			yield(blob.Info{}, unavailable("list", prefix, err))
			return
		}
		for _, shard := range shards {
			if isShard(shard) && !s.listShard(ctx, shard.Name(), prefix, yield) {
				return
			}
		}
	}
}

// listShard has all names of a shard before it yields one, so that the caller
// may delete as it goes. It reports whether to go on.
func (s *Store) listShard(ctx context.Context, shard, prefix string, yield func(blob.Info, error) bool) bool {
	entries, err := s.readDir(shard)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return yield(blob.Info{}, unavailable("list", prefix, err))
	}
	for _, entry := range entries {
		if err := context.Cause(ctx); err != nil {
			yield(blob.Info{}, fmt.Errorf("disk: list: %w", err))
			return false
		}
		key, ok := listed(shard, entry)
		if !ok || !strings.HasPrefix(key, prefix) {
			continue
		}
		info, err := infoOf(key, entry)
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted meanwhile
		}
		if !yield(info, err) {
			return false
		}
	}
	return true
}

// listed returns the key of a file that a Put could have made there.
func listed(shard string, entry fs.DirEntry) (string, bool) {
	key := keyOf(entry.Name())
	if !entry.Type().IsRegular() || blob.CheckKey(key) != nil {
		return "", false
	}
	home, _ := place(key)
	return key, home == shard
}

func infoOf(key string, entry fs.DirEntry) (blob.Info, error) {
	fi, err := entry.Info()
	if err != nil {
		return blob.Info{Key: key}, unavailable("list", key, err)
	}
	size := fi.Size() - trailerSize
	if size < 0 {
		return blob.Info{Key: key}, unavailable("list", key, errDamaged)
	}
	return blob.Info{Key: key, Size: size, ModTime: fi.ModTime().UTC()}, nil
}

func isShard(entry fs.DirEntry) bool {
	name := entry.Name()
	return entry.IsDir() && len(name) == 2 && strings.Trim(name, "0123456789abcdef") == ""
}

func (s *Store) readDir(name string) ([]fs.DirEntry, error) {
	d, err := s.root.Open(name)
	if err != nil {
		return nil, err
	}
	entries, err := d.ReadDir(-1)
	return entries, errors.Join(err, d.Close())
}
