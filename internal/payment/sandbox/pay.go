package sandbox

import (
	"context"
	"fmt"
	"time"

	"safelight/internal/db"
)

// paid is what became of an attempt to pay.
type paid struct {
	Session session
	Decline string // the decline code, or "" when the session is paid
}

// pay pays an open session with a test card, or has it declined.
func (s *Server) pay(ctx context.Context, tx *db.Tx, id string, c card) (paid, error) {
	cs, err := lock[session](ctx, tx, id)
	if err != nil {
		return paid{}, err
	}
	if cs.Status != "open" || tx.Now().Unix() >= cs.ExpiresAt {
		return paid{}, invalid("session", "checkout_session_closed", "This Checkout Session is "+closedAs(cs)+" and cannot be paid.")
	}
	pi, err := intentOf(ctx, tx, cs)
	if err != nil {
		return paid{}, err
	}
	cs.PaymentIntent = text(pi.ID)
	if c.decline != "" {
		return paid{Session: cs, Decline: c.decline}, decline(ctx, tx, cs, pi, c)
	}
	cs.Status, cs.PaymentStatus, cs.URL = "complete", "paid", ""
	cs.CustomerDetails = &payer{Email: cs.CustomerEmail, TaxExempt: "none"}
	ch, err := capture(ctx, tx, pi, cs.CustomerEmail, c)
	if err != nil {
		return paid{}, err
	}
	if err := save(ctx, tx, cs); err != nil {
		return paid{}, err
	}
	if err := emit(ctx, tx, "checkout.session.completed", cs); err != nil {
		return paid{}, err
	}
	if c.dispute != "" {
		_, err = open(ctx, tx, ch, c.dispute)
	}
	return paid{Session: cs}, err
}

func closedAs(cs session) string {
	if cs.Status == "open" {
		return "expired"
	}
	return cs.Status
}

// intentOf returns the session's payment, made at the first attempt.
func intentOf(ctx context.Context, tx *db.Tx, cs session) (intent, error) {
	if cs.PaymentIntent != "" {
		return lock[intent](ctx, tx, string(cs.PaymentIntent))
	}
	return newIntent(cs, tx.Now()), nil
}

func newIntent(cs session, now time.Time) intent {
	pi := *cs.PaymentIntentData
	pi.ID, pi.Object, pi.Created = newID("pi_"), kindIntent, now.Unix()
	pi.ClientSecret = pi.ID + "_secret_" + newID("")
	pi.Amount, pi.Currency = cs.AmountTotal, cs.Currency
	pi.CaptureMethod, pi.ConfirmationMethod = "automatic_async", "automatic"
	pi.PaymentMethodTypes, pi.Status = []string{"card"}, "requires_payment_method"
	return pi
}

func newCharge(pi intent, email text, c card, now time.Time) charge {
	return charge{ID: newID("ch_"), Object: kindCharge, Amount: pi.Amount, BillingDetails: billing{Email: email},
		Created: now.Unix(), Currency: pi.Currency, Description: pi.Description, Metadata: pi.Metadata,
		PaymentIntent: text(pi.ID), PaymentMethod: newID("pm_"), ReceiptEmail: pi.ReceiptEmail,
		PaymentMethodDetails: methodOfCharge{Type: "card", Card: cardOfCharge{Brand: c.brand, Country: c.country,
			ExpMonth: 12, ExpYear: now.Year() + 3, Funding: "credit", Last4: c.last4(), Network: c.brand}}}
}

// capture takes the money of a payment.
func capture(ctx context.Context, tx *db.Tx, pi intent, email text, c card) (charge, error) {
	ch := newCharge(pi, email, c, tx.Now())
	ch.AmountCaptured, ch.Captured, ch.Paid, ch.Status = pi.Amount, true, true, "succeeded"
	ch.Outcome = outcome{NetworkStatus: "approved_by_network", RiskLevel: "normal", SellerMessage: "Payment complete.", Type: "authorized"}
	pi.AmountReceived, pi.LatestCharge, pi.PaymentMethod = pi.Amount, text(ch.ID), text(ch.PaymentMethod)
	pi.LastPaymentError, pi.Status = nil, "succeeded"
	return ch, saveAll(ctx, tx, pi, ch, "charge.succeeded", "payment_intent.succeeded")
}

// decline records an attempt that the card's bank refused. The session stays
// open.
func decline(ctx context.Context, tx *db.Tx, cs session, pi intent, c card) error {
	ch := newCharge(pi, cs.CustomerEmail, c, tx.Now())
	ch.Status, ch.FailureCode, ch.FailureMessage = "failed", "card_declined", "Your card was declined."
	ch.Outcome = outcome{NetworkStatus: "declined_by_network", Reason: text(c.decline), RiskLevel: "normal",
		SellerMessage: "The bank did not return any further details with this decline.", Type: "issuer_declined"}
	pi.LatestCharge = text(ch.ID)
	pi.LastPaymentError = &cardError{Charge: ch.ID, Code: "card_declined", DeclineCode: c.decline, Message: "Your card was declined.", Type: "card_error"}
	if err := saveAll(ctx, tx, pi, ch, "charge.failed", "payment_intent.payment_failed"); err != nil {
		return err
	}
	return save(ctx, tx, cs)
}

func saveAll(ctx context.Context, tx *db.Tx, pi intent, ch charge, ofCharge, ofIntent string) error {
	if err := save(ctx, tx, pi); err != nil {
		return err
	}
	if err := save(ctx, tx, ch); err != nil {
		return err
	}
	if err := emit(ctx, tx, ofCharge, ch); err != nil {
		return err
	}
	return emit(ctx, tx, ofIntent, pi)
}

// duplicate takes the money of a paid session a second time, as a faulty
// gateway would: a payment of its own, with the same references.
func duplicate(ctx context.Context, tx *db.Tx, id string) (charge, error) {
	cs, err := lock[session](ctx, tx, id)
	if err != nil {
		return charge{}, err
	}
	if cs.PaymentStatus != "paid" {
		return charge{}, invalid("session", "", "Only a paid Checkout Session can be charged a second time.")
	}
	first, err := load[intent](ctx, tx, string(cs.PaymentIntent))
	if err != nil {
		return charge{}, err
	}
	ch, err := load[charge](ctx, tx, string(first.LatestCharge))
	if err != nil {
		return charge{}, err
	}
	return capture(ctx, tx, newIntent(cs, tx.Now()), cs.CustomerEmail, cardOf(ch.PaymentMethodDetails.Card.Last4))
}

// expire closes an open session unpaid.
func expire(ctx context.Context, tx *db.Tx, id string) (session, error) {
	cs, err := lock[session](ctx, tx, id)
	if err != nil {
		return cs, err
	}
	if cs.Status != "open" {
		return cs, invalid("session", "", fmt.Sprintf(
			"Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of `%s`.", cs.Status))
	}
	cs.Status, cs.URL = "expired", ""
	if err := save(ctx, tx, cs); err != nil {
		return cs, err
	}
	return cs, emit(ctx, tx, "checkout.session.expired", cs)
}
