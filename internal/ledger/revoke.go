package ledger

import (
	"context"
	"fmt"

	"safelight/internal/db"
)

// A Revocation says what was taken away, and what could not be: Spent was used
// before, OnHold is promised to open holds. Both are of the lots looked at.
type Revocation struct {
	Parts  []Part
	Taken  int64
	Spent  int64
	OnHold int64
}

// Revoke takes away credits that are neither spent nor held: of the named lots
// in the order given, or without names of all the owner's, in the order of
// spending and whether or not they are spendable now. Amount bounds it; 0 means
// all there are. It takes what is there, which may be nothing.
func Revoke(ctx context.Context, tx *db.Tx, c Cause, amount int64, lots ...LotID) (Revocation, error) {
	if amount != 0 {
		if err := checkAmount(amount); err != nil {
			return Revocation{}, err
		}
	}
	s, r, seen, err := open(ctx, tx, c, Revoked, c.fingerprint(Revoked, amount, lots))
	if err != nil {
		return Revocation{}, err
	}
	if seen {
		return takenBefore(ctx, tx, r)
	}
	rows, err := named(ctx, tx, c.Owner, lots)
	if err != nil {
		return Revocation{}, err
	}
	return take(ctx, tx, s, r, rows, amount, ToRevocation)
}

func named(ctx context.Context, tx *db.Tx, o Owner, lots []LotID) ([]lotRow, error) {
	if len(lots) == 0 {
		return liveLots(ctx, tx, o)
	}
	return findLots(ctx, tx, o, lots)
}

// take moves what is free in the lots to an account, up to amount unless 0.
func take(ctx context.Context, tx *db.Tx, s standing, r record, lots []lotRow, amount int64, to Account) (Revocation, error) {
	v := Revocation{Parts: []Part{}}
	free := []Part{}
	listed := map[LotID]bool{}
	for _, l := range lots {
		if listed[l.ID] {
			continue
		}
		listed[l.ID] = true
		v.Spent += l.Spent
		v.OnHold += l.Held
		free = append(free, Part{l.ID, l.Free()})
	}
	if amount == 0 {
		amount = total(free)
	}
	v.Parts, _ = allot(free, amount)
	v.Taken = total(v.Parts)
	r.amount, r.detail = v.Taken, fmt.Sprintf("%d %d", v.Spent, v.OnHold)
	return v, post(ctx, tx, s, r, move(v.Parts, Available, to))
}

func takenBefore(ctx context.Context, tx *db.Tx, r record) (v Revocation, err error) {
	if _, err := fmt.Sscan(r.detail, &v.Spent, &v.OnHold); err != nil {
		return v, fmt.Errorf("ledger: %s: %w: detail %q", r.id, ErrBroken, r.detail)
	}
	v.Parts, err = partsOf(ctx, tx, r.id)
	v.Taken = r.amount
	return v, err
}
