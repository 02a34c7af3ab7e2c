package ledger

import (
	"context"
	"fmt"

	"safelight/internal/db"
)

// Capture settles a hold for good: amount of it is spent, in the order in which
// its lots were taken, and the rest is released. A hold can be captured after
// its lots have expired. The same capture again returns the same; a hold that
// was settled otherwise is [ErrResolved].
func Capture(ctx context.Context, tx *db.Tx, h HoldID, amount int64) (Reservation, error) {
	if err := checkAmount(amount); err != nil {
		return Reservation{}, err
	}
	return settle(ctx, tx, h, Captured, amount)
}

// settle ends a hold, with captured of it spent.
func settle(ctx context.Context, tx *db.Tx, h HoldID, k Kind, captured int64) (Reservation, error) {
	var s standing
	var held Reservation
	var took int64
	var lasting bool
	if err := tx.Together(ctx, settles(h, captured, &took), findHold(h, &held, &s, &lasting)); err != nil {
		return Reservation{}, err
	}
	switch {
	case held.ID == "":
		return Reservation{}, fmt.Errorf("ledger: %s: %w", h, ErrNoHold)
	case held.State != Open:
		return settledBefore(ctx, tx, s, took > 0, held, k, captured)
	case captured > held.Amount:
		return Reservation{}, fmt.Errorf("ledger: capture %d of %s: %w", captured, h, ErrAmount)
	case took == 0:
		return Reservation{}, fmt.Errorf("ledger: %s: %w: its owner holds less than it", h, ErrBroken)
	}
	spent, _ := allot(held.Parts, captured)
	r := record{id: settlementOf(h), owner: held.Owner, kind: k, source: held.Source, hold: string(h), amount: captured, at: tx.Now()}
	held.State, held.Captured = WasCaptured, captured
	if k == Released {
		r.amount, held.State = held.Amount, WasReleased
	}
	return held, write(ctx, tx, s, r, settling(held.Parts, spent), lasting)
}

// settling are the entries of a settlement, lot by lot: first what is spent of
// it, then what is released.
func settling(parts, spent []Part) []entry {
	entries := make([]entry, 0, len(parts)+1)
	for i, p := range parts {
		used := int64(0)
		if i < len(spent) {
			used = spent[i].Amount
			entries = append(entries, entry{p.Lot, OnHold, Consumed, used})
		}
		if p.Amount > used {
			entries = append(entries, entry{p.Lot, OnHold, Available, p.Amount - used})
		}
	}
	return entries
}

func settledBefore(ctx context.Context, tx *db.Tx, s standing, took bool, held Reservation, k Kind, captured int64) (Reservation, error) {
	if took {
		if err := s.undo(ctx, tx, held.Amount-captured, -held.Amount); err != nil {
			return Reservation{}, err
		}
	}
	if (k == Released) != (held.State == WasReleased) || captured != held.Captured {
		return held, fmt.Errorf("ledger: %s is %s: %w", held.ID, held.State, ErrResolved)
	}
	return held, nil
}
