package ledger

import (
	"context"
	"errors"
	"math"
	"strings"
	"time"

	"safelight/internal/db"
	"safelight/internal/money"
)

// never is how the column expires says that a lot does not.
const never = math.MaxInt64

// standing is an owner's row: the number of its last transaction, which that
// is and which was before it, the balances after it, and how many freezes are
// in force.
type standing struct {
	owner                        Owner
	last, previous               TxnID
	seq, available, held, frozen int64
}

const standingColumns = `owner, last, previous, seq, available, held, frozen`

func (s *standing) scan(scan func(...any) error) error {
	return scan(&s.owner, &s.last, &s.previous, &s.seq, &s.available, &s.held, &s.frozen)
}

// locks makes the owner's row if there is none, and keeps it for this
// transaction: all verbs of one owner run one after another.
const locks = `
	INSERT INTO ledger_owner (` + standingColumns + `) VALUES ($1, '', '', 0, 0, 0, 0)
	ON CONFLICT (owner) DO UPDATE SET seq = ledger_owner.seq
	RETURNING ` + standingColumns

func lock(o Owner, s *standing) db.Statement {
	return db.Statement{Query: locks, Args: []any{string(o)}, Row: s.scan}
}

func (s *standing) save(ctx context.Context, tx *db.Tx) error {
	return tx.Later(ctx, `
		UPDATE ledger_owner SET last = $2, previous = $3, seq = $4, available = $5, held = $6, frozen = $7 WHERE owner = $1`,
		string(s.owner), string(s.last), string(s.previous), s.seq, s.available, s.held, s.frozen)
}

// takes locks the owner and moves an amount from available to held, as hold h,
// if it is there: whether lots can give it is seen in them. (It has no
// RETURNING, which costs SQLite more than to read the row after it.)
func takes(o Owner, h TxnID, amount int64, changed *int64) db.Statement {
	return db.Statement{Query: `
	UPDATE ledger_owner SET previous = last, last = $2, seq = seq + 1, available = available - $3, held = held + $3
	WHERE owner = $1 AND frozen = 0 AND available >= $3`, Args: []any{string(o), string(h), amount}, Changed: changed}
}

// stands reads the owner's row, and the transaction with this key if there is
// one.
func stands(o Owner, key string, s *standing, seen *TxnID, request *string) db.Statement {
	s.owner = o
	return db.Statement{Query: `
	SELECT o.previous, o.seq, o.available, o.held, COALESCE(k.txn, ''), COALESCE(k.request, '')
	FROM ledger_owner o LEFT JOIN ledger_txn k ON k.key = $2 AND k.key <> '' AND k.owner = o.owner WHERE o.owner = $1`,
		Args: []any{string(o), key}, Row: func(scan func(...any) error) error {
			return scan(&s.previous, &s.seq, &s.available, &s.held, seen, request)
		}}
}

// settles locks the owner of a hold and takes the hold out of held: captured of
// it is gone, the rest available. (UPDATE … FROM would cost SQLite a table in
// memory.)
func settles(h HoldID, captured int64, changed *int64) db.Statement {
	return db.Statement{Query: `
	UPDATE ledger_owner SET previous = last, last = $2, seq = seq + 1,
		(available, held) = (SELECT ledger_owner.available + h.amount - $3, ledger_owner.held - h.amount FROM ledger_txn h WHERE h.txn = $1)
	WHERE owner = (SELECT h.owner FROM ledger_txn h WHERE h.txn = $1 AND h.kind = 'hold' AND h.amount >= $3)
		AND held >= (SELECT h.amount FROM ledger_txn h WHERE h.txn = $1)`,
		Args: []any{string(h), string(settlementOf(h)), captured}, Changed: changed}
}

