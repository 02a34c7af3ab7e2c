package ledger

import (
	"context"

	"safelight/internal/db"
)

// blockSize is how many transactions a block seals at most: few enough that
// sealing holds up nobody on SQLite.
const blockSize = 1000

// Seal puts transactions that are committed and not sealed yet into the next
// block of the hash chain, and returns how many; [SealAll] at every tick seals
// them all. The order of a block is that of the
// ids in it; a transaction that is committed late comes into a later block, so
// that nothing needs to know when others end.
func Seal(ctx context.Context, tx *db.Tx) (int64, error) {
	var block int64
	var previous string
	err := tx.QueryRow(ctx, `
		INSERT INTO ledger_chain (chain, block, hash) VALUES ('credits', 0, '')
		ON CONFLICT (chain) DO UPDATE SET block = ledger_chain.block RETURNING block, hash`).Scan(&block, &previous)
	if err != nil {
		return 0, err
	}
	block++
	n, err := tx.Exec(ctx, `
		UPDATE ledger_txn SET block = $1 WHERE txn IN (SELECT txn FROM ledger_txn WHERE block = 0 ORDER BY txn LIMIT $2)`, block, blockSize)
	if err != nil || n == 0 {
		return 0, err
	}
	s := newSealer(block, previous)
	err = history(ctx, tx, ofBlocks(`t.block = $1`), []any{block}, func(l *line) error {
		s.add(l)
		return nil
	})
	if err != nil {
		return 0, err
	}
	sum := s.sum()
	if err := tx.Later(ctx, `INSERT INTO ledger_block (block, txns, hash, at) VALUES ($1, $2, $3, $4)`, block, n, sum, tx.Now()); err != nil {
		return 0, err
	}
	return n, tx.Later(ctx, `UPDATE ledger_chain SET block = $1, hash = $2 WHERE chain = 'credits'`, block, sum)
}

// SealAll seals until nothing is left, each block in its own transaction.
func SealAll(ctx context.Context, d *db.DB) error {
	for {
		n, err := db.Do(ctx, d, func(tx *db.Tx) (int64, error) { return Seal(ctx, tx) })
		if err != nil || n < blockSize {
			return err
		}
	}
}
