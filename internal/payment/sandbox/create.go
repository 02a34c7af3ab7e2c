package sandbox

import (
	"context"
	"net/url"
	"strings"
	"time"

	"safelight/internal/db"
	"safelight/internal/id"
	"safelight/internal/money"
)

const (
	longestSession  = 24 * time.Hour
	shortestSession = 30 * time.Minute
	largestAmount   = 99_999_999
	item            = "line_items[0]"
)

// createSession is POST /v1/checkout/sessions in payment mode with one line
// item, which is what a shop of ours asks for.
func (s *Server) createSession(ctx context.Context, tx *db.Tx, c call) (any, error) {
	err := c.only("mode", "payment_method_types", "line_items", "client_reference_id", "metadata", "payment_intent_data",
		"adaptive_pricing", "locale", "success_url", "cancel_url", "expires_at", "customer_email")
	if err != nil {
		return nil, err
	}
	line, err := c.lineItem()
	if err != nil {
		return nil, err
	}
	cs := session{ID: newID("cs_test_") + id.Secret(), Object: kindSession, AmountSubtotal: line.AmountTotal, AmountTotal: line.AmountTotal,
		AdaptivePricing: enabled{c.text("adaptive_pricing[enabled]") == "true"}, CancelURL: text(c.text("cancel_url")),
		ClientReferenceID: text(c.text("client_reference_id")), Created: tx.Now().Unix(), Currency: line.Currency,
		CustomerCreation: "if_required", CustomerEmail: text(c.text("customer_email")),
		LineItems: &list{Object: "list", Data: []any{line}, URL: "/v1/checkout/sessions"},
		Locale:    text(c.text("locale")), Metadata: c.dict("metadata"), Mode: "payment",
		PaymentIntentData: &intent{Description: text(c.text("payment_intent_data[description]")),
			Metadata: c.dict("payment_intent_data[metadata]"), ReceiptEmail: text(c.text("payment_intent_data[receipt_email]"))},
		PaymentMethodTypes: []string{"card"}, PaymentStatus: "unpaid", Status: "open", SuccessURL: c.text("success_url"), UIMode: "hosted_page"}
	cs.URL = text(s.base + "/sandbox/pay/" + cs.ID)
	if cs.ExpiresAt, err = c.expiry(tx.Now()); err != nil {
		return nil, err
	}
	return cs, save(ctx, tx, cs)
}

func (c call) lineItem() (lineItem, error) {
	l := lineItem{ID: newID("li_"), Object: "item", Currency: strings.ToLower(c.text(item + "[price_data][currency]")),
		Description: c.text(item + "[price_data][product_data][name]")}
	if c.text("mode") != "payment" {
		return l, invalid("mode", "parameter_invalid", "The sandbox takes payments only: mode must be payment.")
	}
	for _, name := range []string{"success_url", "cancel_url"} {
		if v := c.text(name); !absolute(v) && (v != "" || name == "success_url") {
			return l, invalid(name, "url_invalid", "Not a valid URL")
		}
	}
	if l.Currency == "" || !money.Currency(strings.ToUpper(l.Currency)).Valid() {
		return l, invalid(item+"[price_data][currency]", "parameter_invalid", "Invalid currency: "+l.Currency)
	}
	if l.Description == "" {
		return l, invalid(item+"[price_data][product_data][name]", "parameter_missing", "Missing required param: name.")
	}
	unit, err := c.number(item+"[price_data][unit_amount]", -1)
	if err != nil {
		return l, err
	}
	if l.Quantity, err = c.number(item+"[quantity]", 1); err != nil {
		return l, err
	}
	if l.Quantity < 1 || l.Quantity > 999_999 {
		return l, invalid(item+"[quantity]", "parameter_invalid_integer", "The quantity must be from 1 to 999999.")
	}
	if unit < 1 || unit > largestAmount || unit*l.Quantity > largestAmount {
		return l, invalid(item+"[price_data][unit_amount]", "parameter_invalid_integer", "The amount must be from 1 to 99999999.")
	}
	l.AmountSubtotal, l.AmountTotal = unit*l.Quantity, unit*l.Quantity
	return l, nil
}

func absolute(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

func (c call) expiry(now time.Time) (int64, error) {
	at, err := c.number("expires_at", now.Add(longestSession).Unix())
	if err != nil {
		return 0, err
	}
	if at < now.Add(shortestSession).Unix() || at > now.Add(longestSession).Unix() {
		return 0, invalid("expires_at", "", "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.")
	}
	return at, nil
}