// undo takes back what takes or settles did, for a caller that goes on after
// the error.
func (s standing) undo(ctx context.Context, tx *db.Tx, available, held int64) error {
	return tx.Later(ctx, `
		UPDATE ledger_owner SET last = previous, seq = seq - 1, available = available - $2, held = held - $3,
			previous = COALESCE((SELECT t.previous FROM ledger_txn t WHERE t.txn = ledger_owner.previous), '')
		WHERE owner = $1`, string(s.owner), available, held)
}

// A record is a transaction as it is stored.
type record struct {
	id                                 TxnID
	owner                              Owner
	seq                                int64
	previous                           TxnID // of the owner; "" for the first
	kind                               Kind
	key, request, source, hold, detail string
	amount                             int64
	at                                 time.Time
	available, held                    int64
}

const recordColumns = `t.txn, t.owner, t.seq, t.previous, t.kind, t.key, t.request, t.source, t.hold, t.detail, t.amount, t.at, t.available, t.held`

func (r *record) dest() []any {
	return []any{&r.id, &r.owner, &r.seq, &r.previous, &r.kind, &r.key, &r.request, &r.source, &r.hold, &r.detail, &r.amount, &r.at, &r.available, &r.held}
}

// byKey finds the owner's transaction with this key; r.id stays empty if there
// is none.
func byKey(o Owner, key string, r *record) db.Statement {
	return db.Statement{Query: `SELECT ` + recordColumns + ` FROM ledger_txn t WHERE t.key = $1 AND t.key <> '' AND t.owner = $2`,
		Args: []any{key, string(o)}, Row: func(scan func(...any) error) error { return scan(r.dest()...) }}
}

// happened reports whether there is a transaction with this id.
func happened(ctx context.Context, tx *db.Tx, t TxnID) (bool, error) {
	var n int64
	err := tx.QueryRow(ctx, `SELECT count(*) FROM ledger_txn WHERE txn = $1`, string(t)).Scan(&n)
	return n > 0, err
}

func insertRecord(ctx context.Context, tx *db.Tx, r *record) error {
	return tx.Later(ctx, `
		INSERT INTO ledger_txn (txn, owner, seq, previous, kind, key, request, source, hold, detail, amount, at, available, held, block)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0)`,
		string(r.id), string(r.owner), r.seq, string(r.previous), string(r.kind), r.key, r.request, r.source, r.hold, r.detail, r.amount, r.at, r.available, r.held)
}

// An entry moves an amount of one lot from an account to another.
type entry struct {
	lot      LotID
	from, to Account
	amount   int64
}

const maxRows = 8 // of one INSERT, so that there are few texts to prepare

var insertEntries = func() (texts [maxRows + 1]string) {
	for n := 1; n <= maxRows; n++ {
		var b strings.Builder
		b.WriteString(`INSERT INTO ledger_entry (txn, n, lot, from_account, to_account, amount) VALUES `)
		for i := range n {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(placeholders(i*6+1, 6))
		}
		texts[n] = b.String()
	}
	return texts
}()

func placeholders(from, n int) string {
	s := "("
	for i := range n {
		if i > 0 {
			s += ", "
		}
		s += "$" + itoa(from+i)
	}
	return s + ")"
}

func saveEntries(ctx context.Context, tx *db.Tx, t TxnID, entries []entry) error {
	for start := 0; start < len(entries); start += maxRows {
		some := entries[start:min(start+maxRows, len(entries))]
		args := make([]any, 0, 6*len(some))
		for i, e := range some {
			args = append(args, string(t), int64(start+i+1), string(e.lot), string(e.from), string(e.to), e.amount)
		}
		if err := tx.Later(ctx, insertEntries[len(some)], args...); err != nil {
			return err
		}
	}
	return nil
}

// entriesOf reads the entries of some transactions in their order.
func entriesOf(ctx context.Context, tx *db.Tx, t TxnID) ([]entry, error) {
	return db.All(ctx, tx, scanEntry, `SELECT lot, from_account, to_account, amount FROM ledger_entry WHERE txn = $1 ORDER BY n`, string(t))
}

