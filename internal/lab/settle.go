package lab

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"safelight/internal/db"
	"safelight/internal/engine"
	"safelight/internal/fault"
	"safelight/internal/ledger"
	"safelight/internal/queue"
)

// noTime stands for no moment, where a query would look at the expiry.
var noTime time.Time

// succeed stores the result, then, in one transaction, makes it the customer's,
// charges the credits, ends the job and finishes it in the queue.
func (l *Lab) succeed(ctx context.Context, r *queue.Run, j Job, m *result) error {
	defer m.drop()
	if err := l.put(ctx, m.files); err != nil {
		return fmt.Errorf("lab: job %s: %w", j.ID, err)
	}
	err := l.DB.InTx(ctx, func(tx *db.Tx) error {
		if err := l.deliver(ctx, tx, j, m); err != nil {
			return err
		}
		return r.Finish(ctx, tx)
	})
	if err != nil {
		l.discard(ctx, m.files)
		return fmt.Errorf("lab: job %s: %w", j.ID, err)
	}
	return nil
}

// deliver is the only way into success.
func (l *Lab) deliver(ctx context.Context, tx *db.Tx, j Job, m *result) error {
	if err := toSuccess(ctx, tx, j, m.Image); err != nil {
		return err
	}
	if err := own(ctx, tx, keysOf(m.files)); err != nil {
		return err
	}
	if _, err := l.register(ctx, tx, m.Image); err != nil {
		return err
	}
	_, err := ledger.Capture(ctx, tx, j.hold, j.Cost)
	return err
}

// fail ends a job that has not ended, for a reason, and gives its credits back.
func fail(ctx context.Context, tx *db.Tx, j Job, anyAttempt bool, why error) error {
	if err := toFailed(ctx, tx, j, anyAttempt, reason(why)); err != nil {
		return err
	}
	_, err := ledger.Release(ctx, tx, j.hold)
	return err
}

// reason is what the customer may know.
func reason(err error) *fault.Error {
	var refusal *engine.Refusal
	if errors.As(err, &refusal) {
		return ErrRefused
	}
	if f := fault.Of(err); f.Kind != fault.Internal && f.Kind != fault.Unavailable {
		return f
	}
	return ErrFailed
}

// buried runs for a queue job that is given up. One that was cancelled or has
// ended otherwise is left alone.
func (l *Lab) buried(ctx context.Context, tx *db.Tx, d *queue.Dead) error {
	var a renderArgs
	if err := d.Decode(&a); err != nil {
		return err
	}
	j, err := jobByID(ctx, tx, a.Job)
	if err != nil {
		return err
	}
	err = fail(ctx, tx, j, true, ErrFailed)
	if errors.Is(err, errOvertaken) {
		return nil
	}
	return err
}

// putBack shows a job as waiting again when its attempt has failed. If that
// cannot be written, the next attempt begins all the same.
func (l *Lab) putBack(ctx context.Context, j Job) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := l.DB.InTx(ctx, func(tx *db.Tx) error { return toQueued(ctx, tx, j) }); err != nil {
		l.Log.WarnContext(ctx, "a job could not be put back", slog.String("job", string(j.ID)), slog.Any("error", err))
	}
}
