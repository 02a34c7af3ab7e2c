package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"safelight/internal/db"
	"safelight/internal/fault"
)

// How long a blob may be without an owner while it is being written.
const intention = time.Hour

// errSwept means that the sweep came before a blob had an owner: the work was
// too slow, or the clock was moved.
var errSwept = fault.New(fault.Unavailable, "lab.swept", "This took too long. Please try again.")

// A file is bytes on their way into the storage.
type file struct {
	key, mediaType string
	size           int64
	content        io.ReadSeeker
}

func keysOf(files []file) []string {
	all := make([]string, len(files))
	for i, f := range files {
		all[i] = f.key
	}
	return all
}

// put writes files after it has said so: see own.
func (l *Lab) put(ctx context.Context, files []file) error {
	due := l.DB.Clock().Now().Add(intention)
	err := l.DB.InTx(ctx, func(tx *db.Tx) error { return intend(ctx, tx, keysOf(files), due) })
	if err != nil {
		return err
	}
	for _, f := range files {
		if _, err := f.content.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if err := l.Blobs.Put(ctx, f.key, f.content, f.size, f.mediaType); err != nil {
			l.discard(ctx, files)
			return err
		}
	}
	return nil
}

// discard removes files that nobody came to own. If somebody does after all
// (the answer of a commit was lost), they stay.
func (l *Lab) discard(ctx context.Context, files []file) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	blobs := keysOf(files)
	err := l.DB.InTx(ctx, func(tx *db.Tx) error { return hasten(ctx, tx, blobs) })
	if err == nil {
		err = l.remove(ctx, blobs)
	}
	if err != nil {
		l.Log.WarnContext(ctx, "files that nobody owns wait for the sweep", slog.Int("files", len(blobs)), slog.Any("error", err))
	}
}

// remove deletes those of the blobs that are on the sweep's list.
func (l *Lab) remove(ctx context.Context, blobs []string) error {
	const some = 300
	for len(blobs) > 0 {
		n := min(some, len(blobs))
		mine, err := db.Do(ctx, l.DB, func(tx *db.Tx) ([]string, error) { return claim(ctx, tx, blobs[:n]) })
		if err == nil {
			err = l.erase(ctx, mine)
		}
		if err != nil {
			return fmt.Errorf("lab: remove: %w", err)
		}
		blobs = blobs[n:]
	}
	return nil
}

// erase deletes claimed blobs, then takes those that are gone off the list.
func (l *Lab) erase(ctx context.Context, blobs []string) error {
	var gone []string
	var errs []error
	for _, b := range blobs {
		if err := l.Blobs.Delete(ctx, b); err != nil {
			errs = append(errs, err)
			continue
		}
		gone = append(gone, b)
	}
	if len(gone) > 0 {
		errs = append(errs, l.DB.InTx(ctx, func(tx *db.Tx) error { return forget(ctx, tx, gone) }))
	}
	return errors.Join(errs...)
}

// Sweep deletes every blob that is due: what a crash, a failure or a deletion
// left.
func (l *Lab) Sweep(ctx context.Context) error {
	const some = 300
	for {
		due, err := db.Do(ctx, l.DB, func(tx *db.Tx) ([]string, error) { return claimDue(ctx, tx, some) })
		if err == nil {
			err = l.erase(ctx, due)
		}
		if err != nil {
			return fmt.Errorf("lab: sweep: %w", err)
		}
		if len(due) < some {
			return nil
		}
	}
}
