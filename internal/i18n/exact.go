package i18n

import (
	"math/big"
	"strconv"
	"strings"
)

// Exact writes a fraction with at least so many decimals and at most six; exact
// is false where more would be needed.
func (p *Printer) Exact(r *big.Rat, least int) (text string, exact bool) {
	exact = r.IsInt()
	if exact && least == 0 && r.Num().IsInt64() && r.Sign() >= 0 {
		return p.Number(r.Num().Int64()), true
	}
	whole, part, _ := strings.Cut(new(big.Rat).Abs(r).FloatString(6), ".")
	exact = exact || new(big.Int).Mod(big.NewInt(1_000_000), r.Denom()).Sign() == 0
	if n, err := strconv.ParseInt(whole, 10, 64); err == nil {
		whole = p.Number(n)
	}
	for len(part) > least && strings.HasSuffix(part, "0") {
		part = part[:len(part)-1]
	}
	if part != "" {
		whole += p.point() + part
	}
	if r.Sign() < 0 {
		return "−" + whole, exact
	}
	return whole, exact
}

func (p *Printer) point() string {
	if p.Lang == Russian {
		return ","
	}
	return "."
}
