package payment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"safelight/internal/db"
)

// insertNotice reports whether the event was new.
func insertNotice(ctx context.Context, tx *db.Tx, n Notice, e Event, due time.Time) (bool, error) {
	rows, err := tx.Exec(ctx, `
		INSERT INTO payment_inbox (id, processor, event, type, topic, object, live, payload, event_at, received_at, state, due_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (processor, event) DO NOTHING`,
		string(n.ID), n.Processor, n.Event, n.Type, string(n.Topic), n.Object, n.Live, string(e.Payload), e.At, n.ReceivedAt, string(n.State), due)
	return rows == 1, err
}

func hasEvent(ctx context.Context, tx *db.Tx, processor, event string) (bool, error) {
	var n int64
	err := tx.QueryRow(ctx, `SELECT count(*) FROM payment_inbox WHERE processor = $1 AND event = $2`, processor, event).Scan(&n)
	return n > 0, err
}

const noticeColumns = `id, processor, event, type, topic, object, live, state, attempts, error, received_at, worked_at`

func scanNotice(scan func(...any) error) (n Notice, err error) {
	err = scan(&n.ID, &n.Processor, &n.Event, &n.Type, &n.Topic, &n.Object, &n.Live, &n.State, &n.Attempts, &n.Error, &n.ReceivedAt, &n.WorkedAt)
	return n, err
}

// FindNotice returns a row of the inbox, or [ErrNotFound].
func FindNotice(ctx context.Context, tx *db.Tx, id InboxID) (Notice, error) {
	n, err := scanNotice(tx.QueryRow(ctx, `SELECT `+noticeColumns+` FROM payment_inbox WHERE id = $1`, string(id)).Scan)
	if errors.Is(err, db.ErrNoRows) {
		return n, fmt.Errorf("payment: notice %q: %w", id, ErrNotFound)
	}
	return n, err
}

// Notices returns the notices in a state, the newest first, at most limit.
func Notices(ctx context.Context, tx *db.Tx, state InboxState, limit int) ([]Notice, error) {
	return db.All(ctx, tx, scanNotice, `
		SELECT `+noticeColumns+` FROM payment_inbox WHERE state = $1 ORDER BY received_at DESC, id DESC LIMIT $2`, string(state), limit)
}

func dueNotices(ctx context.Context, tx *db.Tx, processor string) ([]InboxID, error) {
	return db.All(ctx, tx, db.One[InboxID], `
		SELECT id FROM payment_inbox WHERE state = 'received' AND due_at <= $1 AND processor = $2
		ORDER BY due_at LIMIT $3`, tx.Now(), processor, sweepLimit)
}

func noteAttempt(ctx context.Context, tx *db.Tx, id InboxID, due time.Time, cause string) error {
	_, err := tx.Exec(ctx, `
		UPDATE payment_inbox SET attempts = attempts + 1, due_at = $1, error = $2
		WHERE id = $3 AND state = 'received'`, due, cause, string(id))
	return err
}

func markWorked(ctx context.Context, tx *db.Tx, id InboxID, state InboxState, reason string) error {
	_, err := tx.Exec(ctx, `
		UPDATE payment_inbox SET state = $1, worked_at = $2, attempts = attempts + 1, error = $3
		WHERE id = $4 AND state = 'received'`, string(state), tx.Now(), reason, string(id))
	return err
}

func raise(ctx context.Context, tx *db.Tx, a Alert) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO payment_alert (key, reason, order_ref, session_id, payment, detail, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (key) DO NOTHING`,
		a.Key, a.Reason, a.Order, string(a.Session), a.Payment, a.Detail, a.At)
	return err
}

// Alerts returns what a person has to look at, the newest first, at most limit.
func Alerts(ctx context.Context, tx *db.Tx, limit int) ([]Alert, error) {
	scan := func(scan func(...any) error) (a Alert, err error) {
		err = scan(&a.Key, &a.Reason, &a.Order, &a.Session, &a.Payment, &a.Detail, &a.At)
		return a, err
	}
	return db.All(ctx, tx, scan, `
		SELECT key, reason, order_ref, session_id, payment, detail, at
		FROM payment_alert ORDER BY at DESC, key LIMIT $1`, limit)
}

// readTo is up to when the processor's events have been read, or otherwise.
func readTo(ctx context.Context, tx *db.Tx, processor string, otherwise time.Time) (time.Time, error) {
	var t time.Time
	err := tx.QueryRow(ctx, `SELECT read_to FROM payment_cursor WHERE processor = $1`, processor).Scan(&t)
	if errors.Is(err, db.ErrNoRows) {
		return otherwise, nil
	}
	return t, err
}

func setReadTo(ctx context.Context, tx *db.Tx, processor string, t time.Time) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO payment_cursor (processor, read_to) VALUES ($1, $2)
		ON CONFLICT (processor) DO UPDATE SET read_to = excluded.read_to WHERE payment_cursor.read_to < excluded.read_to`, processor, t)
	return err
}
