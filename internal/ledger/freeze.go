package ledger

import (
	"context"
	"fmt"
	"strings"

	"safelight/internal/db"
)

// Freeze keeps the named lots, or without names all the owner's credits, from
// being held; open holds can still be settled. Freezes add up: each is lifted
// by its own key.
func Freeze(ctx context.Context, tx *db.Tx, c Cause, lots ...LotID) error {
	s, r, seen, err := open(ctx, tx, c, Frozen, c.fingerprint(Frozen, lots))
	if err != nil || seen {
		return err
	}
	rows, err := findLots(ctx, tx, c.Owner, lots)
	if err != nil {
		return err
	}
	names := make([]string, len(rows))
	for i, l := range rows {
		names[i] = string(l.ID)
	}
	r.detail = strings.Join(names, " ")
	return freeze(ctx, tx, s, r, 1)
}

// freeze adds by to the freezes of what r.detail names.
func freeze(ctx context.Context, tx *db.Tx, s standing, r record, by int64) error {
	if r.detail == "" {
		s.frozen += by
	}
	for _, l := range strings.Fields(r.detail) {
		if err := freezeLot(ctx, tx, LotID(l), by); err != nil {
			return err
		}
	}
	return post(ctx, tx, s, r, nil)
}

// Unfreeze lifts the freeze that was made under key; again it does nothing.
func Unfreeze(ctx context.Context, tx *db.Tx, o Owner, key, source string) error {
	var s standing
	var frozen record
	if err := tx.Together(ctx, lock(o, &s), byKey(o, key, &frozen)); err != nil {
		return err
	}
	if frozen.kind != Frozen {
		return fmt.Errorf("ledger: unfreeze %s: %w", key, ErrNoMove)
	}
	lift := once("lift", frozen.id)
	if done, err := happened(ctx, tx, lift); err != nil || done {
		return err
	}
	return freeze(ctx, tx, s, record{id: lift, owner: o, kind: Unfrozen, source: source, detail: frozen.detail, at: tx.Now()}, -1)
}
