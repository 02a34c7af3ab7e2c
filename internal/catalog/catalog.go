package catalog

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/goccy/go-yaml"

	"safelight/internal/fault"
	"safelight/internal/i18n"
	"safelight/internal/money"
	"safelight/internal/shop"
)

// Errors of a question.
var (
	ErrNotSold    = fault.New(fault.NotFound, "catalog.not_sold", "This is not sold here.")
	ErrNoPrice    = fault.New(fault.Invalid, "catalog.no_price", "This is not sold in that currency.")
	ErrNotOffered = fault.New(fault.Invalid, "catalog.not_offered", "This shop does not offer that operation.")
	ErrQuantity   = fault.New(fault.Invalid, "catalog.quantity", "Choose between 1 and 100.")
)

const (
	maxQuantity = 100
	maxCredits  = 1_000_000 // at once
)

// A Catalog is what catalog.yaml says.
type Catalog struct {
	Packs       []Pack       `yaml:"packs"`
	Passes      []Pass       `yaml:"passes"`
	Plans       []Plan       `yaml:"plans"`
	Commissions []Commission `yaml:"commissions"`
	Prints      []Print      `yaml:"prints"`
	TokenPrices []Price      `yaml:"token_prices"` // of one token by itself, up to six decimals
	Operations  []Operation  `yaml:"operations"`
	currencies  []money.Currency
}

// A Text is written in each of the shop's languages.
type Text map[i18n.Lang]string

// A Pack is credits for money.
type Pack struct {
	ID      string        `yaml:"id"`
	Names   Text          `yaml:"names"`
	Credits int64         `yaml:"credits"` // paid for
	Bonus   int64         `yaml:"bonus"`   // on top, free
	Lasts   shop.Duration `yaml:"lasts"`   // 0: the credits do not expire
	Prices  []Price       `yaml:"prices"`
}

// A Price holds from a moment on.
type Price struct {
	From    time.Time                 `yaml:"from"`
	Amounts map[money.Currency]string `yaml:"amounts"`
}

// An Operation is work for credits: Credits for each started PerMegapixels of
// output, times the model's factor.
type Operation struct {
	ID    string  `yaml:"id"`
	Rates []Rates `yaml:"rates"`
}

// Rates hold from a moment on.
type Rates struct {
	From          time.Time        `yaml:"from"`
	Credits       map[string]int64 `yaml:"credits"` // by model
	PerMegapixels int64            `yaml:"per_megapixels"`
}

func (p Price) from() time.Time { return p.From }
func (r Rates) from() time.Time { return r.From }

// Load reads and checks catalog.yaml in the shop's folder.
func Load(s *shop.Shop) (*Catalog, error) {
	file := filepath.Join(s.Dir, "catalog.yaml")
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("catalog: %w", err)
	}
	c := Catalog{currencies: s.Currencies}
	if err := yaml.UnmarshalWithOptions(data, &c, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("catalog: %s: %w", file, err)
	}
	if err := c.validate(s); err != nil {
		return nil, fmt.Errorf("catalog: %s: %w", file, err)
	}
	return &c, nil
}

// at is the last entry that had started.
func at[T any](all []T, from func(T) time.Time, t time.Time) (v T, ok bool) {
	for _, e := range all {
		if !from(e).After(t) {
			v, ok = e, true
		}
	}
	return v, ok
}

// Pack finds a pack by id.
func (c *Catalog) Pack(id string) (Pack, error) {
	return find(c.Packs, id, func(p Pack) string { return p.ID })
}

// Price is what quantity of the pack cost at the moment t.
func (c *Catalog) Price(p Pack, quantity int64, currency money.Currency, t time.Time) (money.Amount, error) {
	if quantity < 1 || quantity > maxQuantity {
		return money.Amount{}, ErrQuantity.On("quantity")
	}
	a, err := c.amount(p.Prices, currency, t)
	return money.Of(a.Minor*quantity, a.Currency), err
}

// amount is the price in force at the moment t.
func (c *Catalog) amount(prices []Price, currency money.Currency, t time.Time) (money.Amount, error) {
	price, ok := at(prices, Price.from, t)
	if !ok {
		return money.Amount{}, ErrNotSold.On("item")
	}
	if !slices.Contains(c.currencies, currency) {
		return money.Amount{}, ErrNoPrice.On("currency")
	}
	a, err := money.Parse(price.Amounts[currency], currency)
	if err != nil {
		return money.Amount{}, ErrNoPrice.On("currency").Because(err)
	}
	return a, nil
}

// Cost is how many credits the operation took at the moment t for so many
// pixels of output.
func (c *Catalog) Cost(operation, model string, pixels int64, t time.Time) (int64, error) {
	i := slices.IndexFunc(c.Operations, func(o Operation) bool { return o.ID == operation })
	if i < 0 {
		return 0, ErrNotOffered.On("operation")
	}
	r, ok := at(c.Operations[i].Rates, Rates.from, t)
	if !ok {
		return 0, ErrNotOffered.On("operation")
	}
	credits, ok := r.Credits[model]
	if !ok {
		return 0, ErrNotOffered.On("model")
	}
	step := r.PerMegapixels * 1_000_000
	return credits * max(1, (pixels+step-1)/step), nil
}

// Models are the models that the operation offers at t, the cheapest first.
func (c *Catalog) Models(operation string, t time.Time) []string {
	i := slices.IndexFunc(c.Operations, func(o Operation) bool { return o.ID == operation })
	if i < 0 {
		return nil
	}
	r, _ := at(c.Operations[i].Rates, Rates.from, t)
	models := make([]string, 0, len(r.Credits))
	for m := range r.Credits {
		models = append(models, m)
	}
	slices.SortFunc(models, func(a, b string) int { return cmp.Or(cmp.Compare(r.Credits[a], r.Credits[b]), cmp.Compare(a, b)) })
	return models
}
