package lab

import (
	"context"
	"errors"
	"fmt"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/ledger"
	"safelight/internal/queue"
)

// Cancel ends a job of who's that has not ended, when tx commits: its credits
// are back at once, and an attempt under way stops within about a second.
// Cancelling again returns the job; one that ended otherwise is [ErrEnded].
func (l *Lab) Cancel(ctx context.Context, tx *db.Tx, who account.ID, id JobID) (Job, error) {
	j, err := findJob(ctx, tx, who, id)
	if err != nil || j.Status == Cancelled {
		return j, err
	}
	err = cancel(ctx, tx, j)
	if errors.Is(err, errOvertaken) {
		return j, ErrEnded
	}
	if err != nil {
		return Job{}, err
	}
	return findJob(ctx, tx, who, id)
}

func cancel(ctx context.Context, tx *db.Tx, j Job) error {
	if err := toCancelled(ctx, tx, j.ID); err != nil {
		return fmt.Errorf("lab: cancel %s: %w", j.ID, err)
	}
	if _, err := ledger.Release(ctx, tx, j.hold); err != nil {
		return fmt.Errorf("lab: cancel %s: %w", j.ID, err)
	}
	if _, err := queue.Cancel(ctx, tx, j.queued); err != nil && !errors.Is(err, queue.ErrNoJob) {
		return fmt.Errorf("lab: cancel %s: %w", j.ID, err)
	}
	return nil
}
