package money

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/bojanz/currency"

	"safelight/internal/fault"
)

// ErrInvalid means that a text is not an amount of its currency.
var ErrInvalid = fault.New(fault.Invalid, "money.invalid", "This is not an amount of money.")

// Currency is an ISO 4217 code in upper case.
type Currency string

// Digits is how many decimals the currency has: 0 for JPY, 2 for USD, 3 for KWD.
func (c Currency) Digits() int {
	d, ok := currency.GetDigits(string(c))
	if !ok {
		return 2
	}
	return int(d)
}

// Valid reports whether c is a currency in ISO 4217.
func (c Currency) Valid() bool { return c != "" && currency.IsValid(string(c)) }

// Amount is money: Minor counts the currency's smallest unit (cents for USD).
type Amount struct {
	Minor    int64
	Currency Currency
}

// Of returns an amount of minor units.
func Of(minor int64, c Currency) Amount { return Amount{Minor: minor, Currency: c} }

// Parse reads a plain decimal such as "19.00". It refuses more decimals than
// the currency has, exponents, spaces, and what does not fit in 64 bits.
func Parse(s string, c Currency) (Amount, error) {
	if !c.Valid() {
		return Amount{}, fmt.Errorf("currency %q: %w", c, ErrInvalid)
	}
	digits, negative := strings.CutPrefix(s, "-")
	whole, frac, hasPoint := strings.Cut(digits, ".")
	if !allDigits(whole) || (hasPoint && !allDigits(frac)) || len(frac) > c.Digits() {
		return Amount{}, fmt.Errorf("amount %q: %w", s, ErrInvalid)
	}
	n, err := strconv.ParseInt(whole+frac+strings.Repeat("0", c.Digits()-len(frac)), 10, 64)
	if err != nil {
		return Amount{}, fmt.Errorf("amount %q: %w", s, ErrInvalid)
	}
	if negative {
		n = -n
	}
	return Amount{n, c}, nil
}

func allDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// Decimal writes the amount with all the currency's decimals: "19.00".
func (a Amount) Decimal() string {
	d := a.Currency.Digits()
	s := strconv.FormatInt(a.Minor, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	if d == 0 {
		return sign + s
	}
	if len(s) <= d {
		s = strings.Repeat("0", d-len(s)+1) + s
	}
	return sign + s[:len(s)-d] + "." + s[len(s)-d:]
}

// String is the amount with its currency, for logs: "19.00 USD".
func (a Amount) String() string { return a.Decimal() + " " + string(a.Currency) }

// IsZero reports whether the amount is nothing.
func (a Amount) IsZero() bool { return a.Minor == 0 }

// Add returns a+b. It panics when the currencies differ or the sum does not fit
// in 64 bits: both are mistakes of the program.
func (a Amount) Add(b Amount) Amount {
	if a.Currency != b.Currency {
		panic("money: " + a.String() + " and " + b.String() + " do not add up")
	}
	sum := a.Minor + b.Minor
	if (sum > a.Minor) != (b.Minor > 0) && b.Minor != 0 {
		panic("money: " + a.String() + " plus " + b.String() + " does not fit")
	}
	return Amount{sum, a.Currency}
}

// Neg returns -a.
func (a Amount) Neg() Amount { return Amount{-a.Minor, a.Currency} }

// Mul returns a times r, rounded once, half away from zero. It panics when the
// product does not fit in 64 bits.
func (a Amount) Mul(r *big.Rat) Amount {
	return Amount{Round(new(big.Rat).Mul(new(big.Rat).SetInt64(a.Minor), r)), a.Currency}
}

// Round returns r as an integer, half away from zero. It panics when that does
// not fit in 64 bits.
func Round(r *big.Rat) int64 {
	twice := new(big.Int).Lsh(new(big.Int).Abs(r.Num()), 1)
	n := new(big.Int).Add(twice, r.Denom())
	n.Quo(n, new(big.Int).Lsh(r.Denom(), 1))
	if r.Sign() < 0 {
		n.Neg(n)
	}
	if !n.IsInt64() {
		panic("money: " + r.String() + " does not fit in 64 bits")
	}
	return n.Int64()
}

// Split shares a out by weights; the parts add up to a exactly. What does not
// divide goes, unit by unit, to the parts with the largest remainders, the
// first of equals first. Weights must not be negative and not all zero.
func (a Amount) Split(weights ...int64) []Amount {
	total := new(big.Int)
	for _, w := range weights {
		if w < 0 {
			panic("money: a negative weight")
		}
		total.Add(total, big.NewInt(w))
	}
	if total.Sign() == 0 {
		panic("money: nothing to split by")
	}
	parts, rest := make([]Amount, len(weights)), make([]*big.Int, len(weights))
	left := a.Minor
	for i, w := range weights {
		q, r := new(big.Int).QuoRem(new(big.Int).Mul(big.NewInt(a.Minor), big.NewInt(w)), total, new(big.Int))
		parts[i], rest[i] = Amount{q.Int64(), a.Currency}, r.Abs(r)
		left -= q.Int64()
	}
	for ; left != 0; left -= sign(left) {
		i := largest(rest)
		parts[i].Minor += sign(left)
		rest[i] = big.NewInt(-1)
	}
	return parts
}

func sign(n int64) int64 {
	if n < 0 {
		return -1
	}
	return 1
}

func largest(of []*big.Int) int {
	best := 0
	for i := range of {
		if of[i].Cmp(of[best]) > 0 {
			best = i
		}
	}
	return best
}

// Max is the largest number of minor units in one amount that a shop can ask
// for; it keeps every sum of a shop's life within 64 bits.
const Max = math.MaxInt64 / 1_000_000
