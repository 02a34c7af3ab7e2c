package payment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"safelight/internal/db"
)

// Reconcile reads the processor's own list of events since a moment and works
// those that no webhook brought.
func Reconcile(ctx context.Context, d *db.DB, p Processor, since time.Time, settle Settle) error {
	fresh, err := adoptSince(ctx, d, p, since)
	errs := []error{err}
	for _, id := range fresh {
		errs = append(errs, Work(ctx, d, p, id, settle))
	}
	return errors.Join(errs...)
}

// adoptSince puts the events that no webhook brought into the inbox.
func adoptSince(ctx context.Context, d *db.DB, p Processor, since time.Time) ([]InboxID, error) {
	events, err := p.Events(ctx, since)
	if err != nil {
		return nil, fmt.Errorf("payment: reconcile: %w", err)
	}
	var fresh []InboxID
	for _, e := range events {
		id, err := adopt(ctx, d, p, e)
		if err != nil {
			return fresh, fmt.Errorf("payment: reconcile %s: %w", e.ID, err)
		}
		if id != "" {
			fresh = append(fresh, id)
		}
	}
	return fresh, nil
}

// adopt keeps an event that no webhook brought; it returns "" for one that is
// in the inbox.
func adopt(ctx context.Context, d *db.DB, p Processor, e Event) (InboxID, error) {
	known, err := db.Ask(ctx, d, func(tx *db.Tx) (bool, error) { return hasEvent(ctx, tx, p.Identity().Name, e.ID) })
	if err != nil || known {
		return "", err
	}
	return db.Do(ctx, d, func(tx *db.Tx) (InboxID, error) {
		n := notice(p, e, tx.Now())
		fresh, err := insertNotice(ctx, tx, n, e, tx.Now())
		if err != nil || !fresh {
			return "", err
		}
		return n.ID, nil
	})
}
