package payment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"safelight/internal/db"
)

func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func insertSession(ctx context.Context, tx *db.Tx, s Session) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO payment_session (id, processor, live, order_ref, order_number, item, amount, currency, email,
			lang, success_url, cancel_url, state, begun_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		string(s.ID), s.By.Name, s.By.Live, s.Order, s.Number, s.Item, s.Amount.Minor, string(s.Amount.Currency), s.Email,
		string(s.Lang), s.Success, s.Cancel, string(s.State), s.BegunAt, s.Expires)
	return err
}

const sessionColumns = `id, processor, live, order_ref, order_number, item, amount, currency, email,
	lang, success_url, cancel_url, state, COALESCE(ref, ''), url, begun_at, opened_at, expires_at, closed_at, attempts, error`

func scanSession(scan func(...any) error) (s Session, err error) {
	err = scan(&s.ID, &s.By.Name, &s.By.Live, &s.Order, &s.Number, &s.Item, &s.Amount.Minor, &s.Amount.Currency, &s.Email,
		&s.Lang, &s.Success, &s.Cancel, &s.State, &s.Ref, &s.URL, &s.BegunAt, &s.OpenedAt, &s.Expires, &s.ClosedAt, &s.Attempts, &s.Error)
	return s, err
}

// Find returns the session, or [ErrNotFound].
func Find(ctx context.Context, tx *db.Tx, id SessionID) (Session, error) {
	s, err := scanSession(tx.QueryRow(ctx, `SELECT `+sessionColumns+` FROM payment_session WHERE id = $1`, string(id)).Scan)
	if errors.Is(err, db.ErrNoRows) {
		return s, fmt.Errorf("payment: session %q: %w", id, ErrNotFound)
	}
	return s, err
}

// Sessions returns the sessions of an order, the oldest first.
func Sessions(ctx context.Context, tx *db.Tx, order string) ([]Session, error) {
	return db.All(ctx, tx, scanSession, `
		SELECT `+sessionColumns+` FROM payment_session WHERE order_ref = $1 ORDER BY begun_at, id`, order)
}

func begunBefore(ctx context.Context, tx *db.Tx, by Identity, t time.Time) ([]Session, error) {
	return db.All(ctx, tx, scanSession, `
		SELECT `+sessionColumns+` FROM payment_session
		WHERE state = 'begun' AND begun_at <= $1 AND processor = $2 AND live = $3
		ORDER BY begun_at LIMIT $4`, t, by.Name, by.Live, sweepLimit)
}

// openToAsk finds open sessions to ask about, ever more seldom as they age;
// those past their end are always asked about.
func openToAsk(ctx context.Context, tx *db.Tx, by Identity, every time.Duration) ([]SessionID, error) {
	return db.All(ctx, tx, db.One[SessionID], `
		SELECT id FROM payment_session
		WHERE state = 'open' AND processor = $1 AND live = $2
			AND COALESCE(asked_at, opened_at) <= $3
			AND (expires_at <= $4 OR ($4 - COALESCE(asked_at, opened_at)) * 10 >= COALESCE(asked_at, opened_at) - begun_at)
		ORDER BY COALESCE(asked_at, opened_at) LIMIT $5`,
		by.Name, by.Live, tx.Now().Add(-every), tx.Now(), sweepLimit)
}

// claimAsking marks the session as asked about now, unless it was after t.
func claimAsking(ctx context.Context, tx *db.Tx, id SessionID, t time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `
		UPDATE payment_session SET asked_at = $1
		WHERE id = $2 AND state = 'open' AND COALESCE(asked_at, 0) <= $3`, tx.Now(), string(id), t)
	return n == 1, err
}

// markOpen keeps a state that the session reached meanwhile: a notice can be
// faster than the answer.
func markOpen(ctx context.Context, tx *db.Tx, id SessionID, p Page) error {
	_, err := tx.Exec(ctx, `
		UPDATE payment_session
		SET state = 'open', ref = $1, url = $2, opened_at = $3, attempts = attempts + 1, error = ''
		WHERE id = $4 AND state = 'begun'`, p.Ref, p.URL, tx.Now(), string(id))
	return err
}

func markNotOpen(ctx context.Context, tx *db.Tx, id SessionID, state SessionState, cause string) error {
	var closed time.Time
	if state == Failed {
		closed = tx.Now()
	}
	_, err := tx.Exec(ctx, `
		UPDATE payment_session SET state = $1, closed_at = $2, attempts = attempts + 1, error = $3
		WHERE id = $4 AND state = 'begun'`, string(state), closed, cause, string(id))
	return err
}

func markExpired(ctx context.Context, tx *db.Tx, id SessionID) error {
	_, err := tx.Exec(ctx, `
		UPDATE payment_session SET state = 'expired', closed_at = $1
		WHERE id = $2 AND state IN ('begun', 'open')`, tx.Now(), string(id))
	return err
}

func markPaid(ctx context.Context, tx *db.Tx, id SessionID, ref string) error {
	_, err := tx.Exec(ctx, `
		UPDATE payment_session SET state = 'paid', closed_at = $1, ref = COALESCE(ref, $2)
		WHERE id = $3 AND state <> 'paid'`, tx.Now(), nullable(ref), string(id))
	return err
}

// effect reports whether this is the first time for key; it holds the key
// until the transaction ends.
func effect(ctx context.Context, tx *db.Tx, key string) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO payment_effect (key, at) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING`, key, tx.Now())
	return n == 1, err
}

func insertCharge(ctx context.Context, tx *db.Tx, c Charge) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO payment_charge (id, session_id, order_ref, processor, payment, ref, amount, currency, live,
			duplicate, email, card_brand, card_last4, card_country, at, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		string(c.ID), string(c.Session), c.Order, c.Processor, c.Payment, c.Ref, c.Amount.Minor, string(c.Amount.Currency), c.Live,
		c.Duplicate, c.Email, c.Card.Brand, c.Card.Last4, c.Card.Country, c.At, c.Recorded)
	return err
}

// Rehearsed reports whether any charge took no real money: what was delivered
// for it was paid by nobody.
func Rehearsed(ctx context.Context, tx *db.Tx) (bool, error) {
	var one int64
	err := tx.QueryRow(ctx, `SELECT 1 FROM payment_charge WHERE live = $1 LIMIT 1`, false).Scan(&one)
	if errors.Is(err, db.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// Charges returns every charge of an order, the oldest first.
func Charges(ctx context.Context, tx *db.Tx, order string) ([]Charge, error) {
	scan := func(scan func(...any) error) (c Charge, err error) {
		err = scan(&c.ID, &c.Session, &c.Order, &c.Processor, &c.Payment, &c.Ref, &c.Amount.Minor, &c.Amount.Currency, &c.Live,
			&c.Duplicate, &c.Email, &c.Card.Brand, &c.Card.Last4, &c.Card.Country, &c.At, &c.Recorded)
		return c, err
	}
	return db.All(ctx, tx, scan, `
		SELECT id, session_id, order_ref, processor, payment, ref, amount, currency, live,
			duplicate, email, card_brand, card_last4, card_country, at, recorded_at
		FROM payment_charge WHERE order_ref = $1 ORDER BY recorded_at, id`, order)
}
