package catalog

import (
	"slices"
	"time"

	"safelight/internal/money"
	"safelight/internal/shop"
)

// A Kind is what sort of thing is bought. The policies decide by it.
type Kind string

// The kinds.
const (
	KindPack         Kind = "pack"
	KindPass         Kind = "pass"
	KindSubscription Kind = "subscription"
	KindCommission   Kind = "commission"
	KindPrint        Kind = "print"
)

// A Pass is as many generations as one likes for a while.
type Pass struct {
	ID     string        `yaml:"id"`
	Names  Text          `yaml:"names"`
	Lasts  shop.Duration `yaml:"lasts"`
	Prices []Price       `yaml:"prices"`
}

// A Plan is credits each period, for as long as it renews.
type Plan struct {
	ID      string  `yaml:"id"`
	Names   Text    `yaml:"names"`
	Period  Period  `yaml:"period"`
	Credits int64   `yaml:"credits"` // each period
	Prices  []Price `yaml:"prices"`  // of a period
}

// A Period is how often a plan renews.
type Period string

// The periods.
const (
	Month Period = "month"
	Year  Period = "year"
)

// A Commission is custom work, agreed with a customer.
type Commission struct {
	ID        string   `yaml:"id"`
	Names     Text     `yaml:"names"`
	About     Text     `yaml:"about"`
	Days      int      `yaml:"days"` // business days to the first delivery
	Revisions Revision `yaml:"revisions"`
	Stages    []Stage  `yaml:"stages"` // that the work goes through, in their order
	Prices    []Price  `yaml:"prices"`
}

// Revision says which changes within the order are free of charge.
type Revision struct {
	Rounds int           `yaml:"rounds"` // 0: none
	Within shop.Duration `yaml:"within"` // from the first delivery
}

// A Stage is how far a commission is. What a cancellation costs at a stage
// stands in the policy.
type Stage string

// The stages, in their order.
const (
	Ordered       Stage = "ordered"
	Accepted      Stage = "accepted"
	InProgress    Stage = "in_progress"
	FirstDelivery Stage = "first_delivery"
	Revising      Stage = "revising"
	FinalDelivery Stage = "final_delivery"
	Approved      Stage = "approved"
)

// Stages are all stages in their order.
var Stages = []Stage{Ordered, Accepted, InProgress, FirstDelivery, Revising, FinalDelivery, Approved}

// A Print is a picture on paper.
type Print struct {
	ID     string  `yaml:"id"`
	Names  Text    `yaml:"names"`
	Width  int     `yaml:"width_mm"`
	Height int     `yaml:"height_mm"`
	Paper  Text    `yaml:"paper"`
	Prices []Price `yaml:"prices"`
}

// Pass finds a pass by id.
func (c *Catalog) Pass(id string) (Pass, error) {
	return find(c.Passes, id, func(p Pass) string { return p.ID })
}

// Plan finds a subscription plan by id.
func (c *Catalog) Plan(id string) (Plan, error) {
	return find(c.Plans, id, func(p Plan) string { return p.ID })
}

// Commission finds a commission by id.
func (c *Catalog) Commission(id string) (Commission, error) {
	return find(c.Commissions, id, func(k Commission) string { return k.ID })
}

// Print finds a print by id.
func (c *Catalog) Print(id string) (Print, error) {
	return find(c.Prints, id, func(p Print) string { return p.ID })
}

func find[T any](all []T, id string, of func(T) string) (v T, err error) {
	i := slices.IndexFunc(all, func(e T) bool { return of(e) == id })
	if i < 0 {
		return v, ErrNotSold.On("item")
	}
	return all[i], nil
}

// An Item is anything that has a price in money, of whatever kind.
type Item struct {
	Kind    Kind
	ID      string
	Names   Text
	Credits int64 // that are paid for: of a pack, of a plan's period
	prices  []Price
}

// Items are all that is in the catalog, kind by kind.
func (c *Catalog) Items() []Item {
	all := []Item{}
	for _, p := range c.Packs {
		all = append(all, Item{KindPack, p.ID, p.Names, p.Credits, p.Prices})
	}
	for _, p := range c.Passes {
		all = append(all, Item{KindPass, p.ID, p.Names, 0, p.Prices})
	}
	for _, p := range c.Plans {
		all = append(all, Item{KindSubscription, p.ID, p.Names, p.Credits, p.Prices})
	}
	for _, k := range c.Commissions {
		all = append(all, Item{KindCommission, k.ID, k.Names, 0, k.Prices})
	}
	for _, p := range c.Prints {
		all = append(all, Item{KindPrint, p.ID, p.Names, 0, p.Prices})
	}
	return all
}

// Item finds anything by id.
func (c *Catalog) Item(id string) (Item, error) {
	return find(c.Items(), id, func(i Item) string { return i.ID })
}

// Amount is what one of the item cost at the moment t.
func (c *Catalog) Amount(i Item, currency money.Currency, t time.Time) (money.Amount, error) {
	return c.amount(i.prices, currency, t)
}

// TokenPrice is what one token by itself cost at the moment t: a decimal with
// up to six decimals, as the catalog writes it.
func (c *Catalog) TokenPrice(currency money.Currency, t time.Time) (string, error) {
	p, ok := at(c.TokenPrices, Price.from, t)
	if !ok {
		return "", ErrNotSold.On("token")
	}
	if !slices.Contains(c.currencies, currency) {
		return "", ErrNoPrice.On("currency")
	}
	return p.Amounts[currency], nil
}
