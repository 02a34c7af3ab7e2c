package web

// LandingView is the front page.
type LandingView struct {
	Page
	Heading     string
	Lede        string
	Hero        Compare
	HeroCaption string // what was done to the picture
	PhotoCredit Link   // by whom it is
	Costs       []CostLine
	Returned    []Link // promises in one line each, linked to their clause
	Kept        []Link // what is not refunded, in one line each
	Offers      []OfferGroup
	Start       string // where the main button leads
	How         string // heading of the steps
	HowLede     string
}

// A CostLine says what one kind of work on one photo costs.
type CostLine struct {
	Work    string // "Upscale ×2"
	Example string // "12 megapixels become 48"
	Credits string // "8 credits"
	Money   string // "$0.64"
}

// PricingView is the page with the packs.
type PricingView struct {
	Page
	Heading    string
	Lede       string
	Currencies []Option // none where there is no choice
	Packs      []Pack
	Offers     []OfferGroup
	Studio     bool // its commissions stand before its packs
	Costs      []CostLine
	Notes      []string
}

// An OfferGroup is what the shop lists of one kind besides packs.
type OfferGroup struct {
	ID      string // of its part of the page
	Heading string
	Lede    string
	Closed  string // why none of it can be ordered; empty when it can
	Offers  []Offer
}

// An Offer is one thing on the list.
type Offer struct {
	Name  string
	About string
	Terms []string // "5 working days", "200 × 300 mm"
	Price string   // "$89.00", "$19.00 a month"
}

// A Pack is one thing to buy.
type Pack struct {
	ID      string
	Many    string // "100"
	Unit    string // "credits"
	Price   string // "$9.00"
	Each    string // "$0.09 a credit"
	Lines   []string
	Buy     string // address of its checkout
	BuyText string // "Buy 100 credits": says which, for those who hear the page
	Main    bool
}

// CheckoutView is the step before the order: what is bought and the statement to accept.
type CheckoutView struct {
	Page
	Heading   string
	Facts     []Fact
	Action    string
	Hidden    []Option // Value under the name Label: item, currency, the statement's hash
	Statement string   // the policy's own sentence
	Lang      string   // of the statement, which may not be the page's
	Note      string   // which language prevails
	Wrong     string   // why the box does not do as it is
	Policy    Link     // the policy it stands in
	Problem   string   // what is wrong with the whole
	Pay       string   // "Continue to payment, $9.00"
}

// OrdersView lists the reader's orders, newest first.
type OrdersView struct {
	Page
	Orders []OrderLine
	Older  string // address of the next page; empty at the end
}

// An OrderLine is one order in the list.
type OrderLine struct {
	URL    string
	Number string
	What   string
	When   string
	Amount string
	State  State
}

// OrderView is one order.
type OrderView struct {
	Page
	ID        string // the part that moves by itself is order-ID
	Number    string
	State     State
	Facts     []Fact
	Pay       string // where an unpaid order is paid; empty when it needs nothing
	Statement string // as accepted
	Accepted  string // "Accepted on … from …"
	Documents []Link // receipt, invoice
	Ask       string // where to ask about this very payment
	Story     []Fact // when and what, oldest first

	Refunds       []RefundLine // none before it is paid
	RefundVersion string       // of the policy that decides
	Try           string       // where to try other cases
}

// CreditsView is the balance, the lots and the statement of every movement.
type CreditsView struct {
	Page
	Balance string // "128"
	Unit    string // "credits", in the form that the balance needs
	Held    string // "4 more are set aside for photos in work"; empty when none
	Lots    []LotLine
	Lines   []StatementLine
	Older   string // address of the next page; empty at the end
}

// A LotLine is credits that came together.
type LotLine struct {
	Kind   string // "Bought"
	From   Link   // the order
	Left   string // "96 of 100"
	Expiry string
}

// A StatementLine is one movement of credits.
type StatementLine struct {
	When   string
	What   Link
	Change string // "−4", "+100"
	After  string // the balance afterwards
}
