package paymenttest

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/fault"
	"safelight/internal/id"
	"safelight/internal/money"
	"safelight/internal/payment"
)

// Cards that a customer can pay with.
const (
	Good     = "4242424242424242"
	Declined = "4000000000000002"
)

// A Rig is a processor and the hands of the customer at its hosted page.
type Rig struct {
	Processor payment.Processor
	Pay       func(t *testing.T, ref, card string)                  // at the page of a session
	Duplicate func(t *testing.T, ref string)                        // takes a session's money twice
	Notices   func(t *testing.T) [][]byte                           // all bodies so far, the newest first
	Sign      func(secret string, at time.Time, body []byte) string // a signature; "" for the right secret
}

// Header is the header of a notice with a signature.
func Header(signature string) http.Header {
	h := http.Header{}
	if signature != "" {
		h.Set("Stripe-Signature", signature)
	}
	return h
}

// Intent is what a customer is about to pay in these tests.
func Intent(d *db.DB, by payment.Identity) payment.Intent {
	return payment.Intent{By: by, Order: id.New[string]("ord"), Number: "SL-1001", Item: "100 credits", Amount: money.Of(1900, "USD"),
		Email: "ana@example.com", Lang: "es", Success: "https://shop.example/orders/1", Cancel: "https://shop.example/buy",
		Expires: d.Clock().Now().Add(payment.DefaultExpiry)}
}

// Run holds a processor to the contract of [payment.Processor], on both
// databases.
func Run(t *testing.T, open func(t *testing.T, d *db.DB) Rig) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		r := open(t, d)
		for _, c := range []struct {
			name  string
			check func(t *testing.T, d *db.DB, r Rig)
		}{
			{"one key opens one page", oneKeyOpensOnePage},
			{"a paid session tells who paid what", paidTells},
			{"a declined card leaves the page open", declinedStaysOpen},
			{"an expired session is closed", expiredIsClosed},
			{"an expired session may be expired again", expireTwice},
			{"what it does not know is not found", unknownIsNotFound},
			{"a second payment carries the same references", duplicateCarriesReferences},
			{"its own notices are read", noticesAreRead},
			{"what it did not sign just now is refused", forgedIsRefused},
			{"events are listed from a moment on", eventsSince},
		} {
			t.Run(c.name, func(t *testing.T) { c.check(t, d, r) })
		}
	})
}

func checkout(d *db.DB, r Rig) payment.Checkout {
	s := id.New[payment.SessionID]("pay")
	return payment.Checkout{Key: string(s), Session: s, Intent: Intent(d, r.Processor.Identity())}
}

