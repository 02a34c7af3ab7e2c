package ledger

import (
	"context"

	"safelight/internal/db"
)

// Release settles a hold for good with nothing spent: all of it goes back to
// its lots. What goes back to a lot that has expired meanwhile is not spendable.
// Releasing again returns the same; a hold that was captured is [ErrResolved].
func Release(ctx context.Context, tx *db.Tx, h HoldID) (Reservation, error) {
	return settle(ctx, tx, h, Released, 0)
}