func scanEntry(scan func(...any) error) (e entry, err error) {
	err = scan(&e.lot, &e.from, &e.to, &e.amount)
	return e, err
}

// moveLot changes what is left of a lot. One that lasts has something left
// before and after, and its change touches no index.
func moveLot(ctx context.Context, tx *db.Tx, lot LotID, c change, lasts bool) error {
	switch {
	case c.remaining == 0 && c.spent == 0:
		return tx.Later(ctx, `UPDATE ledger_lot SET held = held + $2 WHERE lot = $1`, string(lot), c.held)
	case lasts:
		return tx.Later(ctx, `UPDATE ledger_lot SET remaining = remaining + $2, held = held + $3, spent = spent + $4 WHERE lot = $1`,
			string(lot), c.remaining, c.held, c.spent)
	}
	return tx.Later(ctx, `
		UPDATE ledger_lot SET remaining = remaining + $2, held = held + $3, spent = spent + $4,
			live = CASE WHEN remaining + $2 > 0 THEN 1 ELSE 0 END
		WHERE lot = $1`, string(lot), c.remaining, c.held, c.spent)
}

func freezeLot(ctx context.Context, tx *db.Tx, lot LotID, by int64) error {
	return tx.Later(ctx, `UPDATE ledger_lot SET frozen = frozen + $2 WHERE lot = $1`, string(lot), by)
}

const lotColumns = `l.lot, l.owner, l.txn, l.class, l.granted, l.price_minor, l.currency, l.order_ref, l.parent,
	l.effective, l.expires, l.priority, l.at, l.remaining, l.held, l.spent, l.frozen`

// lotRow is a lot as it is stored.
type lotRow struct {
	Lot
	txn    TxnID
	frozen int64
}

func scanLot(scan func(...any) error) (l lotRow, err error) {
	var currency string
	var expires int64
	err = scan(&l.ID, &l.Owner, &l.txn, &l.Class, &l.Granted, &l.Price.Minor, &currency, &l.Order, &l.Parent,
		&l.Effective, &expires, &l.Priority, &l.At, &l.Remaining, &l.Held, &l.Spent, &l.frozen)
	l.Price.Currency, l.Frozen = money.Currency(currency), l.frozen > 0
	if expires != never {
		l.Expires = time.UnixMicro(expires).UTC()
	}
	return l, err
}

func insertLot(ctx context.Context, tx *db.Tx, l Lot, t TxnID) error {
	expires := int64(never)
	if !l.Expires.IsZero() {
		expires = l.Expires.UnixMicro()
	}
	return tx.Later(ctx, `
		INSERT INTO ledger_lot (lot, owner, txn, class, rank, granted, price_minor, currency, order_ref, parent,
			effective, expires, priority, at, remaining, held, spent, frozen, live)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, 0, 0, 1)`,
		string(l.ID), string(l.Owner), string(t), string(l.Class), rank[l.Class], l.Granted, l.Price.Minor, string(l.Price.Currency),
		l.Order, string(l.Parent), l.Effective, expires, l.Priority, l.At, l.Remaining)
}

// spendOrder is the published order of spending.
const spendOrder = ` ORDER BY l.priority, l.expires, l.rank, l.at, l.lot`

// spendable are the lots that can give at the moment now, in the order of
// spending: the first of them, or all. The bound is a literal: SQLite plans a
// statement anew for each bound that it is given.
func spendable(o Owner, now time.Time, all bool, free *[]Part) db.Statement {
	limit := " LIMIT " + itoa(firstLots)
	if all {
		limit = ""
	}
	return db.Statement{Query: `
	SELECT l.lot, l.remaining - l.held FROM ledger_lot l
	WHERE l.owner = $1 AND l.live = 1 AND l.frozen = 0 AND l.expires > $2 AND l.effective <= $2 AND l.remaining > l.held` +
		spendOrder + limit, Args: []any{string(o), now},
		Row: func(scan func(...any) error) error {
			var p Part
			if err := scan(&p.Lot, &p.Amount); err != nil {
				return err
			}
			*free = append(*free, p)
			return nil
		}}
}

