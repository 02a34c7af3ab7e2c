package lab

import (
	"context"
	"errors"
	"fmt"

	"safelight/internal/account"
	"safelight/internal/db"
)

// Deleted counts what was.
type Deleted struct {
	Images int
	Jobs   int // cancelled because of it
}

// Delete removes an image of who's and its files for good. Jobs on it that have
// not ended are cancelled.
func (l *Lab) Delete(ctx context.Context, who account.ID, id ImageID) error {
	blobs, err := db.Do(ctx, l.DB, func(tx *db.Tx) ([]string, error) {
		if _, err := findImage(ctx, tx, who, id, tx.Now()); err != nil {
			return nil, err
		}
		if _, err := cancelAll(ctx, tx, who, id); err != nil {
			return nil, err
		}
		blobs, _, err := bury(ctx, tx, who, id)
		return blobs, err
	})
	if err != nil {
		return fmt.Errorf("lab: delete %s: %w", id, err)
	}
	return l.remove(ctx, blobs)
}

// DeleteAll removes every original, result, thumbnail, preview and unfinished
// upload of who's from the storage. Jobs that have not ended are cancelled
// first; an attempt that was writing its result removes that itself within
// moments. After an error the sweep removes what is left.
func (l *Lab) DeleteAll(ctx context.Context, who account.ID) (Deleted, error) {
	var d Deleted
	blobs, err := db.Do(ctx, l.DB, func(tx *db.Tx) (blobs []string, err error) {
		d = Deleted{}
		if d.Jobs, err = cancelAll(ctx, tx, who, ""); err != nil {
			return nil, err
		}
		blobs, n, err := bury(ctx, tx, who, "")
		if err != nil {
			return nil, err
		}
		d.Images = int(n)
		parts, err := dropUploads(ctx, tx, who, "")
		return append(blobs, parts...), err
	})
	if err != nil {
		return Deleted{}, fmt.Errorf("lab: delete all: %w", err)
	}
	return d, l.remove(ctx, blobs)
}

// cancelAll cancels who's jobs on an image, or all if it is empty.
func cancelAll(ctx context.Context, tx *db.Tx, who account.ID, image ImageID) (n int, err error) {
	const some = 100
	for {
		jobs, err := activeJobs(ctx, tx, who, image, some)
		if err != nil {
			return n, err
		}
		for _, j := range jobs {
			switch err := cancel(ctx, tx, j); {
			case errors.Is(err, errOvertaken):
			case err != nil:
				return n, err
			default:
				n++
			}
		}
		if len(jobs) < some {
			return n, nil
		}
	}
}

// Expire deletes images and unfinished uploads that are past their time. An
// image waits for the jobs on it.
func (l *Lab) Expire(ctx context.Context) error {
	const some = 200
	for {
		images, err := db.Ask(ctx, l.DB, func(tx *db.Tx) ([]Image, error) { return expiredImages(ctx, tx, some) })
		if err != nil {
			return fmt.Errorf("lab: expire: %w", err)
		}
		for _, i := range images {
			blobs, err := db.Do(ctx, l.DB, func(tx *db.Tx) ([]string, error) {
				blobs, _, err := bury(ctx, tx, i.Account, i.ID)
				return blobs, err
			})
			if err != nil {
				return fmt.Errorf("lab: expire %s: %w", i.ID, err)
			}
			if err := l.remove(ctx, blobs); err != nil {
				return err
			}
		}
		if len(images) < some {
			return l.expireUploads(ctx)
		}
	}
}
