package ledger

import (
	"context"
	"fmt"

	"safelight/internal/db"
)

// Reinstate undoes the [Revoke] or [Forfeit] that was made under key: exactly
// what it took goes back to the same lots, once; again it does nothing and
// returns the same.
func Reinstate(ctx context.Context, tx *db.Tx, o Owner, key, source string) ([]Part, error) {
	var s standing
	var taken record
	if err := tx.Together(ctx, lock(o, &s), byKey(o, key, &taken)); err != nil {
		return nil, err
	}
	if taken.kind != Revoked && taken.kind != Forfeited {
		return nil, fmt.Errorf("ledger: reinstate %s: %w", key, ErrNoMove)
	}
	entries, err := entriesOf(ctx, tx, taken.id)
	if err != nil {
		return nil, err
	}
	parts := make([]Part, len(entries))
	for i, e := range entries {
		parts[i] = Part{e.lot, e.amount}
		entries[i].from, entries[i].to = e.to, e.from
	}
	undo := once("undo", taken.id)
	if done, err := happened(ctx, tx, undo); err != nil || done {
		return parts, err
	}
	if taken.kind == Forfeited {
		s.frozen--
	}
	return parts, post(ctx, tx, s, record{id: undo, owner: o, kind: Reinstated, source: source, detail: string(taken.kind),
		amount: taken.amount, at: tx.Now()}, entries)
}