// liveLots are the owner's lots of which something remains, in the order of
// spending.
func liveLots(ctx context.Context, tx *db.Tx, o Owner) ([]lotRow, error) {
	return db.All(ctx, tx, scanLot, `SELECT `+lotColumns+` FROM ledger_lot l WHERE l.owner = $1 AND l.live = 1`+spendOrder, string(o))
}

// findLots reads named lots, in the order of their names given; all must be
// the owner's.
func findLots(ctx context.Context, tx *db.Tx, o Owner, ids []LotID) ([]lotRow, error) {
	all := make([]lotRow, 0, len(ids))
	for _, id := range ids {
		l, err := scanLot(tx.QueryRow(ctx, `SELECT `+lotColumns+` FROM ledger_lot l WHERE l.lot = $1 AND l.owner = $2`, string(id), string(o)).Scan)
		if errors.Is(err, db.ErrNoRows) {
			return nil, ErrNoLot
		}
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, nil
}

// findHold reads a hold with what became of it, its parts, and its owner's row.
// Lasting says that each of its lots has more left than the hold took of it.
// (What is left of a lot is a subquery: PostgreSQL would read all lots for a
// join, where it does not know yet how few a hold has.)
func findHold(h HoldID, r *Reservation, s *standing, lasting *bool) db.Statement {
	*lasting = true
	return db.Statement{Query: `
	SELECT h.owner, h.amount, h.source, h.at, o.previous, o.seq, o.available, o.held, e.lot, e.amount,
		COALESCE((SELECT l.remaining FROM ledger_lot l WHERE l.lot = e.lot), 0), COALESCE(r.kind, ''), COALESCE(r.amount, 0)
	FROM ledger_txn h JOIN ledger_owner o ON o.owner = h.owner JOIN ledger_entry e ON e.txn = h.txn
	LEFT JOIN ledger_txn r ON r.txn = $2
	WHERE h.txn = $1 AND h.kind = 'hold' ORDER BY e.n`, Args: []any{string(h), string(settlementOf(h))},
		Row: func(scan func(...any) error) error {
			var p Part
			var ended Kind
			var remaining, amount int64
			err := scan(&r.Owner, &r.Amount, &r.Source, &r.At, &s.previous, &s.seq, &s.available, &s.held, &p.Lot, &p.Amount, &remaining,
				&ended, &amount)
			*lasting = *lasting && remaining > p.Amount
			s.owner, r.ID, r.State, r.Parts = r.Owner, h, Open, append(r.Parts, p)
			switch ended {
			case Captured:
				r.State, r.Captured = WasCaptured, amount
			case Released:
				r.State = WasReleased
			}
			return err
		}}
}

// restoredOf is how much of each lot was given back of a hold.
func restoredOf(h HoldID, back map[LotID]int64) db.Statement {
	return db.Statement{Query: `
	SELECT e.lot, CAST(sum(e.amount) AS BIGINT) FROM ledger_txn t JOIN ledger_entry e ON e.txn = t.txn
	WHERE t.kind = 'restore' AND t.hold = $1 GROUP BY e.lot`, Args: []any{string(h)},
		Row: func(scan func(...any) error) error {
			var p Part
			err := scan(&p.Lot, &p.Amount)
			back[p.Lot] = p.Amount
			return err
		}}
}

// due are owners with credits that are over, to be booked as such.
func due(ctx context.Context, tx *db.Tx, now time.Time, limit int) ([]Owner, error) {
	return db.All(ctx, tx, db.One[Owner], `
		SELECT DISTINCT owner FROM ledger_lot WHERE live = 1 AND expires <= $1 AND remaining > held ORDER BY owner LIMIT $2`, now, limit)
}
