package payment

import (
	"context"
	"fmt"

	"safelight/internal/db"
	"safelight/internal/id"
)

// Begin writes the intention to have in paid. Nothing outside happens until
// [Open], after the commit.
func Begin(ctx context.Context, tx *db.Tx, in Intent) (Session, error) {
	if in.Amount.Minor <= 0 || in.Amount.Currency == "" || !in.Amount.Currency.Valid() || in.Order == "" || in.By.Name == "" {
		return Session{}, fmt.Errorf("payment: begin: %s for order %q by %q cannot be paid", in.Amount, in.Order, in.By.Name)
	}
	if in.Expires.IsZero() {
		in.Expires = tx.Now().Add(DefaultExpiry)
	}
	s := Session{ID: id.New[SessionID]("pay"), Intent: in, State: Begun, BegunAt: tx.Now()}
	if err := insertSession(ctx, tx, s); err != nil {
		return Session{}, fmt.Errorf("payment: begin for order %s: %w", in.Order, err)
	}
	return s, nil
}
