package policy

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"safelight/internal/i18n"
)

// A Setting is a named value that prose and rules share: one of its fields is
// set.
type Setting struct {
	Name  string
	Span  *Span
	Share *big.Rat // 30 % is 3/10
	Count *big.Rat // a plain number
	Money *big.Rat // in the order's currency
	Table []Setting
}

// Names that the product reads besides the rules.
const (
	reviewWithin = "review_within"
	settleWithin = "settle_within"

	ClaimAnswer = "claim_answer" // how soon a claim is answered
)

var promisedTimes = []string{reviewWithin, settleWithin, ClaimAnswer}

var (
	settingName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	shareText   = regexp.MustCompile(`^(\d+(\.\d+)?) ?%$`)
	moneyText   = regexp.MustCompile(`^\d+\.\d+$`)
)

func parseSetting(name string, value any) (Setting, error) {
	s := Setting{Name: name}
	if !settingName.MatchString(name) {
		return s, fmt.Errorf("a name has small letters, digits and _")
	}
	switch v := value.(type) {
	case uint64:
		s.Count = new(big.Rat).SetFrac(new(big.Int).SetUint64(v), big.NewInt(1))
		return s, nil
	case string:
		return s, s.read(v)
	case map[string]any:
		return s, s.table(v)
	}
	return s, fmt.Errorf(`%v is neither "7 days", "30 %%", a whole number, money in quotes ("19.00"), nor a table of these`, value)
}

func (s *Setting) read(text string) error {
	if span, ok := parseSpan(text); ok {
		s.Span = &span
		return nil
	}
	if m := shareText.FindStringSubmatch(text); m != nil {
		r, _ := new(big.Rat).SetString(m[1])
		s.Share = r.Quo(r, big.NewRat(100, 1))
		return nil
	}
	if moneyText.MatchString(text) {
		s.Money, _ = new(big.Rat).SetString(text)
		return nil
	}
	return fmt.Errorf("%q has no unit that is known: write %s, a share as %q, money as %q", text,
		"minutes, hours, days, weeks, calendar days or business days", "30 %", "19.00")
}

func (s *Setting) table(rows map[string]any) error {
	names := make([]string, 0, len(rows))
	for name := range rows {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		row, err := parseSetting(name, rows[name])
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if row.Table != nil || row.celType() != numberType && row.celType() != moneyType {
			return fmt.Errorf("%s: a table holds shares, counts or money", name)
		}
		if len(s.Table) > 0 && row.celType() != s.Table[0].celType() {
			return fmt.Errorf("%s: a table holds values of one kind", name)
		}
		s.Table = append(s.Table, row)
	}
	if len(s.Table) == 0 {
		return fmt.Errorf("an empty table")
	}
	return nil
}

// celType is the type in expressions: business days have no fixed length and
// stand in windows alone.
func (s *Setting) celType() *types.Type {
	switch {
	case s.Span != nil && s.Span.Unit == BusinessDays:
		return businessType
	case s.Span != nil:
		return types.DurationType
	case s.Money != nil:
		return moneyType
	case s.Table != nil:
		return types.NewMapType(types.StringType, s.Table[0].celType())
	}
	return numberType
}

var businessType = types.NewOpaqueType("business_days")

// Value is the setting as expressions see it.
func (s *Setting) Value() ref.Val {
	switch {
	case s.Span != nil:
		d, _ := s.Span.Fixed()
		return types.Duration{Duration: d}
	case s.Money != nil:
		return moneyOf(s.Money)
	case s.Share != nil:
		return numberOf(s.Share)
	case s.Count != nil:
		return numberOf(s.Count)
	}
	rows := map[ref.Val]ref.Val{}
	for i := range s.Table {
		rows[types.String(s.Table[i].Name)] = s.Table[i].Value()
	}
	return types.NewRefValMap(types.DefaultTypeAdapter, rows)
}

// Setting finds one by its name, "fee.revising" in a table.
func (d *Document) Setting(name string) (*Setting, bool) { return find(d.Settings, name) }

// In writes the value in the printer's language: "7 days", "30 %". Money has no
// currency here; a table is its values in a row.
func (s *Setting) In(p *i18n.Printer) string {
	switch {
	case s.Span != nil:
		return s.Span.In(p)
	case s.Share != nil:
		n, _ := p.Exact(new(big.Rat).Mul(s.Share, big.NewRat(100, 1)), 0)
		return p.T("policy.share", i18n.Args{"n": n})
	case s.Count != nil:
		n, _ := p.Exact(s.Count, 0)
		return n
	case s.Money != nil:
		n, _ := p.Exact(s.Money, 2)
		return n
	}
	rows := make([]string, len(s.Table))
	for i := range s.Table {
		rows[i] = s.Table[i].In(p)
	}
	return strings.Join(rows, ", ")
}

// find is the setting named so, "fee.revising" in a table.
func find(all []Setting, name string) (*Setting, bool) {
	head, row, nested := strings.Cut(name, ".")
	for i := range all {
		if all[i].Name != head {
			continue
		}
		if nested {
			return find(all[i].Table, row)
		}
		return &all[i], true
	}
	return nil, false
}
