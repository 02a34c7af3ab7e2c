package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"safelight/internal/db"
)

// worker is a kind's handler as River calls it.
type worker struct {
	river.WorkerDefaults[payload]
	q *Queue
	k *kind
}

func (w *worker) Timeout(*river.Job[payload]) time.Duration { return w.k.Timeout }

func (w *worker) NextRetry(j *river.Job[payload]) time.Time {
	return time.Now().Add(w.k.Backoff(j.Attempt)) //nolint:forbidigo // retries go by the machine's time
}

// Work runs one attempt.
func (w *worker) Work(ctx context.Context, j *river.Job[payload]) error {
	q := w.q
	run, stop := q.context(ctx)
	defer stop(nil)
	a := &attempt{number: j.ID, attempt: j.Attempt, cancel: stop, gone: make(chan struct{})}
	q.held.enter(a)
	mine, err := db.Ask(context.WithoutCancel(ctx), q.db, func(tx *db.Tx) (bool, error) { return ours(ctx, tx, a.number, a.attempt) })
	if err != nil || !mine {
		q.held.lose(a) // the report is thrown away
		return errors.Join(ErrLost, err)
	}
	r := &Run{ID: makeID(j.ID, j.Args.Nonce), Kind: j.Kind, Key: j.Args.Key, Attempt: j.Attempt,
		LastAttempt: j.Attempt >= w.k.limit(j.MaxAttempts), args: j.Args.Data, number: j.ID}
	return q.settle(run, w.k, r, call(run, w.k.handle, r))
}

// limit is how many attempts a job of the kind has.
func (k *kind) limit(asked int) int {
	if k.MaxAttempts > 0 {
		return min(k.MaxAttempts, asked)
	}
	return asked
}

// context is River's context with causes of our own.
func (q *Queue) context(ctx context.Context) (context.Context, context.CancelCauseFunc) {
	run, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		switch cause := context.Cause(ctx); {
		case errors.Is(cause, rivertype.ErrJobCancelledRemotely):
			cancel(ErrCancelled)
		case errors.Is(cause, context.DeadlineExceeded):
			cancel(cause)
		default:
			cancel(ErrStopping)
		}
	})
	return run, func(cause error) {
		cancel(cause)
		stop()
	}
}

func call(ctx context.Context, h Handler, r *Run) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("queue: %s panicked: %v\n%s", r.Kind, p, debug.Stack())
		}
	}()
	return h(ctx, r)
}

// settle decides what an attempt's outcome means, and tells River by its
// error.
func (q *Queue) settle(ctx context.Context, k *kind, r *Run, err error) error {
	cause := context.Cause(ctx)
	switch {
	case err == nil || errors.Is(cause, ErrLost):
		return err
	case errors.Is(cause, ErrCancelled):
		return q.giveUp(ctx, k, r, err, true)
	case IsPermanent(err):
		return q.giveUp(ctx, k, r, err, false)
	case errors.Is(cause, ErrStopping):
		return fmt.Errorf("%w: %w", context.Canceled, err) // River puts it back, uncounted
	case r.LastAttempt:
		return q.giveUp(ctx, k, r, err, false)
	}
	q.log.WarnContext(ctx, "a job failed and will be tried again", slog.String("kind", k.name),
		slog.String("job", string(r.ID)), slog.Int("attempt", r.Attempt), slog.Any("error", err))
	return err
}

// Finish marks the job as done in tx, together with what the handler writes
// there: both happen, once, or neither. It returns [ErrLost] when the job is
// no longer this attempt's. The handler returns nil after it.
func (r *Run) Finish(ctx context.Context, tx *db.Tx) error {
	mine, err := finish(ctx, tx, r.number, r.Attempt, "completed")
	if err == nil && !mine {
		err = ErrLost
	}
	if err != nil {
		return fmt.Errorf("queue: finish %s: %w", r.ID, err)
	}
	return nil
}

func backoff(attempt int) time.Duration {
	d := min(time.Second<<min(attempt-1, 10), 10*time.Minute)
	return d*9/10 + rand.N(d/5+1)
}
