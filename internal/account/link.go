package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"safelight/internal/db"
	"safelight/internal/id"
)

// Purpose is what a link in a letter is good for.
type Purpose string

// The purposes.
const (
	ToVerify Purpose = "verify"
	ToReset  Purpose = "reset"
)

// How long a link lives.
var linkLife = map[Purpose]time.Duration{ToVerify: 24 * time.Hour, ToReset: time.Hour}

// newLink makes a link, the only one of its purpose that still acts, and
// returns its token.
func newLink(ctx context.Context, tx *db.Tx, account ID, purpose Purpose) (string, error) {
	token := id.Secret()
	if err := dropLinks(ctx, tx, account, purpose); err != nil {
		return "", fmt.Errorf("account: drop links: %w", err)
	}
	if err := insertLink(ctx, tx, account, purpose, digest(token), tx.Now().Add(linkLife[purpose])); err != nil {
		return "", fmt.Errorf("account: make a link: %w", err)
	}
	return token, nil
}

// CheckLink returns whose link it is, for the page that asks for a
// confirmation: opening a link changes nothing, since mail scanners open them
// too. It returns [ErrLink].
func CheckLink(ctx context.Context, tx *db.Tx, token string, purpose Purpose) (Account, error) {
	account, err := selectLink(ctx, tx, digest(token), purpose)
	if errors.Is(err, db.ErrNoRows) {
		return Account{}, ErrLink
	}
	if err != nil {
		return Account{}, fmt.Errorf("account: check a link: %w", err)
	}
	return Find(ctx, tx, account)
}

// useLink spends the link. Of many at once one gets it, the others [ErrLink].
func useLink(ctx context.Context, tx *db.Tx, token string, purpose Purpose) (Account, error) {
	account, err := spendLink(ctx, tx, digest(token), purpose)
	if errors.Is(err, db.ErrNoRows) {
		return Account{}, ErrLink
	}
	if err != nil {
		return Account{}, fmt.Errorf("account: use a link: %w", err)
	}
	return Find(ctx, tx, account)
}

func digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
