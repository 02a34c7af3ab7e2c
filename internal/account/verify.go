package account

import (
	"context"
	"errors"
	"fmt"

	"safelight/internal/db"
	"safelight/internal/fault"
)

// Verify spends the link and proves the address. It returns [ErrLink] for a
// link that was used or is too old. The person is not signed in by it: they
// know their password, and whoever else asked for the link does not.
func (p *People) Verify(ctx context.Context, tx *db.Tx, token string, c Client) (Account, error) {
	a, err := useLink(ctx, tx, token, ToVerify)
	if err != nil {
		return Account{}, err
	}
	return p.prove(ctx, tx, a, c)
}

// prove marks the address as proven and tells the shop, the first time.
func (p *People) prove(ctx context.Context, tx *db.Tx, a Account, c Client) (Account, error) {
	first, err := markVerified(ctx, tx, a.ID)
	if err != nil {
		return Account{}, fmt.Errorf("account: verify: %w", err)
	}
	if !first {
		return a, nil
	}
	a.VerifiedAt = tx.Now()
	if err := Record(ctx, tx, a.ID, ProvedAddress, c); err != nil {
		return Account{}, err
	}
	if p.cfg.OnVerified != nil {
		if err := p.cfg.OnVerified(ctx, tx, a); err != nil {
			return Account{}, fmt.Errorf("account: after verifying: %w", err)
		}
	}
	return a, nil
}

// Resend writes the letter with the link again, for an account that waits for
// it. It returns the same for every address, known or not, but [ErrEmail] for
// what is none and a RateLimited error beyond 5 an hour.
func (p *People) Resend(ctx context.Context, tx *db.Tx, email string, c Client) error {
	address, err := ParseAddress(email)
	if err != nil {
		return on(err, "email")
	}
	if err := errors.Join(lettersByNetwork.Count(ctx, tx, c.network()), lettersByAddress.Count(ctx, tx, address.Key)); err != nil {
		return err
	}
	a, _, err := selectByKey(ctx, tx, address.Key)
	switch {
	case errors.Is(err, db.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("account: resend: %w", err)
	case a.Verified() || a.State != Active:
		return nil
	}
	return p.sendVerification(ctx, tx, a)
}

// on blames a field for a fault.
func on(err error, field string) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.On(field)
	}
	return err
}
