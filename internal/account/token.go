package account

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"safelight/internal/db"
	"safelight/internal/id"
)

const (
	tokenPrefix = "slt_"
	maxTokens   = 20
)

// A Token lets a program act for an account.
type Token struct {
	ID        string
	Name      string
	Prefix    string // the first characters, to tell tokens apart
	CreatedAt time.Time
	UsedAt    time.Time // zero when it never was
}

// MakeToken makes a token for the visitor and returns it with its secret,
// which is not kept. It needs a session: a token makes no tokens.
func MakeToken(ctx context.Context, tx *db.Tx, v Visitor, name string) (Token, string, error) {
	if err := v.RequireSession(); err != nil {
		return Token{}, "", err
	}
	return IssueToken(ctx, tx, v.Account.ID, name)
}

// IssueToken makes a token for the account, for the command line: who asks is
// the operator.
func IssueToken(ctx context.Context, tx *db.Tx, account ID, name string) (Token, string, error) {
	name = strings.TrimSpace(clean(name))
	if name == "" || utf8.RuneCountInString(name) > 60 {
		return Token{}, "", ErrTokenName.On("name")
	}
	plain := tokenPrefix + secret()
	t := Token{ID: id.New[string]("tok"), Name: name, Prefix: plain[:len(tokenPrefix)+4], CreatedAt: tx.Now()}
	count, err := insertToken(ctx, tx, account, t, digest(plain))
	if err != nil {
		return Token{}, "", fmt.Errorf("account: make a token: %w", err)
	}
	if count > maxTokens {
		return Token{}, "", ErrTokenCount
	}
	return t, plain, Record(ctx, tx, account, MadeToken, Client{})
}

// Tokens are the account's tokens, the newest first.
func Tokens(ctx context.Context, tx *db.Tx, account ID) ([]Token, error) {
	return selectTokens(ctx, tx, account)
}

// RevokeToken ends one token of the account. It returns a NotFound error for
// one that is not its own.
func RevokeToken(ctx context.Context, tx *db.Tx, account ID, token string) error {
	if err := deleteToken(ctx, tx, account, token); err != nil {
		return fmt.Errorf("account: revoke a token: %w", err)
	}
	return Record(ctx, tx, account, RevokedToken, Client{})
}
