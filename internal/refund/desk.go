package refund

import (
	"context"
	"slices"

	"safelight/internal/edition"
	"safelight/internal/fact"
	"safelight/internal/policy"
)

// A Desk decides cases for a shop.
type Desk struct{ Shelf *edition.Shelf }

// Decide answers the case under the version in force when the order was paid;
// where it is not known when, under the one in force at the request. Where that
// version says so, a later one decides if it gives the customer more.
func (k Desk) Decide(ctx context.Context, c *fact.Case) (*policy.Decision, error) {
	paid := *c.At
	if c.Order.PaidAt != nil {
		paid = *c.Order.PaidAt
	}
	d, err := k.Shelf.At(ctx, policy.Refund, paid)
	if err != nil {
		return nil, err
	}
	best := d.Decide(c)
	if !d.BetterLater {
		return best, nil
	}
	all, err := k.Shelf.All(ctx, policy.Refund)
	if err != nil {
		return nil, err
	}
	for _, e := range all { // the newest first
		if !e.InForce.After(paid) {
			break
		}
		if e.InForce.After(*c.At) {
			continue
		}
		later, err := k.Shelf.ByHash(ctx, e.Hash)
		if err != nil {
			return nil, err
		}
		if other := later.Decide(c); better(other, best) {
			best = other
		}
	}
	return best, nil
}

var standing = []policy.Outcome{policy.Deny, policy.Incomplete, policy.Review, policy.Grant}

// better reports whether a gives the customer more than b.
func better(a, b *policy.Decision) bool {
	if x, y := slices.Index(standing, a.Outcome), slices.Index(standing, b.Outcome); x != y {
		return x > y
	}
	return amount(a) > amount(b)
}

func amount(d *policy.Decision) int64 {
	if d.Amount == nil {
		return 0
	}
	return d.Amount.Minor
}
