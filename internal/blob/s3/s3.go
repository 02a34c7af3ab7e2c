package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	gcblob "gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"safelight/internal/blob"
)

const (
	callLimit  = 30 * time.Second // a request without a body, its retries included
	stallLimit = time.Minute      // a transfer in which nothing moves
	partSize   = 8 << 20          // of an upload, held in memory
	partsAhead = 2                // parts in flight per upload
	windowSize = 8 << 20          // of a read, so that a seek wastes little
)

// A Store is a bucket, or the part of one under a prefix. It implements
// [blob.Store].
type Store struct {
	bucket *gcblob.Bucket
	stall  time.Duration
}

var _ blob.Store = (*Store)(nil)

// Open returns the store that a URL names:
//
//	s3://bucket/prefix?endpoint=http://127.0.0.1:9000&region=eu-west-1&path_style=true
//
// The prefix and every parameter may be absent; without an endpoint it is AWS
// itself. Credentials come from the environment (AWS_ACCESS_KEY_ID and
// AWS_SECRET_ACCESS_KEY, or whatever else the AWS SDK looks at), never from the
// URL. Open asks the bucket once, so that a wrong URL fails at the start.
func Open(ctx context.Context, url string) (*Store, error) {
	t, err := parse(url)
	if err != nil {
		return nil, err
	}
	bucket, err := t.connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("s3: open %s: %w", url, err)
	}
	s := &Store{bucket: bucket, stall: stallLimit}
	callCtx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	if _, _, err := bucket.ListPage(callCtx, gcblob.FirstPageToken, 1, nil); err != nil {
		_ = bucket.Close()
		return nil, fmt.Errorf("s3: open %s: %w", url, err)
	}
	return s, nil
}

// Close lets go of the bucket.
func (s *Store) Close() error { return s.bucket.Close() }

// Put implements [blob.Store]. It holds up to three parts of 8 MiB in memory.
func (s *Store) Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error {
	if err := check(ctx, key); err != nil {
		return err
	}
	contentType, err := blob.CheckType(contentType)
	if err != nil {
		return err
	}
	src := blob.NewSource(ctx, r, size)
	upload, w := watch(ctx, s.stall)
	defer w.end()
	w.run()
	err = s.bucket.Upload(upload, key, &restful{r: src, w: w}, &gcblob.WriterOptions{
		ContentType: contentType, BufferSize: partSize, MaxConcurrency: partsAhead,
	})
	if failure := src.Failure(); failure != nil {
		return fmt.Errorf("s3: put %s: %w", key, failure)
	}
	if err != nil && errors.Is(context.Cause(upload), errStalled) {
		err = errStalled
	}
	if err != nil {
		return failed(ctx, "put", key, err)
	}
	return nil
}

// Delete implements [blob.Store].
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := check(ctx, key); err != nil {
		return err
	}
	callCtx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	err := s.bucket.Delete(callCtx, key)
	if err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return failed(ctx, "delete", key, err)
	}
	return nil
}

// List implements [blob.Store].
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		if err := blob.CheckPrefix(prefix); err != nil {
			yield(blob.Info{}, err)
			return
		}
		for token := gcblob.FirstPageToken; len(token) > 0; {
			page, next, err := s.listPage(ctx, token, prefix)
			if err != nil {
				yield(blob.Info{}, failed(ctx, "list", prefix, err))
				return
			}
			for _, o := range page {
				if blob.CheckKey(o.Key) != nil {
					continue // no Put made it
				}
				if !yield(blob.Info{Key: o.Key, Size: o.Size, ModTime: o.ModTime.UTC()}, nil) {
					return
				}
			}
			token = next
		}
	}
}

func (s *Store) listPage(ctx context.Context, token []byte, prefix string) ([]*gcblob.ListObject, []byte, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, nil, err
	}
	callCtx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	return s.bucket.ListPage(callCtx, token, 1000, &gcblob.ListOptions{Prefix: prefix})
}

func check(ctx context.Context, key string) error {
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("s3: %w", err)
	}
	return blob.CheckKey(key)
}

// isGone reports that the blob, or the version asked for, is not there any more.
func isGone(err error) bool {
	code := gcerrors.Code(err)
	return code == gcerrors.NotFound || code == gcerrors.FailedPrecondition
}

// failed tells the caller's own end from the service's failure.
func failed(ctx context.Context, verb, key string, err error) error {
	switch ended := context.Cause(ctx); {
	case ended != nil:
		return fmt.Errorf("s3: %s %s: %w", verb, key, ended)
	case gcerrors.Code(err) == gcerrors.NotFound:
		return fmt.Errorf("s3: %s %s: %w", verb, key, blob.ErrNotFound.Because(err))
	}
	return fmt.Errorf("s3: %s %s: %w", verb, key, blob.ErrUnavailable.Because(err))
}
