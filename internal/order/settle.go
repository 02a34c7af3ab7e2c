package order

import (
	"context"
	"fmt"
	"time"

	"safelight/internal/db"
	"safelight/internal/ledger"
	"safelight/internal/money"
	"safelight/internal/payment"
)

// Settle delivers what was paid for, in the transaction that records the
// charge. It is a [payment.Settle] for one desk.
func Settle(k Desk) payment.Settle {
	return func(ctx context.Context, tx *db.Tx, p payment.Paid) error {
		o, err := byID(ctx, tx, ID(p.Session.Order))
		if err != nil {
			return fmt.Errorf("order: settle %s: %w", p.Session.Order, err)
		}
		if p.Duplicate {
			return extra(ctx, tx, k, o, p.Charge)
		}
		return deliver(ctx, tx, k, o, p.Charge)
	}
}

func deliver(ctx context.Context, tx *db.Tx, k Desk, o Order, c payment.Charge) error {
	first, err := markPaid(ctx, tx, o.ID, c.Payment)
	if err != nil {
		return fmt.Errorf("order: settle %s: %w", o.Number, err)
	}
	if !first {
		return extra(ctx, tx, k, o, c)
	}
	o.State, o.PaidAt, o.Payment = Paid, tx.Now(), c.Payment
	cause := ledger.Cause{Owner: ledger.Owner(o.Account), Key: "order:" + string(o.ID), Source: string(o.ID)}
	if _, err := ledger.Issue(ctx, tx, cause, grants(o)...); err != nil {
		return fmt.Errorf("order: deliver %s: %w", o.Number, err)
	}
	return askForReceipt(ctx, tx, o)
}

func grants(o Order) []ledger.Grant {
	var expires time.Time
	if o.Lasts > 0 {
		expires = o.PaidAt.Add(o.Lasts)
	}
	all := []ledger.Grant{{Class: ledger.Paid, Credits: o.Credits, Price: o.Amount, Order: string(o.ID), Expires: expires}}
	if o.Bonus > 0 {
		all = append(all, ledger.Grant{Class: ledger.Bonus, Credits: o.Bonus, Order: string(o.ID), WithFirst: true,
			Price: money.Of(0, o.Amount.Currency), Expires: expires})
	}
	return all
}

// extra records money that was taken again: nothing is delivered for it.
func extra(ctx context.Context, tx *db.Tx, k Desk, o Order, c payment.Charge) error {
	if err := markExtra(ctx, tx, o.ID); err != nil {
		return fmt.Errorf("order: extra charge for %s: %w", o.Number, err)
	}
	return sendExtra(ctx, tx, k, o, c)
}

// ExpireAfter is how long an order waits for its payment: an hour longer than
// the hosted page is open.
const ExpireAfter = payment.DefaultExpiry + time.Hour

// Expire closes the orders that nobody paid in time.
func Expire(ctx context.Context, tx *db.Tx) error {
	_, err := expire(ctx, tx, tx.Now().Add(-ExpireAfter))
	return err
}
