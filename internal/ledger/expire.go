package ledger

import (
	"context"

	"safelight/internal/db"
	"safelight/internal/id"
)

// Expire books credits that are over as expired, for at most so many owners,
// and returns for how many it did. It decides nothing: an expired lot is not
// spendable whether or not this ran. What open holds have taken is booked when
// it comes back.
func Expire(ctx context.Context, tx *db.Tx, owners int) (int, error) {
	all, err := due(ctx, tx, tx.Now(), owners)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, o := range all { // in one order, so that two sweepers do not wait for each other in a ring
		booked, err := expireOwner(ctx, tx, o)
		if err != nil {
			return n, err
		}
		if booked {
			n++
		}
	}
	return n, nil
}

func expireOwner(ctx context.Context, tx *db.Tx, o Owner) (bool, error) {
	var s standing
	if err := tx.Together(ctx, lock(o, &s)); err != nil {
		return false, err
	}
	lots, err := liveLots(ctx, tx, o)
	if err != nil {
		return false, err
	}
	free := []Part{}
	for _, l := range lots {
		if l.ExpiredAt(tx.Now()) && l.Free() > 0 {
			free = append(free, Part{l.ID, l.Free()})
		}
	}
	if len(free) == 0 {
		return false, nil
	}
	return true, post(ctx, tx, s, record{id: id.New[TxnID]("txn"), owner: o, kind: Expired, source: "expiry",
		amount: total(free), at: tx.Now()}, move(free, Available, ToExpiry))
}
