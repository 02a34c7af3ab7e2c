package money

import (
	"errors"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestParseReadsPlainDecimalsOnly(t *testing.T) {
	for _, c := range []struct {
		s    string
		cur  Currency
		want int64
		ok   bool
	}{
		{"19.00", "USD", 1900, true}, {"19", "USD", 1900, true}, {"19.5", "USD", 1950, true},
		{"0.01", "USD", 1, true}, {"-3.10", "USD", -310, true}, {"500", "JPY", 500, true}, {"1.234", "KWD", 1234, true},
		{"19.001", "USD", 0, false}, {"500.0", "JPY", 0, false}, {"1e3", "USD", 0, false}, {"", "USD", 0, false},
		{".5", "USD", 0, false}, {"5.", "USD", 0, false}, {" 5", "USD", 0, false}, {"+5", "USD", 0, false},
		{"--5", "USD", 0, false}, {"99999999999999999999", "USD", 0, false}, {"5", "ZZZ", 0, false}, {"1,00", "USD", 0, false}, {"5", "", 0, false},
	} {
		got, err := Parse(c.s, c.cur)
		if (err == nil) != c.ok || got.Minor != c.want {
			t.Errorf("Parse(%q, %s) is %v, %v", c.s, c.cur, got, err)
		}
		if err != nil && !errors.Is(err, ErrInvalid) {
			t.Errorf("Parse(%q): %v is not ErrInvalid", c.s, err)
		}
	}
}

func TestMulRoundsHalfUp(t *testing.T) {
	for _, c := range []struct {
		minor, num, den, want int64
	}{{1000, 1, 3, 333}, {1000, 2, 3, 667}, {5, 1, 2, 3}, {-5, 1, 2, -3}, {1, 1, 2, 1}, {1, 49, 100, 0}, {7, 0, 1, 0}} {
		if got := Of(c.minor, "USD").Mul(big.NewRat(c.num, c.den)).Minor; got != c.want {
			t.Errorf("%d x %d/%d is %d, want %d", c.minor, c.num, c.den, got, c.want)
		}
	}
}

func TestSplitLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Of(rapid.Int64Range(-1e12, 1e12).Draw(t, "amount"), "USD")
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1e9), 1, 12).Draw(t, "weights")
		weights[0]++
		sum := Of(0, "USD")
		for i, p := range a.Split(weights...) {
			sum = sum.Add(p)
			if weights[i] == 0 && !p.IsZero() {
				t.Fatalf("a part without weight got %v", p)
			}
		}
		if sum != a {
			t.Fatalf("the parts of %v add up to %v", a, sum)
		}
	})
}

func TestCurrenciesDoNotMix(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("dollars and pesos were added")
		}
	}()
	Of(1, "USD").Add(Of(1, "MXN"))
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"19.00", "-0.01", "007", "1.2.3", "9223372036854775807"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := Parse(s, "USD")
		if err != nil {
			return
		}
		if b, err := Parse(a.Decimal(), "USD"); err != nil || a != b {
			t.Fatalf("%q reads as %v, its text %q as %v, %v", s, a, a.Decimal(), b, err)
		}
	})
}
