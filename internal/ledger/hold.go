package ledger

import (
	"context"
	"fmt"

	"safelight/internal/db"
	"safelight/internal/fault"
	"safelight/internal/id"
)

// firstLots is how many lots a hold reads before it reads them all.
const firstLots = 3

// allot takes need from the parts in their order; short is what they cannot
// give.
func allot(free []Part, need int64) (parts []Part, short int64) {
	for _, f := range free {
		if need == 0 {
			break
		}
		if n := min(f.Amount, need); n > 0 {
			parts = append(parts, Part{f.Lot, n})
			need -= n
		}
	}
	return parts, need
}

// Hold sets credits aside for c.Source, from the lots that are spendable at
// tx.Now() in the order of spending. It returns [ErrShortfall] and changes
// nothing when they do not suffice. The same request again returns the hold as
// it stands now.
func Hold(ctx context.Context, tx *db.Tx, c Cause, amount int64) (Reservation, error) {
	if err := c.check(); err != nil {
		return Reservation{}, err
	}
	if err := checkAmount(amount); err != nil {
		return Reservation{}, err
	}
	var s standing
	var took int64
	var seen TxnID
	var before string
	var free []Part
	h := id.New[TxnID]("hold")
	err := tx.Together(ctx, takes(c.Owner, h, amount, &took), stands(c.Owner, c.Key, &s, &seen, &before),
		spendable(c.Owner, tx.Now(), false, &free))
	if err != nil {
		return Reservation{}, err
	}
	request := c.fingerprint(Held, amount)
	if seen != "" {
		return heldBefore(ctx, tx, s, took*amount, HoldID(seen), before == request)
	}
	parts, short := allot(free, amount)
	if short > 0 && took > 0 && len(free) == firstLots {
		free = nil
		if err := tx.Together(ctx, spendable(c.Owner, tx.Now(), true, &free)); err != nil {
			return Reservation{}, err
		}
		parts, short = allot(free, amount)
	}
	if short > 0 || took == 0 {
		return Reservation{}, refuse(ctx, tx, s, took*amount, amount)
	}
	r := begin(tx, c, Held, request)
	r.id, r.amount = h, amount
	held := Reservation{ID: HoldID(r.id), Owner: c.Owner, Amount: amount, Source: c.Source, At: r.at, Parts: parts, State: Open}
	return held, write(ctx, tx, s, r, move(parts, Available, OnHold), true)
}

// heldBefore answers a key that was used; what this attempt took goes back.
func heldBefore(ctx context.Context, tx *db.Tx, s standing, took int64, h HoldID, same bool) (Reservation, error) {
	if took > 0 {
		if err := s.undo(ctx, tx, -took, took); err != nil {
			return Reservation{}, err
		}
	}
	if !same {
		return Reservation{}, fmt.Errorf("ledger: hold %s: %w", h, ErrKeyReused)
	}
	return FindHold(ctx, tx, h)
}

// refuse says why a hold was not taken, and leaves no trace of the attempt.
func refuse(ctx context.Context, tx *db.Tx, s standing, took, need int64) error {
	if took > 0 {
		if err := s.undo(ctx, tx, -took, took); err != nil {
			return err
		}
	}
	b, err := BalanceOf(ctx, tx, s.owner)
	if err != nil {
		return err
	}
	if b.Frozen {
		return fmt.Errorf("ledger: hold of %s: %w", s.owner, ErrFrozen)
	}
	return fmt.Errorf("ledger: hold of %s: %w", s.owner, ErrShortfall.With(fault.Args{"need": need, "have": b.Spendable}))
}
