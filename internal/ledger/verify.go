package ledger

import (
	"context"
	"errors"
	"fmt"

	"safelight/internal/db"
)

// ErrBroken means that the stored rows contradict each other; the error that
// wraps it names the row and the difference.
var ErrBroken = errors.New("the ledger contradicts itself")

func broken(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrBroken}, args...)...)
}

// A Report counts what was verified.
type Report struct {
	Transactions int64
	Lots         int64
	OpenHolds    int64
	Blocks       int64
	Unsealed     int64 // transactions that no block seals yet
}

func (r Report) String() string {
	return fmt.Sprintf("ledger ok: %d transactions, %d lots, %d open holds", r.Transactions, r.Lots, r.OpenHolds)
}

// Verify rebuilds every balance, lot and hold from the entries alone, compares
// them with what is stored, and recomputes the hash chain, all of one moment.
// The first contradiction is an error that wraps [ErrBroken]. It reads in
// streams: its memory grows with one group of owners, not with the history.
func Verify(ctx context.Context, d *db.DB) (Report, error) {
	return db.Ask(ctx, d, func(tx *db.Tx) (Report, error) { return verifyIn(ctx, tx) })
}

func verifyIn(ctx context.Context, tx *db.Tx) (Report, error) {
	v := verifier{ctx: ctx, tx: tx}
	for _, step := range []func() error{v.strays, v.owners, v.unlisted, v.restores, v.chain} {
		if err := step(); err != nil {
			return v.Report, err
		}
	}
	return v.Report, nil
}

type verifier struct {
	Report
	ctx context.Context // of the one call of Verify that this lives for
	tx  *db.Tx
}

// strays are rows that nothing stands for.
func (v *verifier) strays() error {
	for _, q := range []struct{ what, query string }{
		{"ledger_txn %s: its owner has no row", `SELECT t.txn FROM ledger_txn t LEFT JOIN ledger_owner o ON o.owner = t.owner WHERE o.owner IS NULL LIMIT 1`},
		{"ledger_entry of %s: there is no such transaction", `SELECT e.txn FROM ledger_entry e LEFT JOIN ledger_txn t ON t.txn = e.txn WHERE t.txn IS NULL LIMIT 1`},
		{"ledger_lot %s: no entry issues it", `SELECT l.lot FROM ledger_lot l WHERE NOT EXISTS (
			SELECT 1 FROM ledger_entry e WHERE e.txn = l.txn AND e.lot = l.lot AND e.to_account = 'available') LIMIT 1`},
		{"ledger_lot %s: its owner has no row", `SELECT l.lot FROM ledger_lot l LEFT JOIN ledger_owner o ON o.owner = l.owner WHERE o.owner IS NULL LIMIT 1`},
	} {
		var row string
		switch err := v.tx.QueryRow(v.ctx, q.query).Scan(&row); {
		case err == nil:
			return broken(q.what, row)
		case !errors.Is(err, db.ErrNoRows):
			return err
		}
	}
	return nil
}

// unlisted finds that there are transactions which no owner's list reached: the
// lists have as many as were counted, each once.
func (v *verifier) unlisted() error {
	var n int64
	err := v.tx.QueryRow(v.ctx, `SELECT count(*) FROM ledger_txn`).Scan(&n)
	if err == nil && n != v.Transactions {
		return broken("ledger_txn: there are %d, the lists of the owners have %d", n, v.Transactions)
	}
	return err
}

// restores finds a hold of which more was given back than was spent.
func (v *verifier) restores() error {
	return v.tx.Together(v.ctx, db.Statement{Query: `
		SELECT t.hold, CAST(sum(t.amount) AS BIGINT), COALESCE(max(c.amount), 0) FROM ledger_txn t
		LEFT JOIN ledger_txn c ON c.txn = 'end_' || substr(t.hold, 6) AND c.owner = t.owner AND c.kind = 'capture'
		WHERE t.kind = 'restore' GROUP BY t.hold`,
		Row: func(scan func(...any) error) error {
			var hold string
			var restored, captured int64
			if err := scan(&hold, &restored, &captured); err != nil {
				return err
			}
			if restored > captured {
				return broken("ledger_txn %s: %d was captured, %d restored", hold, captured, restored)
			}
			return nil
		}})
}

// chain recomputes the blocks, some at a time.
func (v *verifier) chain() error {
	var last int64
	previous := ""
	for {
		blocks, err := db.All(v.ctx, v.tx, scanBlock, `SELECT block, txns, hash FROM ledger_block WHERE block > $1 ORDER BY block LIMIT 200`, last)
		if err != nil {
			return err
		}
		if len(blocks) == 0 {
			return v.chainEnd(last, previous)
		}
		if previous, err = v.links(blocks, last, previous); err != nil {
			return err
		}
		last += int64(len(blocks))
		v.Blocks = last
	}
}

type block struct {
	number, txns int64
	hash         string
}

func scanBlock(scan func(...any) error) (b block, err error) {
	err = scan(&b.number, &b.txns, &b.hash)
	return b, err
}

// links checks consecutive blocks after number last, whose hash is previous.
func (v *verifier) links(blocks []block, last int64, previous string) (string, error) {
	for i, b := range blocks {
		if b.number != last+int64(i)+1 {
			return "", broken("ledger_block %d: missing", last+int64(i)+1)
		}
	}
	at := 0
	s := newSealer(blocks[0].number, previous)
	finish := func() error {
		if b := blocks[at]; s.sum() != b.hash || s.txns != b.txns {
			return broken("ledger_block %d: its %d transactions do not have the hash that %d had", b.number, s.txns, b.txns)
		}
		previous = blocks[at].hash
		return nil
	}
	err := history(v.ctx, v.tx, ofBlocks(`t.block > $1 AND t.block <= $2`),
		[]any{last, blocks[len(blocks)-1].number}, func(l *line) error {
			for l.block != blocks[at].number {
				if err := finish(); err != nil {
					return err
				}
				at++
				s = newSealer(blocks[at].number, previous)
			}
			s.add(l)
			return nil
		})
	for ; err == nil; at++ {
		if err = finish(); err != nil || at == len(blocks)-1 {
			break
		}
		s = newSealer(blocks[at+1].number, previous)
	}
	return previous, err
}

func (v *verifier) chainEnd(last int64, previous string) error {
	var b block
	err := v.tx.QueryRow(v.ctx, `SELECT block, hash FROM ledger_chain WHERE chain = 'credits'`).Scan(&b.number, &b.hash)
	if err != nil && !errors.Is(err, db.ErrNoRows) {
		return err
	}
	if b.number != last || b.hash != previous {
		return broken("ledger_chain: it ends at block %d, the blocks at %d", b.number, last)
	}
	err = v.tx.QueryRow(v.ctx, `SELECT COALESCE(sum(CASE WHEN block = 0 THEN 1 ELSE 0 END), 0), COALESCE(sum(CASE WHEN block < 0 OR block > $1 THEN 1 ELSE 0 END), 0)
		FROM ledger_txn WHERE block <= 0 OR block > $1`, last).Scan(&v.Unsealed, &b.txns)
	if err == nil && b.txns > 0 {
		return broken("ledger_txn: %d are in blocks that do not exist", b.txns)
	}
	return err
}
