package disk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"safelight/internal/blob"
)

var errNotRegular = errors.New("not a regular file")

// Open implements [blob.Store].
func (s *Store) Open(ctx context.Context, key string) (io.ReadSeekCloser, blob.Info, error) {
	if err := check(ctx, key); err != nil {
		return nil, blob.Info{}, err
	}
	f, err := s.openFile(key)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, blob.Info{}, fmt.Errorf("disk: open %s: %w", key, blob.ErrNotFound)
	case err != nil:
		return nil, blob.Info{}, unavailable("open", key, err)
	}
	info, err := describe(f, key)
	if err != nil {
		_ = f.Close()
		return nil, blob.Info{}, unavailable("open", key, err)
	}
	return &reader{ctx: ctx, SectionReader: io.NewSectionReader(f, 0, info.Size), file: f}, info, nil
}

// openFile looks before it opens: opening a pipe would wait for its writer.
func (s *Store) openFile(key string) (*os.File, error) {
	shard, name := place(key)
	path := shard + "/" + name
	fi, err := s.root.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !fi.Mode().IsRegular() {
		return nil, errNotRegular
	}
	return s.root.Open(path)
}

func describe(f *os.File, key string) (blob.Info, error) {
	fi, err := f.Stat()
	if err != nil {
		return blob.Info{}, err
	}
	size, contentType, err := readTrailer(f, fi.Size())
	if err != nil {
		return blob.Info{}, err
	}
	return blob.Info{Key: key, Size: size, ModTime: fi.ModTime().UTC(), ContentType: contentType}, nil
}

// A reader has its own file open: an overwrite or a deletion does not touch what
// it reads.
type reader struct {
	*io.SectionReader
	ctx  context.Context
	file *os.File
}

func (r *reader) Read(p []byte) (int, error) {
	if err := context.Cause(r.ctx); err != nil {
		return 0, err
	}
	return r.SectionReader.Read(p)
}

func (r *reader) Close() error { return r.file.Close() }
