package queue

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"safelight/internal/clock"
	"safelight/internal/db"
)

// beat tells the others that this process lives. One that was taken off the
// list meanwhile has lost all that it had in hand.
func (q *Queue) beat(ctx context.Context) {
	at := uptime()
	ctx, cancel := context.WithTimeout(ctx, q.config.Lease)
	defer cancel()
	listed := false
	err := q.db.InTx(ctx, func(tx *db.Tx) (err error) {
		now := clock.System{}.Now()
		if listed, err = beat(ctx, tx, q.holder, now); err != nil || listed {
			return err
		}
		return enlist(ctx, tx, q.holder, now)
	})
	if err != nil {
		if context.Cause(ctx) != ErrStopping { //nolint:errorlint // our own cause, as it was given
			q.log.WarnContext(ctx, "a worker could not say that it lives", slog.Any("error", err))
		}
		return
	}
	if !listed {
		q.loseAll(ctx, "others took this worker for dead")
	}
	q.pulse.Store(int64(at))
}

// glance gives up what may have gone to others by now, and looks for jobs
// whose cancellation was asked for.
func (q *Queue) glance(ctx context.Context) {
	if silent := uptime() - time.Duration(q.pulse.Load()); silent > q.config.Lease*3/4 {
		q.loseAll(ctx, "this worker could not reach the database")
		return
	}
	if len(q.held.all()) == 0 {
		return
	}
	numbers, err := db.Ask(ctx, q.db, func(tx *db.Tx) ([]int64, error) { return asked(ctx, tx) })
	if err != nil {
		return // the beat tells of an unreachable database
	}
	for _, a := range q.held.all() {
		if slices.Contains(numbers, a.number) {
			a.cancel(ErrCancelled)
		}
	}
}

func (q *Queue) loseAll(ctx context.Context, why string) {
	lost := 0
	for _, a := range q.held.all() {
		if q.held.lose(a) {
			lost++
		}
	}
	for _, t := range q.ticks {
		t.lose()
	}
	if lost > 0 {
		q.log.ErrorContext(ctx, "jobs were lost", slog.String("why", why), slog.Int("jobs", lost))
	}
}
