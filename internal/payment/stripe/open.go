package stripe

import (
	"context"
	"slices"
	"strings"

	api "github.com/stripe/stripe-go/v86"

	"safelight/internal/i18n"
	"safelight/internal/payment"
)

// The names of our references in Stripe's metadata.
const (
	metaOrder   = "order"
	metaNumber  = "number"
	metaSession = "session"
)

// Open creates a Checkout Session and returns its page.
func (p *Processor) Open(ctx context.Context, c payment.Checkout) (payment.Page, error) {
	s, err := p.client.V1CheckoutSessions.Create(ctx, params(c))
	if err != nil {
		return payment.Page{}, meaning("open", err)
	}
	return payment.Page{Ref: s.ID, URL: s.URL}, nil
}

func params(c payment.Checkout) *api.CheckoutSessionCreateParams {
	meta := map[string]string{metaOrder: c.Order, metaNumber: c.Number, metaSession: string(c.Session)}
	item := &api.CheckoutSessionCreateLineItemPriceDataParams{
		Currency:    api.String(strings.ToLower(string(c.Amount.Currency))),
		UnitAmount:  api.Int64(c.Amount.Minor),
		ProductData: &api.CheckoutSessionCreateLineItemPriceDataProductDataParams{Name: api.String(c.Item)},
	}
	p := &api.CheckoutSessionCreateParams{
		Mode:               api.String(string(api.CheckoutSessionModePayment)),
		PaymentMethodTypes: api.StringSlice([]string{"card"}),
		LineItems:          []*api.CheckoutSessionCreateLineItemParams{{Quantity: api.Int64(1), PriceData: item}},
		ClientReferenceID:  api.String(c.Order),
		Metadata:           meta,
		PaymentIntentData: &api.CheckoutSessionCreatePaymentIntentDataParams{
			Description: api.String(c.Number), Metadata: meta},
		// The price is ours: Stripe must not convert it for the payer.
		AdaptivePricing: &api.CheckoutSessionCreateAdaptivePricingParams{Enabled: api.Bool(false)},
		Locale:          api.String(locale(c.Lang)),
		SuccessURL:      api.String(c.Success),
		CancelURL:       api.String(c.Cancel),
		ExpiresAt:       api.Int64(c.Expires.Unix()),
	}
	if c.Email != "" {
		p.CustomerEmail = api.String(c.Email)
	}
	p.SetIdempotencyKey(c.Key)
	return p
}

func locale(l i18n.Lang) string {
	if slices.Contains(i18n.Languages, l) {
		return string(l)
	}
	return "auto"
}
