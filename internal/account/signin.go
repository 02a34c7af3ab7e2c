package account

import (
	"context"
	"errors"
	"fmt"

	"safelight/internal/db"
	"safelight/internal/serve"
)

// SignIn is what the sign-in form says.
type SignIn struct {
	Email    string
	Password string
	Client   Client
	Previous string // the session token that the browser had, which ends
}

// SignIn checks the password and opens a session. It returns [ErrCredentials]
// after the same work whether the address, the password or both are wrong;
// with the right password why the account may not act, if so; and a
// RateLimited error after 10 attempts in 15 minutes on one address from one
// network, or 60 from one network.
func (p *People) SignIn(ctx context.Context, in SignIn) (Session, error) {
	address, wrong := ParseAddress(in.Email) // what is no address is nobody's
	pair := address.Key + " " + in.Client.network()
	err := p.db.InTx(ctx, func(tx *db.Tx) error {
		return errors.Join(signInsByNetwork.Count(ctx, tx, in.Client.network()), signInsByPair.Count(ctx, tx, pair))
	})
	if err != nil {
		return Session{}, err
	}
	a, hash, err := p.known(ctx, address.Key)
	if err != nil {
		return Session{}, err
	}
	ok, stale, err := p.hash.matches(ctx, in.Password, hash)
	if err != nil {
		return Session{}, err
	}
	if !ok || wrong != nil || a.ID == "" {
		return Session{}, p.failed(ctx, a, in.Client)
	}
	if err := a.Usable(); err != nil {
		return Session{}, p.unusable(ctx, a, err)
	}
	renewed := hash
	if stale {
		if renewed, err = p.hash.hash(ctx, in.Password); err != nil {
			return Session{}, err
		}
	}
	return db.Do(ctx, p.db, func(tx *db.Tx) (Session, error) {
		if err := signInsByPair.Forget(ctx, tx, pair); err != nil {
			return Session{}, err
		}
		return p.signIn(ctx, tx, a, in, hash, renewed)
	})
}

// known returns the account of the address and its hash, or the zero account
// and a hash that no password has.
func (p *People) known(ctx context.Context, key string) (Account, string, error) {
	hash := p.hash.nobody
	a, err := db.Ask(ctx, p.db, func(tx *db.Tx) (Account, error) {
		a, h, err := selectByKey(ctx, tx, key)
		if err == nil {
			hash = h
		}
		return a, err
	})
	if errors.Is(err, db.ErrNoRows) {
		return Account{}, p.hash.nobody, nil
	}
	if err != nil {
		return Account{}, "", fmt.Errorf("account: sign in: %w", err)
	}
	return a, hash, nil
}

func (p *People) failed(ctx context.Context, a Account, c Client) error {
	err := p.db.InTx(ctx, func(tx *db.Tx) error { return Record(ctx, tx, a.ID, FailedSignIn, c) })
	if err != nil {
		return err
	}
	return ErrCredentials
}

// unusable sends the link again to one who proved the password but not the
// address, as far as the limit allows.
func (p *People) unusable(ctx context.Context, a Account, why error) error {
	if !errors.Is(why, ErrUnverified) {
		return why
	}
	address, err := ParseAddress(a.Email)
	if err != nil {
		return err
	}
	err = p.db.InTx(ctx, func(tx *db.Tx) error {
		if err := lettersByAddress.Count(ctx, tx, address.Key); err != nil {
			return err
		}
		return p.sendVerification(ctx, tx, a)
	})
	if err != nil && !errors.Is(err, serve.ErrTooMany) {
		return err
	}
	return why
}

func (p *People) signIn(ctx context.Context, tx *db.Tx, a Account, in SignIn, hash, renewed string) (Session, error) {
	// It locks the account, so that a new password or a suspension that comes
	// at the same moment either stops this session or ends it.
	same, err := markSignedIn(ctx, tx, a.ID, hash, renewed)
	if err != nil {
		return Session{}, fmt.Errorf("account: sign in: %w", err)
	}
	if !same {
		return Session{}, ErrCredentials
	}
	if in.Previous != "" {
		if err := SignOut(ctx, tx, in.Previous); err != nil {
			return Session{}, err
		}
	}
	if err := Record(ctx, tx, a.ID, SignedIn, in.Client); err != nil {
		return Session{}, err
	}
	return openSession(ctx, tx, a, in.Client)
}
