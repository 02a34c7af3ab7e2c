package order

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"safelight/internal/account"
	"safelight/internal/catalog"
	"safelight/internal/db"
	"safelight/internal/fact"
	"safelight/internal/ledger"
	"safelight/internal/payment"
)

// Records are what the shop knows of a paid order at one moment.
type Records struct {
	Order   Order
	Kind    catalog.Kind
	Buyer   account.Account
	Charges []payment.Charge // the oldest first
	Lots    []ledger.Lot     // that came with it
	Token   *big.Rat         // price of one token by itself now; nil where the shop has none
	At      time.Time
}

// ReadRecords reads what is known of the buyer's order now.
func ReadRecords(ctx context.Context, tx *db.Tx, k Desk, buyer account.Account, o Order) (r Records, err error) {
	r = Records{Order: o, Kind: k.kind(o), Buyer: buyer, At: tx.Now()}
	if text, err := k.Catalog.TokenPrice(o.Amount.Currency, r.At); err == nil {
		r.Token, _ = new(big.Rat).SetString(text)
	}
	if r.Charges, err = payment.Charges(ctx, tx, string(o.ID)); err != nil {
		return r, fmt.Errorf("order: records of %s: %w", o.Number, err)
	}
	if r.Lots, err = ledger.LotsOfOrder(ctx, tx, string(o.ID)); err != nil {
		return r, fmt.Errorf("order: records of %s: %w", o.Number, err)
	}
	return r, nil
}

// kind is what was bought. What is no longer in the catalog was a pack: nothing
// else is sold.
func (k Desk) kind(o Order) catalog.Kind {
	i, err := k.Catalog.Item(o.Item)
	if err != nil {
		return catalog.KindPack
	}
	return i.Kind
}

// Facts are the records as the policy sees them, for a request on this ground
// that the buyer makes from the order's page: what names the order and the
// buyer is given, what they would have to send is not.
func (r Records) Facts(g fact.Ground) *fact.Case {
	o := r.Order
	ground, kind, currency, lang := string(g), string(r.Kind), string(o.Amount.Currency), string(o.Lang)
	delivered, ticked, state := len(r.Lots) > 0, true, string(r.Buyer.State)
	c := &fact.Case{At: &r.At, Ground: &ground, Lang: &lang}
	c.Given = fact.Given{OrderNumber: &o.Number, InvoiceNumber: &o.Number, ReceiptNumber: &o.Number, UserID: &r.Buyer.UID, Email: &r.Buyer.Email}
	if n := len(r.Charges); n > 0 {
		c.Given.TransactionID = &r.Charges[n-1].Payment
	}
	c.Order = fact.Order{Number: &o.Number, Kind: &kind, Currency: &currency, Amount: &o.Amount, PaidAt: r.paidAt(), Captured: r.captured(),
		Delivered: &delivered, AcceptedStatement: &ticked}
	if !delivered {
		c.Order.CanRedeliver = &ticked // credits can be issued at any time
	}
	c.Account.State = &state
	switch r.Kind {
	case catalog.KindPack:
		c.Pack = r.pack()
	case catalog.KindPass:
		c.Pass.TokenPriceNow = r.Token
	}
	return c
}

func (r Records) paidAt() *time.Time {
	if len(r.Charges) > 0 {
		return &r.Charges[0].At
	}
	if r.Order.PaidAt.IsZero() {
		return nil
	}
	return &r.Order.PaidAt
}

func (r Records) captured() (all []fact.Capture) {
	for _, c := range r.Charges {
		all = append(all, fact.Capture{ID: c.Payment, Amount: c.Amount, At: c.At})
	}
	return all
}

// pack counts the credits that came with the order. What a running job holds is
// used, even when it would have expired by now.
func (r Records) pack() (p fact.Pack) {
	var bought, used, expired, free, freeUsed int64
	for _, l := range r.Lots {
		if l.Class != ledger.Paid {
			free += l.Granted
			freeUsed += l.Spent + l.Held
			continue
		}
		bought += l.Granted
		used += l.Spent + l.Held
		expired += l.Granted - l.Spent - l.Remaining
		if l.ExpiredAt(r.At) {
			expired += l.Free()
		}
	}
	if bought == 0 {
		bought = r.Order.Credits
	}
	return fact.Pack{Tokens: &bought, Used: &used, Expired: &expired, FreeTokens: &free, FreeUsed: &freeUsed}
}
