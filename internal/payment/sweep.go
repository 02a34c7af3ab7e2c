package payment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"safelight/internal/db"
)

const (
	sweepLimit   = 100
	abandoned    = time.Minute      // a begun session older than this was left by a crash
	askEvery     = 20 * time.Second // the least time between the sweeper's questions about one session
	eventOverlap = 10 * time.Minute // events are listed a little late
	firstLook    = 72 * time.Hour   // how far back the first reconciliation looks
)

// Sweep finishes what a crash, a lost webhook or a silent processor left, and
// is meant to run about every 20 seconds in one process: it opens sessions
// that were only begun, reads the events that no webhook brought, works what
// waits in the inbox, and asks about open sessions. Each part runs whatever
// became of the others.
func Sweep(ctx context.Context, d *db.DB, p Processor, settle Settle) error {
	return errors.Join(
		sweepBegun(ctx, d, p),
		sweepEvents(ctx, d, p),
		sweepInbox(ctx, d, p, settle),
		sweepOpen(ctx, d, p, settle),
	)
}

func sweepBegun(ctx context.Context, d *db.DB, p Processor) error {
	all, err := db.Ask(ctx, d, func(tx *db.Tx) ([]Session, error) {
		return begunBefore(ctx, tx, p.Identity(), tx.Now().Add(-abandoned))
	})
	errs := []error{err}
	for _, s := range all {
		if d.Clock().Now().Before(s.Expires) {
			_, err = Open(ctx, d, p, s.ID)
		} else {
			err = d.InTx(ctx, func(tx *db.Tx) error { return markExpired(ctx, tx, s.ID) })
		}
		if !errors.Is(err, ErrRefused) { // a refusal is recorded, and final
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// sweepEvents adopts what no webhook brought; sweepInbox works it.
func sweepEvents(ctx context.Context, d *db.DB, p Processor) error {
	now, name := d.Clock().Now(), p.Identity().Name
	from, err := db.Ask(ctx, d, func(tx *db.Tx) (time.Time, error) { return readTo(ctx, tx, name, now.Add(-firstLook)) })
	if err != nil {
		return fmt.Errorf("payment: sweep: %w", err)
	}
	if _, err := adoptSince(ctx, d, p, from.Add(-eventOverlap)); err != nil {
		return err
	}
	return d.InTx(ctx, func(tx *db.Tx) error { return setReadTo(ctx, tx, name, now) })
}

func sweepInbox(ctx context.Context, d *db.DB, p Processor, settle Settle) error {
	due, err := db.Ask(ctx, d, func(tx *db.Tx) ([]InboxID, error) { return dueNotices(ctx, tx, p.Identity().Name) })
	errs := []error{err}
	for _, id := range due {
		errs = append(errs, Work(ctx, d, p, id, settle))
	}
	return errors.Join(errs...)
}

func sweepOpen(ctx context.Context, d *db.DB, p Processor, settle Settle) error {
	due, err := db.Ask(ctx, d, func(tx *db.Tx) ([]SessionID, error) { return openToAsk(ctx, tx, p.Identity(), askEvery) })
	errs := []error{err}
	for _, id := range due {
		_, err := Refresh(ctx, d, p, id, settle)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
