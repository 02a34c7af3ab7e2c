package payment

import (
	"context"
	"errors"
	"fmt"

	"safelight/internal/db"
)

// Open asks the processor for the hosted page of a session that [Begin] wrote
// and returns the page's address. It may be repeated: the session's id is the
// idempotency key, so there is one page only. It returns [ErrClosed] for a
// session that is paid, expired or failed.
func Open(ctx context.Context, d *db.DB, p Processor, id SessionID) (string, error) {
	s, err := view(ctx, d, id)
	if err != nil {
		return "", err
	}
	if s.By != p.Identity() {
		return "", fmt.Errorf("payment: open %s: it belongs to %v, not to %v", id, s.By, p.Identity())
	}
	switch {
	case s.State == Opened && d.Clock().Now().Before(s.Expires):
		return s.URL, nil
	case s.State != Begun:
		return "", fmt.Errorf("payment: open %s: it is %s: %w", id, s.State, ErrClosed)
	}
	page, err := p.Open(ctx, Checkout{Key: string(s.ID), Session: s.ID, Intent: s.Intent})
	if err != nil {
		return "", openFailed(ctx, d, id, err)
	}
	err = d.InTx(ctx, func(tx *db.Tx) error { return markOpen(ctx, tx, id, page) })
	if err != nil {
		return "", fmt.Errorf("payment: open %s: %w", id, err)
	}
	// Meanwhile somebody else may have opened it too, or ended it.
	if s, err = view(ctx, d, id); err == nil && s.State != Opened {
		err = fmt.Errorf("payment: open %s: it is %s: %w", id, s.State, ErrClosed)
	}
	return s.URL, err
}

// openFailed records why no page opened. Only a refusal is final.
func openFailed(ctx context.Context, d *db.DB, id SessionID, cause error) error {
	state := Begun
	if errors.Is(cause, ErrRefused) {
		state = Failed
	}
	err := d.InTx(ctx, func(tx *db.Tx) error { return markNotOpen(ctx, tx, id, state, cause.Error()) })
	return fmt.Errorf("payment: open %s: %w", id, errors.Join(cause, err))
}

func view(ctx context.Context, d *db.DB, id SessionID) (Session, error) {
	return db.Ask(ctx, d, func(tx *db.Tx) (Session, error) { return Find(ctx, tx, id) })
}
