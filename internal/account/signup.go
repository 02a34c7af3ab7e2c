package account

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"safelight/internal/db"
	"safelight/internal/i18n"
	"safelight/internal/id"
)

// SignUp is what the sign-up form says.
type SignUp struct {
	Email    string
	Password string
	Lang     i18n.Lang       // in which the statements were shown
	Ticked   map[string]bool // by control
	Seal     string          // of the statements that were shown; empty is not checked
	Client   Client
}

// SignUp makes an account that waits for its address to be proven, and writes
// the letter with the link. For an address that has an account already it
// does the same work and returns the same, and its owner gets a letter that
// says so. A second sign-up before the address is proven replaces the first:
// whoever opens the newest link has the newest password.
//
// What is wrong with the input comes joined, each error on its field: email,
// password and the controls of the statements.
func (p *People) SignUp(ctx context.Context, in SignUp) error {
	address, given, err := p.readSignUp(ctx, in)
	if err != nil {
		return err
	}
	err = p.db.InTx(ctx, func(tx *db.Tx) error {
		return errors.Join(signUpsByNetwork.Count(ctx, tx, in.Client.network()), lettersByAddress.Count(ctx, tx, address.Key))
	})
	if err != nil {
		return err
	}
	hash, err := p.hash.hash(ctx, in.Password)
	if err != nil {
		return err
	}
	return p.db.InTx(ctx, func(tx *db.Tx) error { return p.signUp(ctx, tx, in, address, given, hash) })
}

func (p *People) readSignUp(ctx context.Context, in SignUp) (Address, []Statement, error) {
	address, wrong := ParseAddress(in.Email)
	problems := []error{on(wrong, "email")}
	problems = append(problems, on(CheckPassword(in.Password, in.Email, p.cfg.Shop), "password"))
	shown, err := db.Ask(ctx, p.db, func(tx *db.Tx) ([]Statement, error) { return p.cfg.Statements(ctx, tx, in.Lang) })
	if err != nil {
		return address, nil, fmt.Errorf("account: statements: %w", err)
	}
	if in.Seal != "" && in.Seal != Seal(shown) {
		return address, nil, ErrTextChanged
	}
	given, missing := agreed(shown, in.Ticked)
	return address, given, errors.Join(append(problems, missing)...)
}

func (p *People) signUp(ctx context.Context, tx *db.Tx, in SignUp, address Address, given []Statement, hash string) error {
	a := Account{ID: id.New[ID](prefix), UID: newUID(), Email: address.Written, Locale: in.Lang,
		Role: Customer, State: Active, Newsletter: in.Ticked[ControlNewsletter], CreatedAt: tx.Now()}
	made, err := insertAccount(ctx, tx, a, address.Key, hash)
	if err != nil {
		return fmt.Errorf("account: sign up: %w", err)
	}
	if !made {
		known, err := p.signUpAgain(ctx, tx, &a, address, hash)
		if err != nil || known {
			return err
		}
	}
	if err := errors.Join(Agree(ctx, tx, a.ID, given, in.Lang, in.Client), Record(ctx, tx, a.ID, SignedUp, in.Client)); err != nil {
		return err
	}
	return p.sendVerification(ctx, tx, a)
}

// signUpAgain gives the waiting account of the address the newest password,
// in a; a person who is known is told by letter instead.
func (p *People) signUpAgain(ctx context.Context, tx *db.Tx, a *Account, address Address, hash string) (known bool, err error) {
	old, _, err := selectByKey(ctx, tx, address.Key)
	if err != nil {
		return false, fmt.Errorf("account: sign up again: %w", err)
	}
	waiting, err := replaceWaiting(ctx, tx, old.ID, *a, hash)
	if err != nil {
		return false, fmt.Errorf("account: sign up again: %w", err)
	}
	if !waiting {
		return true, p.letter(ctx, tx, old, "known", id.New[string]("let"), ForgotPath, "")
	}
	a.ID, a.UID = old.ID, old.UID
	return false, nil
}

func (p *People) sendVerification(ctx context.Context, tx *db.Tx, a Account) error {
	token, err := newLink(ctx, tx, a.ID, ToVerify)
	if err != nil {
		return err
	}
	return p.letter(ctx, tx, a, "verify", digest(token)[:16], VerifyPath, token)
}

// newUID returns 8 characters without look-alikes: 40 random bits.
func newUID() string {
	const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	for i := range b {
		b[i] = letters[b[i]%32]
	}
	return string(b)
}
