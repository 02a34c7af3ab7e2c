package payment

import (
	"context"
	"fmt"

	"safelight/internal/db"
)

// Expire closes the hosted page of a session, because the order is not to be
// paid any more, and returns the session as it then is: [Expired], or
// [Settled] when the customer was faster.
func Expire(ctx context.Context, d *db.DB, p Processor, id SessionID, settle Settle) (Session, error) {
	s, err := view(ctx, d, id)
	if err != nil {
		return s, err
	}
	switch s.State {
	case Begun: // its page, if one was made, was shown to nobody and closes by itself
		err = d.InTx(ctx, func(tx *db.Tx) error { return markExpired(ctx, tx, id) })
	case Opened:
		err = p.Expire(ctx, s.Ref)
	}
	if err != nil {
		return s, fmt.Errorf("payment: expire %s: %w", id, err)
	}
	return Refresh(ctx, d, p, id, settle)
}
