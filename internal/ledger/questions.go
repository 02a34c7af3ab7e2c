package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"safelight/internal/db"
)

// A Balance is what an owner has at one moment.
type Balance struct {
	Spendable int64 // can be held now; 0 while frozen
	Held      int64 // set aside for jobs
	Frozen    bool
}

// BalanceOf tells the owner's balance at tx.Now(). An unknown owner has nothing.
func BalanceOf(ctx context.Context, tx *db.Tx, o Owner) (b Balance, err error) {
	err = tx.QueryRow(ctx, `
		SELECT o.held, CASE WHEN o.frozen > 0 THEN 1 ELSE 0 END, CAST(COALESCE((
			SELECT sum(l.remaining - l.held) FROM ledger_lot l
			WHERE l.owner = $1 AND l.live = 1 AND l.frozen = 0 AND l.expires > $2 AND l.effective <= $2), 0) AS BIGINT)
		FROM ledger_owner o WHERE o.owner = $1`, string(o), tx.Now()).Scan(&b.Held, &b.Frozen, &b.Spendable)
	if b.Frozen {
		b.Spendable = 0
	}
	if errors.Is(err, db.ErrNoRows) {
		return Balance{}, nil
	}
	return b, err
}

// Lots are the owner's lots of which something remains, in the order of
// spending; expired ones that were not booked yet are among them.
func Lots(ctx context.Context, tx *db.Tx, o Owner) ([]Lot, error) {
	rows, err := liveLots(ctx, tx, o)
	return plain(rows), err
}

// AllLots are all lots that the owner ever had, the oldest first.
func AllLots(ctx context.Context, tx *db.Tx, o Owner) ([]Lot, error) {
	rows, err := db.All(ctx, tx, scanLot, `SELECT `+lotColumns+` FROM ledger_lot l WHERE l.owner = $1 ORDER BY l.lot`, string(o))
	return plain(rows), err
}

// LotsOfOrder are the lots that came with an order, spent ones too. The order
// must not be "".
func LotsOfOrder(ctx context.Context, tx *db.Tx, order string) ([]Lot, error) {
	rows, err := db.All(ctx, tx, scanLot, `SELECT `+lotColumns+` FROM ledger_lot l WHERE l.order_ref = $1 AND l.order_ref <> '' ORDER BY l.lot`, order)
	return plain(rows), err
}

// FindHold reads a hold, or returns [ErrNoHold].
func FindHold(ctx context.Context, tx *db.Tx, h HoldID) (Reservation, error) {
	var r Reservation
	if err := tx.Together(ctx, findHold(h, &r, &standing{}, new(bool))); err != nil {
		return Reservation{}, err
	}
	if r.ID == "" {
		return Reservation{}, fmt.Errorf("ledger: %s: %w", h, ErrNoHold)
	}
	return r, nil
}

// A Step is one entry of a movement: an amount of a lot goes from one account
// to another.
type Step struct {
	Lot      LotID
	From, To Account
	Amount   int64
}

// A Movement is one transaction of an owner. Available and Held are the
// balances after it, with what has expired but was not booked yet.
type Movement struct {
	ID        TxnID
	Seq       int64 // 1, 2, 3 … for each owner
	Previous  TxnID // the owner's movement before; "" for the first
	Kind      Kind
	Amount    int64 // of a capture: what was spent
	Source    string
	Hold      HoldID // of a capture, release or restore
	At        time.Time
	Available int64
	Held      int64
	Steps     []Step
}

// Change is by how much the movement changed what the owner has, held or not.
func (m Movement) Change() (sum int64) {
	for _, s := range m.Steps {
		sum += s.Amount * (side(s.To).remaining - side(s.From).remaining)
	}
	return sum
}

// A Page asks for at most Limit movements (50 if 0) older than the owner's
// movement Before (the newest if "").
type Page struct {
	Before TxnID
	Limit  int
}

// onePage follows the owner's list, from its end or from before a movement.
const onePage = `
	WITH RECURSIVE list (n, txn) AS (
		SELECT 1, CASE WHEN $2 = '' THEN o.last ELSE (SELECT b.previous FROM ledger_txn b WHERE b.txn = $2 AND b.owner = $1) END
		FROM ledger_owner o WHERE o.owner = $1
		UNION ALL SELECT l.n + 1, (SELECT t.previous FROM ledger_txn t WHERE t.txn = l.txn) FROM list l WHERE l.n < $3 AND l.txn <> '')
	SELECT ` + recordColumns + `, COALESCE(e.lot, ''), COALESCE(e.from_account, ''), COALESCE(e.to_account, ''), COALESCE(e.amount, 0)
	FROM list l JOIN ledger_txn t ON t.txn = l.txn LEFT JOIN ledger_entry e ON e.txn = t.txn ORDER BY l.n, e.n`

// Movements is the owner's statement, the newest first. The next page is before
// the last one's ID, and there is one if that has a Previous.
func Movements(ctx context.Context, tx *db.Tx, o Owner, p Page) ([]Movement, error) {
	if p.Limit <= 0 {
		p.Limit = 50
	}
	all := []Movement{}
	err := tx.Together(ctx, db.Statement{Query: onePage, Args: []any{string(o), string(p.Before), p.Limit},
		Row: func(scan func(...any) error) error {
			var r record
			var s Step
			if err := scan(append(r.dest(), &s.Lot, &s.From, &s.To, &s.Amount)...); err != nil {
				return err
			}
			if len(all) == 0 || all[len(all)-1].ID != r.id {
				all = append(all, Movement{ID: r.id, Seq: r.seq, Previous: r.previous, Kind: r.kind, Amount: r.amount, Source: r.source,
					Hold: HoldID(r.hold), At: r.at, Available: r.available, Held: r.held})
			}
			if m := &all[len(all)-1]; s.Amount > 0 {
				m.Steps = append(m.Steps, s)
			}
			return nil
		}})
	return all, err
}
