package blob

import (
	"context"
	"io"
	"iter"
	"time"

	"safelight/internal/fault"
)

// The errors that a caller can answer. Compare with errors.Is.
var (
	// ErrNotFound: there is no blob under the key.
	ErrNotFound = fault.New(fault.NotFound, "blob.not_found", "This file is not here any more.")
	// ErrKey: the key or prefix is not one that [CheckKey] allows.
	ErrKey = fault.New(fault.Invalid, "blob.key", "This file name cannot be used.")
	// ErrType: the content type is longer than 100 bytes or not printable ASCII.
	ErrType = fault.New(fault.Invalid, "blob.type", "This file type cannot be used.")
	// ErrSize: the source held more or fewer bytes than were announced.
	ErrSize = fault.New(fault.Invalid, "blob.size", "The file did not arrive whole. Please send it again.")
	// ErrChanged: the blob was overwritten or deleted while it was read.
	ErrChanged = fault.New(fault.Conflict, "blob.changed",
		"This file changed while it was being read. Please try again.")
	// ErrUnavailable: the storage did not do its part (full, failing, out of
	// reach). Its cause is for the log.
	ErrUnavailable = fault.New(fault.Unavailable, "blob.unavailable",
		"The file storage does not answer right now. Please try again in a moment.")
)

// DefaultType is the content type of a blob that was put without one.
const DefaultType = "application/octet-stream"

// Info describes a blob. Size is in bytes, ModTime in UTC.
type Info struct {
	Key         string
	Size        int64
	ModTime     time.Time
	ContentType string // empty in what List yields: an S3 listing does not carry it
}

// A Store keeps blobs. It is safe for concurrent use, by several processes too.
//
// It has four methods because bytes by key need no fewer: they come in, go out,
// go away, and can be counted. Copying and moving are absent on purpose (keys
// are made once), and asking for an Info alone is Open and Close, which reads
// no bytes.
type Store interface {
	// Put stores what r holds under key, in place of what was there, and returns
	// when it is durable. Size is the number of bytes in r, or -1 if unknown; a
	// source of another length is ErrSize. An empty contentType is [DefaultType].
	// An error of r is returned wrapped. After an error the store is as before,
	// save that after ErrUnavailable the new version may have arrived whole.
	Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error

	// Open returns a reader at the start of a blob, or ErrNotFound. Nothing is
	// read ahead, so that http.ServeContent answers a range at the price of that
	// range. The reader stops when ctx ends, is for one goroutine, and must be
	// closed. Reads return ErrChanged where the version that was opened is gone.
	Open(ctx context.Context, key string) (io.ReadSeekCloser, Info, error)

	// Delete removes a blob. An absent one is no error.
	Delete(ctx context.Context, key string) error

	// List yields the blobs whose keys begin with prefix, in no given order; an
	// empty prefix lists all. Blobs put or deleted meanwhile may or may not be
	// among them. What has been yielded may be deleted while the listing goes on.
	// It is for upkeep: which blobs belong to whom is known to the database.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]
}
