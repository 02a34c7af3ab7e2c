package mail

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"safelight/internal/db"
	"safelight/internal/id"
)

// Why an address is on the list of those that get no promotional messages.
const (
	Unsubscribed = "unsubscribed" // the person said so
	Complained   = "complained"   // the person called it spam
	Bounced      = "bounced"      // the address does not exist
)

// OptIn notes that the person at an address asked for promotional messages. It
// takes back an earlier unsubscription.
func OptIn(ctx context.Context, tx *db.Tx, address string) error {
	if err := checkAddress(address); err != nil {
		return err
	}
	if err := subscribe(ctx, tx, folded(address), id.Secret()); err != nil {
		return fmt.Errorf("mail: opt in: %w", err)
	}
	return nil
}

// Wants reports whether promotional messages may go to an address.
func Wants(ctx context.Context, tx *db.Tx, address string) (bool, error) {
	err := wanted(ctx, tx, address)
	if errors.Is(err, ErrUnwanted) {
		return false, nil
	}
	return err == nil, err
}

// Suppress puts an address on the list of those that get no promotional
// messages.
func Suppress(ctx context.Context, tx *db.Tx, address, reason string) error {
	if err := suppress(ctx, tx, folded(address), reason); err != nil {
		return fmt.Errorf("mail: suppress: %w", err)
	}
	return nil
}

// UnsubscribeURL gives the address at which the person unsubscribes: page, a
// page of the shop, with the token that [Unsubscribe] takes as ?token=. A GET
// of it must change nothing, for mail programs look at links; a POST
// unsubscribes. It returns [ErrUnwanted].
func UnsubscribeURL(ctx context.Context, tx *db.Tx, page, address string) (string, error) {
	if err := wanted(ctx, tx, address); err != nil {
		return "", err
	}
	token, err := tokenOf(ctx, tx, folded(address))
	if err != nil {
		return "", fmt.Errorf("mail: unsubscribe: %w", err)
	}
	return page + "?" + url.Values{"token": {token}}.Encode(), nil
}

// Unsubscribe stops promotional messages to the address that the token was
// made for, and returns the address. It returns [ErrToken].
func Unsubscribe(ctx context.Context, tx *db.Tx, token string) (string, error) {
	address, err := Subscriber(ctx, tx, token)
	if err != nil {
		return "", err
	}
	return address, Suppress(ctx, tx, address, Unsubscribed)
}

// Subscriber gives the address that a token was made for, for the page that
// asks. It returns [ErrToken].
func Subscriber(ctx context.Context, tx *db.Tx, token string) (string, error) {
	address, err := byToken(ctx, tx, token)
	if errors.Is(err, db.ErrNoRows) {
		return "", ErrToken
	}
	if err != nil {
		return "", fmt.Errorf("mail: unsubscribe: %w", err)
	}
	return address, nil
}

func wanted(ctx context.Context, tx *db.Tx, address string) error {
	ok, err := subscribed(ctx, tx, folded(address))
	if err != nil {
		return fmt.Errorf("mail: wanted: %w", err)
	}
	if !ok {
		return ErrUnwanted
	}
	return nil
}

// folded is an address as the lists have it.
func folded(address string) string { return strings.ToLower(address) }
