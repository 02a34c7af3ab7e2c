package catalog

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"safelight/internal/i18n"
	"safelight/internal/money"
	"safelight/internal/shop"
)

const preset = "../../shops/opendream"

var spring = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func load(t testing.TB) *Catalog {
	t.Helper()
	s, err := shop.Load(preset)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Load(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPresetsLoad(t *testing.T) {
	folders, err := filepath.Glob("../../shops/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		s, err := shop.Load(f)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Load(s); err != nil {
			t.Error(err)
		}
	}
}

func TestPriceIsTheOneInForceAtTheMoment(t *testing.T) {
	c := load(t)
	p := Pack{ID: "p", Prices: []Price{
		{From: spring, Amounts: map[money.Currency]string{"USD": "5.00", "MXN": "90.00"}},
		{From: spring.AddDate(0, 1, 0), Amounts: map[money.Currency]string{"USD": "6.00", "MXN": "99.00"}},
	}}
	for _, row := range []struct {
		name     string
		quantity int64
		currency money.Currency
		at       time.Time
		want     int64
		err      error
	}{
		{"before it was sold", 1, "USD", spring.Add(-time.Second), 0, ErrNotSold},
		{"at the very start", 1, "USD", spring, 500, nil},
		{"before the second price", 1, "MXN", spring.AddDate(0, 1, 0).Add(-time.Second), 9000, nil},
		{"from the second price on", 3, "USD", spring.AddDate(1, 0, 0), 1800, nil},
		{"in a currency not offered", 1, "EUR", spring, 0, ErrNoPrice},
		{"none of them", 0, "USD", spring, 0, ErrQuantity},
		{"fewer than none", -1, "USD", spring, 0, ErrQuantity},
		{"too many", 101, "USD", spring, 0, ErrQuantity},
	} {
		got, err := c.Price(p, row.quantity, row.currency, row.at)
		if got.Minor != row.want || !errors.Is(err, row.err) {
			t.Errorf("%s: %v, %v; want %d, %v", row.name, got, err, row.want, row.err)
		}
	}
}

func TestCostGrowsWithTheOutput(t *testing.T) {
	c := load(t)
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Int64Range(1, 200_000_000).Draw(t, "pixels")
		b := rapid.Int64Range(a, 200_000_000).Draw(t, "more pixels")
		small, err := c.Cost("upscale", "quality", a, spring)
		large, err2 := c.Cost("upscale", "quality", b, spring)
		if err != nil || err2 != nil || small < 1 || large < small {
			t.Fatalf("%d pixels cost %d, %d cost %d (%v, %v)", a, small, b, large, err, err2)
		}
	})
	for pixels, want := range map[int64]int64{1: 1, 16_000_000: 1, 16_000_001: 2} {
		if got, err := c.Cost("upscale", "fast", pixels, spring); got != want || err != nil {
			t.Errorf("%d pixels cost %d, %v; want %d", pixels, got, err, want)
		}
	}
	if _, err := c.Cost("paint", "fast", 1, spring); !errors.Is(err, ErrNotOffered) {
		t.Errorf("an unknown operation: %v", err)
	}
	if _, err := c.Cost("denoise", "fast", 1, spring); !errors.Is(err, ErrNotOffered) {
		t.Errorf("a model that is not offered: %v", err)
	}
}

// everything is a catalog with one of each kind.
const everything = `
packs:
  - {id: pack, names: {en: Pack}, credits: 10, bonus: 1, lasts: 90d, prices: [{from: 2026-01-01T00:00:00Z, amounts: {USD: "5.00"}}]}
passes:
  - {id: pass, names: {en: Pass}, lasts: 7d, prices: [{from: 2026-01-01T00:00:00Z, amounts: {USD: "9.00"}}]}
plans:
  - {id: plan, names: {en: Plan}, period: month, credits: 300, prices: [{from: 2026-01-01T00:00:00Z, amounts: {USD: "19.00"}}]}
commissions:
  - id: portrait
    names: {en: Portrait}
    about: {en: A portrait}
    days: 5
    revisions: {rounds: 2, within: 14d}
    stages: [ordered, accepted, in_progress, first_delivery, revising, final_delivery, approved]
    prices: [{from: 2026-01-01T00:00:00Z, amounts: {USD: "89.00"}}, {from: 2026-06-01T00:00:00Z, amounts: {USD: "95.00"}}]
prints:
  - {id: small, names: {en: Small}, width_mm: 200, height_mm: 300, paper: {en: Cotton}, prices: [{from: 2026-01-01T00:00:00Z, amounts: {USD: "24.00"}}]}
token_prices:
  - {from: 2026-01-01T00:00:00Z, amounts: {USD: "0.045"}}
  - {from: 2026-06-01T00:00:00Z, amounts: {USD: "0.050001"}}
operations:
  - {id: upscale, rates: [{from: 2026-01-01T00:00:00Z, per_megapixels: 16, credits: {fast: 1}}]}
`

