package account

import (
	"context"
	"errors"
	"fmt"

	"safelight/internal/db"
	"safelight/internal/id"
)

// ChangePassword sets a new password for the visitor, who knows the present
// one, ends the other sessions and tells the person by letter. It returns
// [ErrCurrent] on the field current, or what is wrong with the new one on the
// field password.
func (p *People) ChangePassword(ctx context.Context, v Visitor, current, password string, c Client) error {
	if err := v.RequireSession(); err != nil {
		return err
	}
	if err := on(CheckPassword(password, v.Account.Email, p.cfg.Shop), "password"); err != nil {
		return err
	}
	err := p.db.InTx(ctx, func(tx *db.Tx) error { return passwordChanges.Count(ctx, tx, string(v.Account.ID)) })
	if err != nil {
		return err
	}
	old, err := db.Ask(ctx, p.db, func(tx *db.Tx) (string, error) { return selectPassword(ctx, tx, v.Account.ID) })
	if err != nil {
		return fmt.Errorf("account: change the password: %w", err)
	}
	ok, _, err := p.hash.matches(ctx, current, old)
	if err != nil {
		return err
	}
	if !ok {
		return ErrCurrent.On("current")
	}
	hash, err := p.hash.hash(ctx, password)
	if err != nil {
		return err
	}
	return p.db.InTx(ctx, func(tx *db.Tx) error {
		same, err := replacePassword(ctx, tx, v.Account.ID, old, hash)
		if err != nil {
			return fmt.Errorf("account: change the password: %w", err)
		}
		if !same { // changed at the same moment elsewhere
			return ErrCurrent.On("current")
		}
		return p.passwordChanged(ctx, tx, v.Account, v.Session, c)
	})
}

func (p *People) passwordChanged(ctx context.Context, tx *db.Tx, a Account, spare string, c Client) error {
	return errors.Join(
		EndSessions(ctx, tx, a.ID, spare),
		dropLinks(ctx, tx, a.ID, ToReset),
		Record(ctx, tx, a.ID, ChangedPassword, c),
		p.letter(ctx, tx, a, "changed", id.New[string]("let"), ForgotPath, ""))
}

// AskReset writes a letter with a link to set a new password, when the
// address has an account. It returns the same for every address, known or
// not, but [ErrEmail] for what is none and a RateLimited error beyond 5 an
// hour.
func (p *People) AskReset(ctx context.Context, tx *db.Tx, email string, c Client) error {
	address, err := ParseAddress(email)
	if err != nil {
		return on(err, "email")
	}
	if err := errors.Join(lettersByNetwork.Count(ctx, tx, c.network()), resetsByAddress.Count(ctx, tx, address.Key)); err != nil {
		return err
	}
	a, _, err := selectByKey(ctx, tx, address.Key)
	switch {
	case errors.Is(err, db.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("account: ask for a reset: %w", err)
	case a.State != Active:
		return nil
	}
	token, err := newLink(ctx, tx, a.ID, ToReset)
	if err != nil {
		return err
	}
	return errors.Join(Record(ctx, tx, a.ID, AskedReset, c),
		p.letter(ctx, tx, a, "reset", digest(token)[:16], ResetPath, token))
}

// ResetPassword spends the link, sets the password and ends all sessions. The
// address is proven by it. It returns [ErrLink], or what is wrong with the
// password on the field password; then the link can still be used.
func (p *People) ResetPassword(ctx context.Context, token, password string, c Client) (Account, error) {
	err := p.db.InTx(ctx, func(tx *db.Tx) error { return linkGuesses.Count(ctx, tx, c.network()) })
	if err != nil {
		return Account{}, err
	}
	a, err := db.Ask(ctx, p.db, func(tx *db.Tx) (Account, error) { return CheckLink(ctx, tx, token, ToReset) })
	if err != nil {
		return Account{}, err
	}
	if err := on(CheckPassword(password, a.Email, p.cfg.Shop), "password"); err != nil {
		return Account{}, err
	}
	hash, err := p.hash.hash(ctx, password)
	if err != nil {
		return Account{}, err
	}
	return db.Do(ctx, p.db, func(tx *db.Tx) (Account, error) {
		a, err := useLink(ctx, tx, token, ToReset)
		if err != nil {
			return Account{}, err
		}
		if err := setPassword(ctx, tx, a.ID, hash); err != nil {
			return Account{}, fmt.Errorf("account: reset the password: %w", err)
		}
		if err := p.passwordChanged(ctx, tx, a, "", c); err != nil {
			return Account{}, err
		}
		return p.prove(ctx, tx, a, c)
	})
}
