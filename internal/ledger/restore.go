package ledger

import (
	"context"
	"fmt"
	"slices"

	"safelight/internal/db"
)

// Restore gives captured credits of a hold back to the lots that they were
// spent from, the last spent first; together never more than was captured
// ([ErrRestore]). What goes back to an expired lot is not spendable.
func Restore(ctx context.Context, tx *db.Tx, c Cause, h HoldID, amount int64) ([]Part, error) {
	if err := checkAmount(amount); err != nil {
		return nil, err
	}
	s, r, seen, err := open(ctx, tx, c, Restored, c.fingerprint(Restored, h, amount))
	if err != nil {
		return nil, err
	}
	if seen {
		return partsOf(ctx, tx, r.id)
	}
	var held Reservation
	back := map[LotID]int64{}
	if err := tx.Together(ctx, findHold(h, &held, &standing{}, new(bool)), restoredOf(h, back)); err != nil {
		return nil, err
	}
	if held.Owner != c.Owner {
		return nil, fmt.Errorf("ledger: restore %s: %w", h, ErrNoHold)
	}
	spent, _ := allot(held.Parts, held.Captured)
	for i := range spent {
		spent[i].Amount -= back[spent[i].Lot]
	}
	slices.Reverse(spent)
	parts, short := allot(spent, amount)
	if short > 0 {
		return nil, fmt.Errorf("ledger: restore %d of %s: %w", amount, h, ErrRestore)
	}
	r.hold, r.amount = string(h), amount
	return parts, post(ctx, tx, s, r, move(parts, Consumed, Available))
}

// partsOf reads how a transaction of one move per lot was shared out.
func partsOf(ctx context.Context, tx *db.Tx, t TxnID) ([]Part, error) {
	entries, err := entriesOf(ctx, tx, t)
	parts := make([]Part, len(entries))
	for i, e := range entries {
		parts[i] = Part{e.lot, e.amount}
	}
	return parts, err
}