func (r Rig) open(t *testing.T, c payment.Checkout) payment.Page {
	t.Helper()
	p, err := r.Processor.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (r Rig) facts(t *testing.T, ref string) payment.Facts {
	t.Helper()
	f, err := r.Processor.Facts(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func oneKeyOpensOnePage(t *testing.T, d *db.DB, r Rig) {
	c := checkout(d, r)
	first, again := r.open(t, c), r.open(t, c)
	if first != again || first.Ref == "" || first.URL == "" {
		t.Errorf("the same key opened %v and %v", first, again)
	}
	if other := r.open(t, checkout(d, r)); other.Ref == first.Ref {
		t.Errorf("two keys opened one page")
	}
	f := r.facts(t, first.Ref)
	if f.State != payment.FactOpen || f.Session != c.Session || f.Order != c.Order || f.Amount != c.Amount {
		t.Errorf("a fresh session has the facts %+v", f)
	}
	c.Amount.Minor++
	if _, err := r.Processor.Open(t.Context(), c); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("the same key with another amount: %v", err)
	}
}

func paidTells(t *testing.T, d *db.DB, r Rig) {
	c := checkout(d, r)
	p := r.open(t, c)
	r.Pay(t, p.Ref, Good)
	f := r.facts(t, p.Ref)
	if f.State != payment.FactPaid || !f.Captured || f.Amount != c.Amount || f.Session != c.Session || f.Order != c.Order ||
		f.Ref != p.Ref || f.Payment == "" || f.Charge == "" || f.Live != r.Processor.Identity().Live || f.Email != c.Email {
		t.Errorf("a paid session has the facts %+v", f)
	}
	if f.Card != (payment.Card{Brand: "visa", Last4: "4242", Country: "US"}) {
		t.Errorf("card %+v", f.Card)
	}
	if !f.At.Equal(d.Clock().Now().Truncate(time.Second)) {
		t.Errorf("taken at %s", f.At)
	}
	byPayment, byCharge := r.facts(t, f.Payment), r.facts(t, f.Charge)
	f.Ref = "" // a payment does not know its session's id
	if byPayment != f || byCharge != f {
		t.Errorf("the payment says %+v, the charge %+v, the session %+v", byPayment, byCharge, f)
	}
}

func declinedStaysOpen(t *testing.T, d *db.DB, r Rig) {
	p := r.open(t, checkout(d, r))
	r.Pay(t, p.Ref, Declined)
	if f := r.facts(t, p.Ref); f.State != payment.FactOpen {
		t.Errorf("after a declined card the session is %s (%s)", f.State, f.Raw)
	}
	r.Pay(t, p.Ref, Good)
	if f := r.facts(t, p.Ref); f.State != payment.FactPaid {
		t.Errorf("after a second card the session is %s (%s)", f.State, f.Raw)
	}
}

func expiredIsClosed(t *testing.T, d *db.DB, r Rig) {
	p := r.open(t, checkout(d, r))
	if err := r.Processor.Expire(t.Context(), p.Ref); err != nil {
		t.Fatal(err)
	}
	if f := r.facts(t, p.Ref); f.State != payment.FactClosed || f.Payment != "" {
		t.Errorf("an expired session is %+v", f)
	}
}

func expireTwice(t *testing.T, d *db.DB, r Rig) {
	p := r.open(t, checkout(d, r))
	for range 2 {
		if err := r.Processor.Expire(t.Context(), p.Ref); err != nil {
			t.Fatal(err)
		}
	}
}

func unknownIsNotFound(t *testing.T, _ *db.DB, r Rig) {
	for _, ref := range []string{"cs_test_nobody", "pi_nobody", "ch_nobody", "nonsense", ""} {
		if _, err := r.Processor.Facts(t.Context(), ref); !errors.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", ref, err)
		}
	}
}

func duplicateCarriesReferences(t *testing.T, d *db.DB, r Rig) {
	c := checkout(d, r)
	p := r.open(t, c)
	r.Pay(t, p.Ref, Good)
	r.Duplicate(t, p.Ref)
	first := r.facts(t, p.Ref)
	events, err := r.Processor.Events(t.Context(), d.Clock().Now().Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	payments := map[string]bool{}
	for _, e := range events {
		if f := r.facts(t, e.Object); f.State == payment.FactPaid && f.Order == c.Order && f.Amount == c.Amount {
			payments[f.Payment] = true
		}
	}
	if len(payments) != 2 || !payments[first.Payment] {
		t.Errorf("payments of the order: %v, the session's is %s", payments, first.Payment)
	}
}

func eventsSince(t *testing.T, d *db.DB, r Rig) {
	dbtest.Clock(d).Advance(24 * time.Hour)
	r.Pay(t, r.open(t, checkout(d, r)).Ref, Good)
	dbtest.Clock(d).Advance(time.Hour)
	for range 50 { // more than a page of them
		r.Pay(t, r.open(t, checkout(d, r)).Ref, Good)
	}
	all, err := r.Processor.Events(t.Context(), d.Clock().Now().Add(-2*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	late, err := r.Processor.Events(t.Context(), d.Clock().Now().Add(-time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != len(late)+len(late)/50 || len(late)%50 != 0 {
		t.Errorf("%d events in all, %d in the last minute", len(all), len(late))
	}
	for i, e := range all[1:] {
		if e.At.Before(all[i].At) || e.ID == all[i].ID || len(e.Payload) == 0 {
			t.Fatalf("event %d is out of order, repeated or empty: %+v", i+1, e)
		}
	}
}
