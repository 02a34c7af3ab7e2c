package order

import (
	"context"
	"errors"
	"fmt"
	"time"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/id"
	"safelight/internal/payment"
)

// insert gives the order its number and writes it. A number that exists
// already, one in 700 million a day, is drawn again; a key that another one has
// taken this moment is [ErrTwice].
func insert(ctx context.Context, tx *db.Tx, o *Order, key string) error {
	for {
		o.Number = number(o.PlacedAt)
		p := o.Proof
		n, err := tx.Exec(ctx, `
			INSERT INTO order_purchase (id, number, account, email, item, name, quantity, credits, bonus, lasts, amount, currency,
				lang, state, statement, statement_lang, policy_version, policy_hash, prevailing, control, ip, user_agent,
				session, payment, extra, placed_at, once)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, '', '', 0, $23, $24)
			ON CONFLICT DO NOTHING`,
			o.ID, o.Number, o.Account, o.Email, o.Item, o.Name, o.Quantity, o.Credits, o.Bonus, int64(o.Lasts), o.Amount.Minor, o.Amount.Currency,
			o.Lang, o.State, p.Text, p.Lang, p.Version, p.Hash, p.Prevailing, p.Control, p.IP, p.UserAgent, o.PlacedAt, key)
		if err != nil {
			return fmt.Errorf("order: write: %w", err)
		}
		if n == 1 {
			return nil
		}
		if _, err := byKey(ctx, tx, o.Account, key); err == nil {
			return ErrTwice
		}
	}
}

func setSession(ctx context.Context, tx *db.Tx, o ID, s payment.SessionID) error {
	return tx.ExecOne(ctx, `UPDATE order_purchase SET session = $1 WHERE id = $2`, s, o)
}

const columns = `id, number, account, email, item, name, quantity, credits, bonus, lasts, amount, currency, lang, state,
	statement, statement_lang, policy_version, policy_hash, prevailing, control, ip, user_agent, session, payment, extra, placed_at, paid_at`

func scan(scan func(...any) error) (o Order, err error) {
	var lasts int64
	err = scan(&o.ID, &o.Number, &o.Account, &o.Email, &o.Item, &o.Name, &o.Quantity, &o.Credits, &o.Bonus, &lasts, &o.Amount.Minor, &o.Amount.Currency,
		&o.Lang, &o.State, &o.Proof.Text, &o.Proof.Lang, &o.Proof.Version, &o.Proof.Hash, &o.Proof.Prevailing, &o.Proof.Control, &o.Proof.IP,
		&o.Proof.UserAgent, &o.Session, &o.Payment, &o.Extra, &o.PlacedAt, &o.PaidAt)
	o.Lasts = time.Duration(lasts)
	return o, err
}

// Find gives an account's own order; another's is [ErrNotFound].
func Find(ctx context.Context, tx *db.Tx, who account.ID, o ID) (Order, error) {
	if !id.Valid("ord", string(o)) {
		return Order{}, ErrNotFound
	}
	return found(scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM order_purchase WHERE id = $1 AND account = $2`, o, who).Scan))
}

// byID gives an order to the program itself.
func byID(ctx context.Context, tx *db.Tx, o ID) (Order, error) {
	return found(scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM order_purchase WHERE id = $1`, o).Scan))
}

func byKey(ctx context.Context, tx *db.Tx, who account.ID, key string) (Order, error) {
	return found(scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM order_purchase WHERE account = $1 AND once = $2 AND once <> ''`, who, key).Scan))
}

func found(o Order, err error) (Order, error) {
	if errors.Is(err, db.ErrNoRows) {
		return Order{}, ErrNotFound
	}
	return o, err
}

// List gives an account's orders, newest first; before is the last id of the
// page before, or empty.
func List(ctx context.Context, tx *db.Tx, who account.ID, before ID, limit int) ([]Order, error) {
	return db.All(ctx, tx, scan, `SELECT `+columns+` FROM order_purchase
		WHERE account = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3`, who, before, limit)
}

// markPaid moves the order to paid and reports whether this call did it.
func markPaid(ctx context.Context, tx *db.Tx, o ID, ref string) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE order_purchase SET state = 'paid', paid_at = $1, payment = $2 WHERE id = $3 AND state <> 'paid'`, tx.Now(), ref, o)
	return n == 1, err
}

func markExtra(ctx context.Context, tx *db.Tx, o ID) error {
	return tx.ExecOne(ctx, `UPDATE order_purchase SET extra = extra + 1 WHERE id = $1`, o)
}

// expire closes the orders that nobody paid since the given moment.
func expire(ctx context.Context, tx *db.Tx, before time.Time) (int64, error) {
	return tx.Exec(ctx, `UPDATE order_purchase SET state = 'expired' WHERE state = 'placed' AND placed_at < $1`, before)
}
