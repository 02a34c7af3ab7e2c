package catalog

import (
	"cmp"
	"errors"
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
	ErrNotSold     = fault.New(fault.NotFound, "catalog.not_sold", "This is not sold here.")
	ErrNoPrice     = fault.New(fault.Invalid, "catalog.no_price", "This is not sold in that currency.")
	ErrNotOffered  = fault.New(fault.Invalid, "catalog.not_offered", "This shop does not offer that operation.")
	ErrQuantity    = fault.New(fault.Invalid, "catalog.quantity", "Choose between 1 and 100.")
	maxQuantity    = int64(100)
	maxPackCredits = int64(1_000_000)
)

// A Catalog is what catalog.yaml says.
type Catalog struct {
	Packs      []Pack      `yaml:"packs"`
	Operations []Operation `yaml:"operations"`
	currencies []money.Currency
}

// A Pack is credits for money.
type Pack struct {
	ID      string               `yaml:"id"`
	Names   map[i18n.Lang]string `yaml:"names"`
	Credits int64                `yaml:"credits"` // paid for
	Bonus   int64                `yaml:"bonus"`   // on top, free
	Lasts   shop.Duration        `yaml:"lasts"`   // 0: the credits do not expire
	Prices  []Price              `yaml:"prices"`
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

func (c *Catalog) validate(s *shop.Shop) error {
	var errs []error
	seen := map[string]bool{}
	once := func(id string) {
		if id == "" || seen[id] {
			errs = append(errs, fmt.Errorf("id %q is missing or used twice", id))
		}
		seen[id] = true
	}
	for _, p := range c.Packs {
		once(p.ID)
		if err := p.validate(s); err != nil {
			errs = append(errs, fmt.Errorf("pack %s: %w", p.ID, err))
		}
	}
	for _, o := range c.Operations {
		once(o.ID)
		if err := o.validate(); err != nil {
			errs = append(errs, fmt.Errorf("operation %s: %w", o.ID, err))
		}
	}
	return errors.Join(errs...)
}

func (p Pack) validate(s *shop.Shop) error {
	if p.Credits <= 0 || p.Bonus < 0 || p.Credits+p.Bonus > maxPackCredits {
		return fmt.Errorf("credits: 1 to %d with the bonus", maxPackCredits)
	}
	for _, l := range s.Languages {
		if p.Names[l] == "" {
			return fmt.Errorf("names: %s is missing", l)
		}
	}
	for _, price := range p.Prices {
		for _, c := range s.Currencies {
			a, err := money.Parse(price.Amounts[c], c)
			if err != nil {
				return fmt.Errorf("price from %s: %w", price.From.Format(time.DateOnly), err)
			}
			if a.Minor <= 0 || a.Minor > money.Max/maxQuantity {
				return fmt.Errorf("price from %s: %s is out of range", price.From.Format(time.DateOnly), a)
			}
		}
	}
	return started(p.Prices, func(v Price) time.Time { return v.From })
}

func (o Operation) validate() error {
	for _, r := range o.Rates {
		if r.PerMegapixels <= 0 || len(r.Credits) == 0 {
			return errors.New("rates: per_megapixels and credits by model are needed")
		}
		for model, n := range r.Credits {
			if n <= 0 || n > 1000 {
				return fmt.Errorf("rates: %s: 1 to 1000 credits", model)
			}
		}
	}
	return started(o.Rates, func(v Rates) time.Time { return v.From })
}

// started checks that there is a first entry and that each starts after the
// one before.
func started[T any](all []T, from func(T) time.Time) error {
	if len(all) == 0 {
		return errors.New("has no price")
	}
	if !slices.IsSortedFunc(all, func(a, b T) int { return from(a).Compare(from(b)) }) {
		return errors.New("prices are not in the order of their start")
	}
	return nil
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
	i := slices.IndexFunc(c.Packs, func(p Pack) bool { return p.ID == id })
	if i < 0 {
		return Pack{}, ErrNotSold.On("item")
	}
	return c.Packs[i], nil
}

// Price is what quantity of the pack cost at the moment t.
func (c *Catalog) Price(p Pack, quantity int64, currency money.Currency, t time.Time) (money.Amount, error) {
	if quantity < 1 || quantity > maxQuantity {
		return money.Amount{}, ErrQuantity.On("quantity")
	}
	price, ok := at(p.Prices, func(v Price) time.Time { return v.From }, t)
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
	return money.Of(a.Minor*quantity, currency), nil
}

// Cost is how many credits the operation took at the moment t for so many
// pixels of output.
func (c *Catalog) Cost(operation, model string, pixels int64, t time.Time) (int64, error) {
	i := slices.IndexFunc(c.Operations, func(o Operation) bool { return o.ID == operation })
	if i < 0 {
		return 0, ErrNotOffered.On("operation")
	}
	r, ok := at(c.Operations[i].Rates, func(v Rates) time.Time { return v.From }, t)
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
	r, _ := at(c.Operations[i].Rates, func(v Rates) time.Time { return v.From }, t)
	models := make([]string, 0, len(r.Credits))
	for m := range r.Credits {
		models = append(models, m)
	}
	slices.SortFunc(models, func(a, b string) int { return cmp.Or(cmp.Compare(r.Credits[a], r.Credits[b]), cmp.Compare(a, b)) })
	return models
}
