package account

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"safelight/internal/db"
	"safelight/internal/id"
)

// The limits of a session: unused, and in all.
const (
	SessionIdle = 14 * 24 * time.Hour
	SessionLife = 90 * 24 * time.Hour
)

// seenEvery is how often a session's use is noted.
const seenEvery = 5 * time.Minute

// A Session is a place where somebody is signed in. Token is known when it is
// opened, and never again.
type Session struct {
	ID        string
	Token     string
	Account   Account
	Client    Client
	CreatedAt time.Time
	SeenAt    time.Time
}

func openSession(ctx context.Context, tx *db.Tx, a Account, c Client) (Session, error) {
	s := Session{ID: id.New[string]("ses"), Token: secret(), Account: a, Client: c, CreatedAt: tx.Now(), SeenAt: tx.Now()}
	if err := insertSession(ctx, tx, s); err != nil {
		return Session{}, fmt.Errorf("account: open a session: %w", err)
	}
	return s, nil
}

// secret returns 256 random bits.
func secret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return base64.RawURLEncoding.EncodeToString(b)
}

// Sessions are where the account is signed in, the latest used first.
func Sessions(ctx context.Context, tx *db.Tx, account ID) ([]Session, error) {
	return selectSessions(ctx, tx, account)
}

// SignOut ends the session with the token; nothing happens without one.
func SignOut(ctx context.Context, tx *db.Tx, token string) error {
	account, err := deleteSessionByToken(ctx, tx, digest(token))
	if errors.Is(err, db.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("account: sign out: %w", err)
	}
	return Record(ctx, tx, account, SignedOut, Client{})
}

// EndSession ends one session of the account. It returns a NotFound error for
// one that is not its own.
func EndSession(ctx context.Context, tx *db.Tx, account ID, session string) error {
	if err := deleteSession(ctx, tx, account, session); err != nil {
		return fmt.Errorf("account: end a session: %w", err)
	}
	return nil
}

// EndSessions ends all sessions of the account but one; none is spared when
// spare is empty.
func EndSessions(ctx context.Context, tx *db.Tx, account ID, spare string) error {
	if err := deleteSessions(ctx, tx, account, spare); err != nil {
		return fmt.Errorf("account: end sessions: %w", err)
	}
	return nil
}
