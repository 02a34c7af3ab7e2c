package account

import (
	"context"
	"errors"
	"fmt"

	"safelight/internal/db"
	"safelight/internal/i18n"
	"safelight/internal/id"
)

// Find returns the account, or [ErrNotFound].
func Find(ctx context.Context, tx *db.Tx, account ID) (Account, error) {
	a, err := selectByID(ctx, tx, account)
	return a, found(err)
}

// FindByEmail returns the account of an address in any spelling, or
// [ErrNotFound]: for the command line and staff.
func FindByEmail(ctx context.Context, tx *db.Tx, email string) (Account, error) {
	address, err := ParseAddress(email)
	if err != nil {
		return Account{}, err
	}
	a, _, err := selectByKey(ctx, tx, address.Key)
	return a, found(err)
}

func found(err error) error {
	if errors.Is(err, db.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("account: find: %w", err)
	}
	return nil
}

// Create is what an operator says of a new account.
type Create struct {
	Email    string
	Password string // a random one when empty
	Role     Role   // customer when empty
	Lang     i18n.Lang
	// Then is done in the same transaction; nil does nothing.
	Then func(ctx context.Context, tx *db.Tx, a Account) error
}

// Create makes an account whose address counts as proven, and returns the
// password. The operator answers for the password's strength: its length
// alone is checked. Config.OnVerified is not called. It returns [ErrExists].
func (p *People) Create(ctx context.Context, in Create) (Account, string, error) {
	address, err := ParseAddress(in.Email)
	if err != nil {
		return Account{}, "", on(err, "email")
	}
	if in.Role == "" {
		in.Role = Customer
	}
	if !KnownRole(string(in.Role)) {
		return Account{}, "", ErrRole.On("role")
	}
	if in.Password == "" {
		in.Password = id.Secret()
	}
	if err := on(checkLength(in.Password), "password"); err != nil {
		return Account{}, "", err
	}
	hash, err := p.hash.hash(ctx, in.Password)
	if err != nil {
		return Account{}, "", err
	}
	a, err := db.Do(ctx, p.db, func(tx *db.Tx) (Account, error) { return create(ctx, tx, in, address, hash) })
	return a, in.Password, err
}

func create(ctx context.Context, tx *db.Tx, in Create, address Address, hash string) (Account, error) {
	if in.Lang == "" {
		in.Lang = i18n.English
	}
	a := Account{ID: id.New[ID](prefix), UID: newUID(), Email: address.Written, Locale: in.Lang,
		Role: in.Role, State: Active, CreatedAt: tx.Now(), VerifiedAt: tx.Now()}
	made, err := insertAccount(ctx, tx, a, address.Key, hash)
	if err != nil {
		return Account{}, fmt.Errorf("account: create: %w", err)
	}
	if !made {
		return Account{}, ErrExists.On("email")
	}
	if err := Record(ctx, tx, a.ID, Created, Client{}); err != nil {
		return Account{}, err
	}
	if in.Then != nil {
		return a, in.Then(ctx, tx, a)
	}
	return a, nil
}

// SetLocale changes the language of the account's pages and letters.
func SetLocale(ctx context.Context, tx *db.Tx, account ID, lang i18n.Lang) error {
	if !i18n.Known(string(lang)) {
		return fmt.Errorf("account: no such language: %q", lang)
	}
	return updateLocale(ctx, tx, account, lang)
}

// SetNewsletter turns the newsletter on or off.
func SetNewsletter(ctx context.Context, tx *db.Tx, account ID, on bool) error {
	return updateNewsletter(ctx, tx, account, on)
}

// Suspend stops an active account: its sessions end and its tokens are gone.
// Why is for staff. It returns [ErrState] for an account that is not active.
func Suspend(ctx context.Context, tx *db.Tx, account ID, why string) error {
	return stop(ctx, tx, account, Suspended, why, WasSuspended, Active)
}

// Terminate stops an account for good.
func Terminate(ctx context.Context, tx *db.Tx, account ID, why string) error {
	return stop(ctx, tx, account, Terminated, why, WasTerminated, Active, Suspended)
}

// Reinstate lets a suspended account act again.
func Reinstate(ctx context.Context, tx *db.Tx, account ID, why string) error {
	if err := updateState(ctx, tx, account, Active, why, Suspended); err != nil {
		return stateError(err)
	}
	return Record(ctx, tx, account, WasReinstated, Client{})
}

func stop(ctx context.Context, tx *db.Tx, account ID, to State, why string, what What, from ...State) error {
	if err := updateState(ctx, tx, account, to, why, from...); err != nil {
		return stateError(err)
	}
	return errors.Join(EndSessions(ctx, tx, account, ""), deleteTokens(ctx, tx, account),
		dropLinks(ctx, tx, account, ToVerify), dropLinks(ctx, tx, account, ToReset),
		Record(ctx, tx, account, what, Client{}))
}

func stateError(err error) error {
	if errors.Is(err, db.ErrNoRows) {
		return ErrState
	}
	return fmt.Errorf("account: change the state: %w", err)
}

// Sweep removes sessions and links that have ended and returns how many.
// Nothing depends on its being run.
func Sweep(ctx context.Context, tx *db.Tx) (int64, error) {
	n, err := deleteEnded(ctx, tx)
	if err != nil {
		return 0, fmt.Errorf("account: sweep: %w", err)
	}
	return n, nil
}
