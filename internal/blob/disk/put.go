package disk

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"safelight/internal/blob"
)

// tempPrefix begins the name of a file that is being written. No key begins
// with a dot.
const tempPrefix = ".put-"

// Put implements [blob.Store].
func (s *Store) Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error {
	if err := check(ctx, key); err != nil {
		return err
	}
	contentType, err := blob.CheckType(contentType)
	if err != nil {
		return err
	}
	src := blob.NewSource(ctx, r, size)
	if err := s.put(key, src, contentType); err != nil {
		if failure := src.Failure(); failure != nil {
			return fmt.Errorf("disk: put %s: %w", key, failure)
		}
		return unavailable("put", key, err)
	}
	return nil
}

// put writes beside the place, syncs, then moves: a reader, and a machine that
// lost its power, have the old version or the new one.
func (s *Store) put(key string, src io.Reader, contentType string) error {
	shard, name := place(key)
	if err := s.makeShard(shard); err != nil {
		return err
	}
	f, temp, err := s.createTemp(shard)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // synced by then; the lock must outlast the rename
	err = s.fill(f, src, contentType)
	if err == nil {
		err = s.root.Rename(temp, shard+"/"+name)
	}
	if err != nil {
		_ = s.root.Remove(temp) // else the next Open does
		return err
	}
	return s.syncDir(shard)
}

func (s *Store) makeShard(shard string) error {
	err := s.root.Mkdir(shard, dirMode)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.syncDir(".")
}

// createTemp makes a file in the shard and locks it for as long as it is open,
// which tells sweep that its writer lives.
func (s *Store) createTemp(shard string) (*os.File, string, error) {
	for {
		temp := shard + "/" + tempPrefix + rand.Text()
		f, err := s.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
		if err != nil {
			return nil, "", err
		}
		mine, err := lock(f)
		if mine && err == nil {
			return f, temp, nil
		}
		_ = f.Close()
		if err != nil {
			_ = s.root.Remove(temp)
			return nil, "", err
		}
		// A sweep came between creating and locking and removed it: once more.
	}
}

// fill writes the blob and its trailer and makes them durable.
func (s *Store) fill(f *os.File, src io.Reader, contentType string) error {
	n, err := io.Copy(f, src)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, bytes.NewReader(trailer(n, contentType))); err != nil {
		return err
	}
	return s.sync(f)
}
