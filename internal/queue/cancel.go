package queue

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"safelight/internal/db"
)

// Cancel asks that a job be not done, when tx commits. It returns the state
// that the job then has: [Cancelled], if it was waiting; [Running], if it is
// under way: its context ends with [ErrCancelled] within about a second and,
// unless it succeeds all the same, its OnDead runs; or the state in which it
// had finished already.
func Cancel(ctx context.Context, tx *db.Tx, job ID) (State, error) {
	j, err := Find(ctx, tx, job)
	if err != nil || j.State.Finished() {
		return j.State, err
	}
	number, _, err := job.split()
	if err != nil {
		return "", err
	}
	err = with(tx,
		func(c *river.Client[*sql.Tx], raw *sql.Tx) error {
			_, err := c.JobCancelTx(context.WithoutCancel(ctx), raw, number)
			return err
		},
		func(c *river.Client[pgx.Tx], raw pgx.Tx) error {
			_, err := c.JobCancelTx(ctx, raw, number)
			return err
		})
	if err != nil {
		return "", fmt.Errorf("queue: cancel %s: %w", job, err)
	}
	j, err = Find(ctx, tx, job)
	return j.State, err
}
