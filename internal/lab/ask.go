package lab

import (
	"context"
	"errors"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/queue"
)

// A Page is a part of a listing, the newest first.
type Page struct {
	Role   Role   // of images: only these; empty for all
	Before string // the last id of the page before; empty for the first page
	Limit  int    // 50 if 0, 200 at most
}

func (p Page) limit() int {
	if p.Limit <= 0 {
		return 50
	}
	return min(p.Limit, 200)
}

// Find gives an image of who's; anybody else's, a deleted and an expired one is
// [ErrNoImage].
func (l *Lab) Find(ctx context.Context, tx *db.Tx, who account.ID, id ImageID) (Image, error) {
	return findImage(ctx, tx, who, id, tx.Now())
}

// List gives who's images.
func (l *Lab) List(ctx context.Context, tx *db.Tx, who account.ID, p Page) ([]Image, error) {
	return listImages(ctx, tx, who, p)
}

// FindJob gives a job of who's; anybody else's is [ErrNoJob].
func (l *Lab) FindJob(ctx context.Context, tx *db.Tx, who account.ID, id JobID) (Job, error) {
	return findJob(ctx, tx, who, id)
}

// Jobs gives who's jobs.
func (l *Lab) Jobs(ctx context.Context, tx *db.Tx, who account.ID, p Page) ([]Job, error) {
	return listJobs(ctx, tx, who, p)
}

// JobsOf gives what was asked to be done to an image of who's, the newest first.
func (l *Lab) JobsOf(ctx context.Context, tx *db.Tx, who account.ID, id ImageID, limit int) ([]Job, error) {
	return jobsOf(ctx, tx, who, id, Page{Limit: limit}.limit())
}

// Position is how many jobs will be begun before this one: 0 for the next, and
// for one that is not waiting.
func (l *Lab) Position(ctx context.Context, tx *db.Tx, j Job) (int, error) {
	if j.Status != Queued {
		return 0, nil
	}
	n, err := queue.Ahead(ctx, tx, j.queued)
	if errors.Is(err, queue.ErrNoJob) {
		return 0, nil
	}
	return n, err
}

// A Sheet is an original with the last that was asked to be done to it.
type Sheet struct {
	Image
	Last *Job // nil if there was none
}

// Sheets gives who's originals with their last jobs.
func (l *Lab) Sheets(ctx context.Context, tx *db.Tx, who account.ID, p Page) ([]Sheet, error) {
	p.Role = Original
	images, err := listImages(ctx, tx, who, p)
	if err != nil {
		return nil, err
	}
	if len(images) == 0 {
		return nil, nil
	}
	jobs, err := lastJobs(ctx, tx, who, images[len(images)-1].ID, images[0].ID)
	if err != nil {
		return nil, err
	}
	last := map[ImageID]*Job{}
	for i := range jobs {
		last[jobs[i].Image] = &jobs[i]
	}
	sheets := make([]Sheet, len(images))
	for i, img := range images {
		sheets[i] = Sheet{img, last[img.ID]}
	}
	return sheets, nil
}

// A Snapshot is what moves while somebody looks: cheap enough to be asked for
// every second.
type Snapshot struct {
	Active []Moving // not ended, the oldest first, 30 at most
	Ended  []Job    // the last ten that ended, the newest first
}

// A Moving job has not ended.
type Moving struct {
	Job
	Ahead int // see [Lab.Position]
}

// Snapshot gives who's jobs as they stand.
func (l *Lab) Snapshot(ctx context.Context, tx *db.Tx, who account.ID) (Snapshot, error) {
	active, err := activeJobs(ctx, tx, who, "", 30)
	if err != nil {
		return Snapshot{}, err
	}
	s := Snapshot{Active: make([]Moving, len(active))}
	for i, j := range active {
		s.Active[i].Job = j
		if s.Active[i].Ahead, err = l.Position(ctx, tx, j); err != nil {
			return Snapshot{}, err
		}
	}
	s.Ended, err = lastEnded(ctx, tx, who, 10)
	return s, err
}
