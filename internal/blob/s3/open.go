package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	gcblob "gocloud.dev/blob"

	"safelight/internal/blob"
)

// tries is how often in a row a read may fail without bringing a byte.
const tries = 3

// Open implements [blob.Store]. It asks for the blob's description alone; bytes
// are fetched by the first Read after it or after a Seek.
func (s *Store) Open(ctx context.Context, key string) (io.ReadSeekCloser, blob.Info, error) {
	if err := check(ctx, key); err != nil {
		return nil, blob.Info{}, err
	}
	callCtx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	a, err := s.bucket.Attributes(callCtx, key)
	if err != nil {
		return nil, blob.Info{}, failed(ctx, "open", key, err)
	}
	info := blob.Info{Key: key, Size: a.Size, ModTime: a.ModTime.UTC(), ContentType: a.ContentType}
	return &reader{ctx: ctx, store: s, key: key, etag: a.ETag, size: a.Size}, info, nil
}

// A reader fetches windows of one version of a blob.
type reader struct {
	ctx    context.Context
	store  *Store
	key    string
	etag   string
	size   int64
	at     int64
	window *gcblob.Reader // from at on, or nil
	watch  *watchdog      // of window
	closed bool
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	if r.closed {
		return 0, fs.ErrClosed
	}
	if r.at >= r.size {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	var err error
	for range tries {
		var n int
		if n, err = r.fetch(p); n > 0 {
			return n, nil
		}
		if errors.Is(err, blob.ErrChanged) || context.Cause(r.ctx) != nil {
			break
		}
	}
	if errors.Is(err, blob.ErrChanged) {
		return 0, err
	}
	return 0, failed(r.ctx, "read", r.key, err)
}

// fetch reads from the window, opening one where there is none. An error closes
// it, so that the next fetch asks anew from the same place.
func (r *reader) fetch(p []byte) (int, error) {
	if r.window == nil {
		if err := r.openWindow(); err != nil {
			return 0, err
		}
	}
	r.watch.run()
	n, err := r.window.Read(p)
	r.watch.rest()
	r.at += int64(n)
	if err != nil {
		r.dropWindow()
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF // of no matter where bytes came; else it was cut
	}
	return n, err
}

func (r *reader) openWindow() error {
	ctx, w := watch(r.ctx, r.store.stall)
	w.run()
	window, err := r.store.bucket.NewRangeReader(ctx, r.key, r.at, min(windowSize, r.size-r.at),
		&gcblob.ReaderOptions{BeforeRead: r.onlyThisVersion})
	w.rest()
	if err == nil && !r.isThisVersion(window) {
		_ = window.Close()
		err = errOtherVersion
	}
	if err != nil {
		w.end()
		return r.explain(err)
	}
	r.window, r.watch = window, w
	return nil
}

var errOtherVersion = errors.New("the service answered with another version")

func (r *reader) onlyThisVersion(as func(any) bool) error {
	var in *awss3.GetObjectInput
	if as(&in) && r.etag != "" {
		in.IfMatch = &r.etag
	}
	return nil
}

// isThisVersion looks again, since not every service heeds If-Match.
func (r *reader) isThisVersion(window *gcblob.Reader) bool {
	var out awss3.GetObjectOutput
	return !window.As(&out) || out.ETag == nil || r.etag == "" || *out.ETag == r.etag
}

func (r *reader) explain(err error) error {
	if errors.Is(err, errOtherVersion) || isGone(err) {
		return fmt.Errorf("s3: read %s: %w", r.key, blob.ErrChanged.Because(err))
	}
	return err
}

func (r *reader) dropWindow() {
	if r.window == nil {
		return
	}
	_ = r.window.Close()
	r.watch.end()
	r.window, r.watch = nil, nil
}

// Seek implements io.Seeker. It moves no bytes.
func (r *reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.size
	default:
		return 0, errors.New("s3: seek from nowhere")
	}
	switch {
	case r.closed:
		return 0, fs.ErrClosed
	case offset < 0:
		return 0, errors.New("s3: seek before the start")
	case offset != r.at:
		r.dropWindow()
		r.at = offset
	}
	return offset, nil
}

// Close implements io.Closer.
func (r *reader) Close() error {
	r.dropWindow()
	r.closed = true
	return nil
}
