package ledger

import (
	"context"

	"safelight/internal/db"
)

// Forfeit takes away all the owner's credits that are neither spent nor held,
// and freezes the owner, so that what open holds give back cannot be spent
// either. [Reinstate] undoes both.
func Forfeit(ctx context.Context, tx *db.Tx, c Cause) (Revocation, error) {
	s, r, seen, err := open(ctx, tx, c, Forfeited, c.fingerprint(Forfeited))
	if err != nil {
		return Revocation{}, err
	}
	if seen {
		return takenBefore(ctx, tx, r)
	}
	rows, err := liveLots(ctx, tx, c.Owner)
	if err != nil {
		return Revocation{}, err
	}
	s.frozen++
	return take(ctx, tx, s, r, rows, 0, ToForfeiture)
}
