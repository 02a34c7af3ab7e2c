package order

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"safelight/internal/account"
	"safelight/internal/catalog"
	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/fact"
	"safelight/internal/ledger"
	"safelight/internal/money"
	"safelight/internal/payment"
	"safelight/internal/policy"
)

func TestTheFactsOfAnOrderAreThoseOfTheBooks(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := desk(t, d)
		o := place(t, d, k, request())
		if err := settle(t, d, k, paid(o, "pi_1", false)); err != nil {
			t.Fatal(err)
		}
		o, err := lookUp(t, d, ana.ID, o.ID)
		if err != nil {
			t.Fatal(err)
		}
		spend(t, d, 12) // the bonus of 5 goes first
		r, err := db.Ask(t.Context(), d, func(tx *db.Tx) (Records, error) { return ReadRecords(t.Context(), tx, k, ana, o) })
		if err != nil {
			t.Fatal(err)
		}
		c := r.Facts("unused")
		if *c.Pack.Tokens != 100 || *c.Pack.Used != 7 || *c.Pack.Expired != 0 || *c.Pack.FreeTokens != 5 || *c.Pack.FreeUsed != 5 {
			t.Errorf("%d tokens, %d used, %d expired; %d free, %d of them used", *c.Pack.Tokens, *c.Pack.Used, *c.Pack.Expired, *c.Pack.FreeTokens, *c.Pack.FreeUsed)
		}
		if !*c.Order.Delivered || *c.Order.Kind != "pack" || *c.Order.Amount != o.Amount || *c.Given.OrderNumber != o.Number {
			t.Errorf("the order is %+v", c.Order)
		}
		got := k.Policies()[policy.Refund].Decide(c)
		if got.Outcome != policy.Deny || got.Clauses[0] != "2.2" {
			t.Errorf("unused credits: %s %v", got.Outcome, got.Clauses)
		}
	})
}

func spend(t *testing.T, d *db.DB, n int64) {
	t.Helper()
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		h, err := ledger.Hold(t.Context(), tx, ledger.Cause{Owner: ledger.Owner(ana.ID), Key: "job", Source: "job:1"}, n)
		if err != nil {
			return err
		}
		_, err = ledger.Capture(t.Context(), tx, h.ID, n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestFactsOfAnyRecordsArePossible: whatever the books say, what is made of it
// can be read back as a case, and is decided.
func TestFactsOfAnyRecordsArePossible(t *testing.T) {
	at := dbtest.Start
	rapid.Check(t, func(t *rapid.T) {
		o := Order{ID: "ord_1", Number: "260301-4F7K2Q", Credits: 100, Amount: money.Of(rapid.Int64Range(1, 1e6).Draw(t, "price"), "USD"), Lang: "en", PaidAt: at}
		r := Records{Order: o, Kind: catalog.KindPack, Buyer: account.Account{UID: "SL-1", Email: "ana@example.com", State: account.Active}, At: at.Add(time.Hour)}
		for range rapid.IntRange(0, 3).Draw(t, "charges") {
			r.Charges = append(r.Charges, payment.Charge{Payment: "pi", Amount: o.Amount, At: at})
		}
		for range rapid.IntRange(0, 3).Draw(t, "lots") {
			l := ledger.Lot{Class: rapid.SampledFrom([]ledger.Class{ledger.Paid, ledger.Bonus}).Draw(t, "class"), Granted: rapid.Int64Range(0, 1000).Draw(t, "granted")}
			l.Spent = rapid.Int64Range(0, l.Granted).Draw(t, "spent")
			l.Remaining = rapid.Int64Range(0, l.Granted-l.Spent).Draw(t, "remaining")
			l.Held = rapid.Int64Range(0, l.Remaining).Draw(t, "held")
			if rapid.Bool().Draw(t, "expires") {
				l.Expires = at.Add(time.Minute)
			}
			r.Lots = append(r.Lots, l)
		}
		c := r.Facts(rapid.SampledFrom(fact.Grounds).Draw(t, "ground"))
		text, err := c.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fact.Parse(text); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
	})
}
