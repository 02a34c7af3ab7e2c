package sandbox

import "strings"

// A card is one of the processor's documented test cards.
type card struct {
	number, brand, country string
	decline                string // the decline code, or ""
	dispute                string // the reason of the dispute that follows, or ""
	refundFails            bool
	label                  string // i18n key of what it does
}

// cards are listed on the hosted page in this order.
var cards = []card{
	{number: "4242424242424242", brand: "visa", country: "US", label: "sandbox.card.pays"},
	{number: "4000004840008001", brand: "visa", country: "MX", label: "sandbox.card.pays_mx"},
	{number: "4000000000000002", brand: "visa", country: "US", decline: "generic_decline", label: "sandbox.card.declined"},
	{number: "4000000000009995", brand: "visa", country: "US", decline: "insufficient_funds", label: "sandbox.card.no_funds"},
	{number: "4000000000000259", brand: "visa", country: "US", dispute: "fraudulent", label: "sandbox.card.disputed"},
	{number: "4000000000002685", brand: "visa", country: "US", dispute: "product_not_received", label: "sandbox.card.not_received"},
	{number: "4000000000005126", brand: "visa", country: "US", refundFails: true, label: "sandbox.card.refund_fails"},
}

// findCard knows the test cards and no other number.
func findCard(number string) (card, bool) {
	number = strings.NewReplacer(" ", "", "-", "").Replace(number)
	for _, c := range cards {
		if c.number == number {
			return c, true
		}
	}
	return card{}, false
}

func (c card) last4() string { return c.number[len(c.number)-4:] }

// grouped is the number as a card shows it.
func (c card) grouped() string {
	n := c.number
	return n[:4] + " " + n[4:8] + " " + n[8:12] + " " + n[12:]
}

// cardOf finds the test card by its last four digits, which is all that a
// charge keeps.
func cardOf(last4 string) card {
	for _, c := range cards {
		if c.last4() == last4 {
			return c
		}
	}
	return card{}
}
