package account

import (
	"context"
	"fmt"
	"time"

	"safelight/internal/db"
	"safelight/internal/id"
)

// What is something that happened to an account.
type What string

// What happened.
const (
	SignedUp        What = "signed_up"
	ProvedAddress   What = "proved_address"
	SignedIn        What = "signed_in"
	FailedSignIn    What = "failed_sign_in"
	SignedOut       What = "signed_out"
	ChangedPassword What = "changed_password"
	AskedReset      What = "asked_reset"
	MadeToken       What = "made_token"
	RevokedToken    What = "revoked_token"
	Created         What = "created" // by an operator
	WasSuspended    What = "suspended"
	WasReinstated   What = "reinstated"
	WasTerminated   What = "terminated"
)

// An Event is something that happened to an account, and from where.
type Event struct {
	What   What
	Client Client
	At     time.Time
}

// Record notes an event; an empty account is an unknown one.
func Record(ctx context.Context, tx *db.Tx, account ID, what What, c Client) error {
	if err := insertEvent(ctx, tx, id.New[string]("evt"), account, Event{What: what, Client: c, At: tx.Now()}); err != nil {
		return fmt.Errorf("account: record %s: %w", what, err)
	}
	return nil
}

// Events are the latest events of the account, newest first.
func Events(ctx context.Context, tx *db.Tx, account ID, limit int) ([]Event, error) {
	return selectEvents(ctx, tx, account, limit)
}
