package account

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"safelight/internal/db"
	"safelight/internal/serve"
)

// A Visitor is who asks: the zero Visitor is nobody.
type Visitor struct {
	Account Account
	Via     serve.Via
	Session string // its id, when Via is ByCookie
	Token   string // its id, when Via is ByBearer
	seenAt  time.Time
}

// SignedIn reports whether the visitor is somebody.
func (v Visitor) SignedIn() bool { return v.Account.ID != "" }

// Require returns why the visitor may not do what needs the role:
// [ErrSignIn] for nobody, why the account may not act, or [ErrNotYours].
func (v Visitor) Require(r Role) error {
	if !v.SignedIn() {
		return ErrSignIn
	}
	if err := v.Account.Usable(); err != nil {
		return err
	}
	if ranks[v.Account.Role] < ranks[r] {
		return ErrNotYours
	}
	return nil
}

// RequireSession is [Visitor.Require] of a customer for what an API token
// must not do.
func (v Visitor) RequireSession() error {
	if err := v.Require(Customer); err != nil {
		return err
	}
	if v.Via != serve.ByCookie {
		return ErrSessionNeeded
	}
	return nil
}

// Authenticate finds who brings the credential. It returns [ErrSignIn] for an
// unknown or ended session and [ErrToken] for an unknown token; an account
// that may not act is found all the same only while it is active.
func Authenticate(ctx context.Context, tx *db.Tx, c serve.Credential) (Visitor, error) {
	find, unknown := selectBySession, ErrSignIn
	if c.Via == serve.ByBearer {
		find, unknown = selectByToken, ErrToken
	}
	if (c.Via == serve.ByBearer) != strings.HasPrefix(c.Token, tokenPrefix) || len(c.Token) > 100 {
		return Visitor{}, unknown
	}
	v, err := find(ctx, tx, digest(c.Token))
	switch {
	case errors.Is(err, db.ErrNoRows):
		return Visitor{}, unknown
	case err != nil:
		return Visitor{}, fmt.Errorf("account: authenticate: %w", err)
	case v.Account.State != Active:
		return Visitor{}, unknown
	}
	v.Via = c.Via
	return v, nil
}

// Seen notes that the visitor's session or token is in use.
func Seen(ctx context.Context, tx *db.Tx, v Visitor) error {
	if err := markSeen(ctx, tx, v); err != nil {
		return fmt.Errorf("account: note a use: %w", err)
	}
	return nil
}

// Identify finds who each request comes from, for [Who], and has answers in
// the account's language.
func (p *People) Identify(s *serve.Site) func(http.Handler) http.Handler {
	return serve.Identify(s, func(ctx context.Context, c serve.Credential) (Visitor, error) {
		v, err := db.Ask(ctx, p.db, func(tx *db.Tx) (Visitor, error) { return Authenticate(ctx, tx, c) })
		if err != nil {
			return Visitor{}, err
		}
		serve.PreferLang(ctx, v.Account.Locale)
		if p.db.Clock().Now().Sub(v.seenAt) >= seenEvery {
			err = p.db.InTx(ctx, func(tx *db.Tx) error { return Seen(ctx, tx, v) })
		}
		return v, err
	})
}

// Who is who sent the request that ctx belongs to; the zero Visitor is
// nobody. [People.Identify] must be around the handler.
func Who(ctx context.Context) Visitor {
	v, _ := serve.Viewer[Visitor](ctx)
	return v
}

// Enter gives the browser the session.
func Enter(s *serve.Site, w http.ResponseWriter, session Session) {
	s.SetCookie(w, serve.SessionCookie, session.Token, SessionLife)
}

// Leave ends the session that the browser has and takes it back.
func (p *People) Leave(s *serve.Site, w http.ResponseWriter, r *http.Request) error {
	token := s.Cookie(r, serve.SessionCookie)
	s.ClearCookie(w, serve.SessionCookie)
	return p.db.InTx(r.Context(), func(tx *db.Tx) error { return SignOut(r.Context(), tx, token) })
}
