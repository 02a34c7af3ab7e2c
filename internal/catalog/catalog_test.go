package catalog

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

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

func TestAFaultyCatalogDoesNotLoad(t *testing.T) {
	good, err := os.ReadFile(filepath.Join(preset, "catalog.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := shop.Load(preset)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, new, want string }{
		{"an unknown field", "bonus: 5", "bonsu: 5", "bonsu"},
		{"an id used twice", "id: pack-100", "id: pack-25", "pack-25"},
		{"a price with too many decimals", `USD: "4.90"`, `USD: "4.901"`, "pack pack-25"},
		{"a price of nothing", `USD: "4.90"`, `USD: "0.00"`, "out of range"},
		{"a price missing in a currency", `, MXN: "89.00"`, "", "pack pack-25"},
		{"a name missing in a language", ", ru: 25 кредитов", "", "ru is missing"},
		{"credits below one", "credits: 25\n", "credits: 0\n", "pack pack-25"},
		{"a rate of nothing", "fast: 1", "fast: 0", "operation upscale"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(string(good), c.old, c.new, 1)
			if text == string(good) {
				t.Fatalf("%q is not in the preset", c.old)
			}
			copied := *s
			copied.Dir = t.TempDir()
			if err := os.WriteFile(filepath.Join(copied.Dir, "catalog.yaml"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Load(&copied); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want one that names %q", err, c.want)
			}
		})
	}
}
