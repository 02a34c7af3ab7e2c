package payment

import (
	"context"
	"fmt"
	"time"

	"safelight/internal/db"
)

// patience is the least time between two questions about one session, however
// often a page asks.
const patience = time.Second

// Refresh asks the processor how an open session stands and records what is
// new, as a notice would. Called more often than once a second it answers from
// our records. The session is returned as it then is.
func Refresh(ctx context.Context, d *db.DB, p Processor, id SessionID, settle Settle) (Session, error) {
	s, err := view(ctx, d, id)
	if err != nil || s.State != Opened {
		return s, err
	}
	ask, err := db.Do(ctx, d, func(tx *db.Tx) (bool, error) { return claimAsking(ctx, tx, id, tx.Now().Add(-patience)) })
	if err != nil || !ask {
		return s, err
	}
	f, err := p.Facts(ctx, s.Ref)
	if err != nil {
		return s, fmt.Errorf("payment: refresh %s: %w", id, err)
	}
	err = d.InTx(ctx, func(tx *db.Tx) error {
		v, err := apply(ctx, tx, p.Identity(), f, settle)
		if err != nil || v.state != Parked {
			return err
		}
		return raise(ctx, tx, v.alert(s.Ref, tx.Now()))
	})
	if err != nil {
		return s, fmt.Errorf("payment: refresh %s: %w", id, err)
	}
	return view(ctx, d, id)
}