// read loads a catalog of a shop that speaks English and takes dollars.
func read(t testing.TB, text string) (*Catalog, error) {
	t.Helper()
	s := shop.Shop{Dir: t.TempDir(), Languages: []i18n.Lang{i18n.English}, Currencies: []money.Currency{"USD"}}
	if err := os.WriteFile(filepath.Join(s.Dir, "catalog.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(&s)
}

func TestEverythingIsFoundWithItsPriceAtTheMoment(t *testing.T) {
	c, err := read(t, everything)
	if err != nil {
		t.Fatal(err)
	}
	kinds := []Kind{}
	for _, i := range c.Items() {
		kinds = append(kinds, i.Kind)
		if found, err := c.Item(i.ID); err != nil || found.Kind != i.Kind || found.Names["en"] == "" {
			t.Errorf("%s: %+v, %v", i.ID, found, err)
		}
	}
	if want := []Kind{KindPack, KindPass, KindSubscription, KindCommission, KindPrint}; !slices.Equal(kinds, want) {
		t.Errorf("the kinds are %v", kinds)
	}
	summer := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	portrait, _ := c.Item("portrait")
	for _, row := range []struct {
		name   string
		at     time.Time
		amount string
		token  string
		err    error
	}{
		{"before anything was sold", spring.AddDate(-1, 0, 0), "0 ", "", ErrNotSold},
		{"at the first price", spring, "89.00 USD", "0.045", nil},
		{"a moment before the second", summer.Add(-time.Microsecond), "89.00 USD", "0.045", nil},
		{"at the second", summer, "95.00 USD", "0.050001", nil},
	} {
		a, err := c.Amount(portrait, "USD", row.at)
		if (err == nil && a.String() != row.amount) || !errors.Is(err, row.err) {
			t.Errorf("%s: %s, %v", row.name, a, err)
		}
		token, err := c.TokenPrice("USD", row.at)
		if token != row.token || !errors.Is(err, row.err) {
			t.Errorf("%s: a token costs %s, %v", row.name, token, err)
		}
	}
	if _, err := c.TokenPrice("EUR", summer); !errors.Is(err, ErrNoPrice) {
		t.Errorf("a token in a currency that is not taken: %v", err)
	}
	if _, err := c.Amount(portrait, "EUR", summer); !errors.Is(err, ErrNoPrice) {
		t.Errorf("a portrait in a currency that is not taken: %v", err)
	}
}

func TestWhatIsNotSoldIsNotFound(t *testing.T) {
	c, err := read(t, everything)
	if err != nil {
		t.Fatal(err)
	}
	for kind, find := range map[Kind]func(string) error{
		KindPack:         func(id string) error { _, err := c.Pack(id); return err },
		KindPass:         func(id string) error { _, err := c.Pass(id); return err },
		KindSubscription: func(id string) error { _, err := c.Plan(id); return err },
		KindCommission:   func(id string) error { _, err := c.Commission(id); return err },
		KindPrint:        func(id string) error { _, err := c.Print(id); return err },
	} {
		for _, i := range c.Items() {
			if err := find(i.ID); (err == nil) != (i.Kind == kind) || (err != nil && !errors.Is(err, ErrNotSold)) {
				t.Errorf("looking for a %s finds the %s: %v", kind, i.Kind, err)
			}
		}
	}
	if _, err := c.Item("nothing"); !errors.Is(err, ErrNotSold) {
		t.Errorf("nothing is an item: %v", err)
	}
}

func TestAFaultyCatalogDoesNotLoad(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"an unknown field", "bonus: 1", "bonsu: 1", "bonsu"},
		{"a field of another kind", "period: month", "period: month, lasts: 7d", "lasts"},
		{"an id used twice", "id: pass,", "id: pack,", `passes[0].id: "pack" is used twice`},
		{"an id that is no part of an address", "id: small", "id: Small/1", "prints[0].id"},
		{"a price with too many decimals", `USD: "5.00"`, `USD: "5.001"`, "packs.pack.prices[0].amounts.USD"},
		{"a price of nothing", `USD: "5.00"`, `USD: "0.00"`, "out of range"},
		{"a price that is not there in a currency", `{USD: "5.00"}`, "{}", "packs.pack.prices[0].amounts.USD"},
		{"a price in a currency that is not taken", `{USD: "5.00"}`, `{USD: "5.00", EUR: "5.00"}`, `does not take "EUR"`},
		{"no price at all", `prices: [{from: 2026-01-01T00:00:00Z, amounts: {USD: "9.00"}}]`, "prices: []", "passes.pass.prices"},
		{"a price from no moment on", `{from: 2026-01-01T00:00:00Z, amounts: {USD: "9.00"}}`, `{amounts: {USD: "9.00"}}`, "passes.pass.prices[0].from"},
		{"prices out of their order", "from: 2026-06-01T00:00:00Z, amounts: {USD: \"95.00\"", "from: 2025-06-01T00:00:00Z, amounts: {USD: \"95.00\"", "commissions.portrait.prices[1].from"},
		{"two prices from one moment on", "from: 2026-06-01T00:00:00Z, amounts: {USD: \"95.00\"", "from: 2026-01-01T00:00:00Z, amounts: {USD: \"95.00\"", "commissions.portrait.prices[1].from"},
		{"a name missing in a language", "names: {en: Plan}", "names: {es: Plan}", "plans.plan.names: en is missing"},
		{"a name in no language", "names: {en: Plan}", "names: {en: Plan, klingon: Plan}", `plans.plan.names: "klingon"`},
		{"credits below one", "credits: 10,", "credits: 0,", "packs.pack.credits"},
		{"more credits than anybody needs", "bonus: 1", "bonus: 1_000_000", "packs.pack.bonus"},
		{"a pass that never begins", "lasts: 7d", "lasts: 0h", "passes.pass.lasts"},
		{"a period that is none", "period: month", "period: fortnight", "plans.plan.period"},
		{"a plan without credits", "credits: 300", "credits: 0", "plans.plan.credits"},
		{"a commission without a promise", "days: 5", "days: 0", "commissions.portrait.days"},
		{"a commission without a word about it", "about: {en: A portrait}", "about: {}", "commissions.portrait.about"},
		{"rounds without a period", ", within: 14d", "", "commissions.portrait.revisions.within"},
		{"more rounds than anybody draws", "rounds: 2", "rounds: 21", "commissions.portrait.revisions.rounds"},
		{"a stage that is none", "accepted, in_progress", "accepted, painting", `commissions.portrait.stages: "painting"`},
		{"stages out of their order", "accepted, in_progress", "in_progress, accepted", "commissions.portrait.stages: accepted is out of its order"},
		{"a commission that nobody approves", ", approved]", "]", "commissions.portrait.stages: approved is missing"},
		{"revisions that no stage is for", " revising,", "", "commissions.portrait.stages: revising"},
		{"a print without a size", "width_mm: 200", "width_mm: 0", "prints.small.width_mm"},
		{"a print larger than a wall", "height_mm: 300", "height_mm: 30000", "prints.small.height_mm"},
		{"a print on nothing", "paper: {en: Cotton}", "paper: {}", "prints.small.paper"},
		{"a token with too many decimals", `"0.045"`, `"0.0450000"`, "token_prices[0].amounts.USD"},
		{"a token for nothing", `"0.045"`, `"0.000"`, "token_prices[0].amounts.USD"},
		{"passes without the price of a token", "token_prices:\n  - {from: 2026-01-01T00:00:00Z, amounts: {USD: \"0.045\"}}\n  - {from: 2026-06-01T00:00:00Z, amounts: {USD: \"0.050001\"}}\n", "", "token_prices"},
		{"a rate of nothing", "fast: 1", "fast: 0", "operations.upscale.rates[0].credits.fast"},
		{"a rate per nothing", "per_megapixels: 16", "per_megapixels: 0", "operations.upscale.rates[0].per_megapixels"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(everything, c.old, c.new, 1)
			if text == everything {
				t.Fatalf("%q is not in the catalog", c.old)
			}
			if _, err := read(t, text); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "catalog.yaml") {
				t.Errorf("got %v, want one that names catalog.yaml and %q", err, c.want)
			}
		})
	}
}
