package lab

import (
	"context"
	"errors"
	"fmt"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/id"
	"safelight/internal/ledger"
	"safelight/internal/queue"
)

// A Request is a wish for an image, with what it may cost.
type Request struct {
	Image  ImageID
	Wish   Wish
	Agreed *int64 // the credits that were shown; another price now is [ErrPriceChanged]; nil agrees to any
	Key    string // the same one of the same account is the same job, whenever it is sent; empty for none
	Client account.Client
}

// renderArgs are what the queue keeps of a job.
type renderArgs struct {
	Job JobID `json:"job"`
}

// Start sets the credits aside and queues the job when tx commits: all of it or
// nothing. Without enough credits it is ledger.ErrShortfall, which says need
// and have. A request whose key was carried out gives the job that came of it;
// one whose key is being carried out this moment is [ErrTwice].
func (l *Lab) Start(ctx context.Context, tx *db.Tx, who account.ID, r Request) (Job, error) {
	if r.Key != "" {
		j, err := jobByKey(ctx, tx, who, r.Key)
		if !errors.Is(err, ErrNoJob) {
			return j, err
		}
	}
	q, err := l.Quote(ctx, tx, who, r.Image, r.Wish)
	if err != nil {
		return Job{}, err
	}
	if r.Agreed != nil && *r.Agreed != q.Cost {
		return Job{}, ErrPriceChanged
	}
	j := Job{ID: id.New[JobID](jobPrefix), Account: who, Image: r.Image, Operation: q.Operation, Scale: q.Scale, Strength: q.Strength,
		Model: q.Model, Format: q.Format, Engine: q.Engine, Width: q.Width, Height: q.Height, Cost: q.Cost, Status: Queued, Created: tx.Now()}
	source := "job:" + string(j.ID)
	held, err := ledger.Hold(ctx, tx, ledger.Cause{Owner: ledger.Owner(who), Key: source, Source: source}, q.Cost)
	if err != nil {
		return Job{}, fmt.Errorf("lab: start: %w", err)
	}
	j.hold = held.ID
	active, err := activeUpTo(ctx, tx, who, manyJobs)
	if err != nil {
		return Job{}, fmt.Errorf("lab: start: %w", err)
	}
	j.queued, err = queue.Enqueue(ctx, tx, queue.Job{Kind: renderKind, Key: string(j.ID), Args: renderArgs{j.ID}, Queue: RenderQueue,
		MaxAttempts: renderAttempts, Priority: priority(active)})
	if err != nil {
		return Job{}, fmt.Errorf("lab: start: %w", err)
	}
	if err := insertJob(ctx, tx, j, r); err != nil {
		return Job{}, fmt.Errorf("lab: start: %w", err)
	}
	return j, nil
}

// manyJobs is from how many unfinished ones on somebody's next job is taken
// after everybody else's.
const manyJobs = 24

// priority lets the job of somebody with few others go before that of somebody
// with many: 1 is taken first, 4 last.
func priority(active int) int {
	switch {
	case active < 2:
		return 1
	case active < 8:
		return 2
	case active < manyJobs:
		return 3
	}
	return 4
}
