package account

import (
	"context"
	"fmt"
	"time"

	"safelight/internal/db"
)

// Reachable gives accounts that are active, verified and older than a moment,
// behind the id after and in the order of ids: for letters that go to everybody.
func Reachable(ctx context.Context, tx *db.Tx, after ID, made time.Time, limit int) ([]Account, error) {
	all, err := selectReachable(ctx, tx, after, made, limit)
	if err != nil {
		return nil, fmt.Errorf("account: list: %w", err)
	}
	return all, nil
}

// Deliver is the address that mail to the account is sent to.
func (a Account) Deliver() string { return a.deliver() }
