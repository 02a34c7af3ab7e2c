package stripe

import (
	"context"
	"fmt"
	"strings"
	"time"

	api "github.com/stripe/stripe-go/v86"

	"safelight/internal/fault"
	"safelight/internal/money"
	"safelight/internal/payment"
)

// Facts fetches a session (cs_…), a payment (pi_…) or the payment of a charge
// (ch_…, py_…).
func (p *Processor) Facts(ctx context.Context, ref string) (payment.Facts, error) {
	kind, _, _ := strings.Cut(ref, "_")
	switch kind {
	case "cs":
		params := &api.CheckoutSessionRetrieveParams{}
		params.AddExpand("payment_intent.latest_charge")
		s, err := p.client.V1CheckoutSessions.Retrieve(ctx, ref, params)
		if err != nil {
			return payment.Facts{}, meaning("session "+ref, err)
		}
		return ofSession(s), nil
	case "pi":
		params := &api.PaymentIntentRetrieveParams{}
		params.AddExpand("latest_charge")
		i, err := p.client.V1PaymentIntents.Retrieve(ctx, ref, params)
		if err != nil {
			return payment.Facts{}, meaning("payment "+ref, err)
		}
		return ofIntent(i), nil
	case "ch", "py":
		c, err := p.client.V1Charges.Retrieve(ctx, ref, nil)
		if err != nil {
			return payment.Facts{}, meaning("charge "+ref, err)
		}
		if c.PaymentIntent == nil { // made by something else than Checkout
			return payment.Facts{State: payment.FactUnknown, Raw: "charge without payment", Live: c.Livemode}, nil
		}
		return p.Facts(ctx, c.PaymentIntent.ID)
	}
	return payment.Facts{}, fmt.Errorf("stripe: %q is no session, payment or charge: %w", ref, fault.NotFound)
}

// ofSession tells what a session says; when it is paid, what its payment says.
func ofSession(s *api.CheckoutSession) payment.Facts {
	f := payment.Facts{State: payment.FactUnknown, Raw: string(s.Status) + "/" + string(s.PaymentStatus),
		Session: payment.SessionID(s.Metadata[metaSession]), Order: s.ClientReferenceID, Ref: s.ID,
		Amount: amount(s.AmountTotal, s.Currency), Live: s.Livemode, Email: s.CustomerEmail}
	switch {
	case s.Metadata[metaOrder] != s.ClientReferenceID:
		f.Raw = "two references"
	case s.Status == api.CheckoutSessionStatusOpen:
		f.State = payment.FactOpen
	case s.Status == api.CheckoutSessionStatusExpired:
		f.State = payment.FactClosed
	case s.Status != api.CheckoutSessionStatusComplete:
	case s.PaymentStatus == api.CheckoutSessionPaymentStatusUnpaid:
		f.State = payment.FactPending
	case s.PaymentStatus == api.CheckoutSessionPaymentStatusPaid && s.PaymentIntent != nil:
		return paidSession(f, ofIntent(s.PaymentIntent))
	}
	return f
}

// paidSession joins a paid session with its payment, which must agree.
func paidSession(s, i payment.Facts) payment.Facts {
	if i.Order != s.Order || i.Session != s.Session || i.Live != s.Live {
		s.Raw = "session and payment disagree"
		return s
	}
	i.Ref = s.Ref
	if i.Email == "" {
		i.Email = s.Email
	}
	return i
}

func ofIntent(i *api.PaymentIntent) payment.Facts {
	f := payment.Facts{State: payment.FactUnknown, Raw: string(i.Status),
		Session: payment.SessionID(i.Metadata[metaSession]), Order: i.Metadata[metaOrder], Payment: i.ID,
		Amount: amount(i.Amount, i.Currency), Live: i.Livemode, Email: i.ReceiptEmail}
	switch i.Status {
	case api.PaymentIntentStatusRequiresPaymentMethod, api.PaymentIntentStatusRequiresConfirmation,
		api.PaymentIntentStatusRequiresAction, api.PaymentIntentStatusCanceled:
		f.State = payment.FactOpen // of this payment nothing came; the page may bring another
	case api.PaymentIntentStatusProcessing:
		f.State = payment.FactPending
	case api.PaymentIntentStatusSucceeded:
		f.State = payment.FactPaid
		f.Amount = amount(i.AmountReceived, i.Currency)
		f = ofCharge(f, i.LatestCharge)
	}
	return f
}

func ofCharge(f payment.Facts, c *api.Charge) payment.Facts {
	if c == nil {
		return f
	}
	f.Charge, f.Captured = c.ID, c.Captured && c.Paid && c.Status == api.ChargeStatusSucceeded
	f.At = time.Unix(c.Created, 0).UTC()
	if c.BillingDetails != nil && c.BillingDetails.Email != "" {
		f.Email = c.BillingDetails.Email
	}
	if d := c.PaymentMethodDetails; d != nil && d.Card != nil {
		f.Card = payment.Card{Brand: string(d.Card.Brand), Last4: d.Card.Last4, Country: d.Card.Country}
	}
	return f
}

func amount(minor int64, c api.Currency) money.Amount {
	return money.Of(minor, money.Currency(strings.ToUpper(string(c))))
}
