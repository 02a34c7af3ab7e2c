package explain

import (
	"math/big"
	"strings"
	"time"

	"safelight/internal/fact"
	"safelight/internal/i18n"
	"safelight/internal/money"
	"safelight/internal/policy"
)

// OutcomeName is the outcome for people: "Granted".
func OutcomeName(p *i18n.Printer, o policy.Outcome) string {
	return first(voice{p}.named("outcome", string(o)))
}

// RemedyName is the remedy for people: "A refund".
func RemedyName(p *i18n.Printer, r policy.Remedy) string {
	return first(voice{p}.named("remedy", string(r)))
}

// GroundName is the ground for people: "Duplicate charge".
func GroundName(p *i18n.Printer, g fact.Ground) string {
	return first(voice{p}.named("ground", string(g)))
}

// FactLabel is what people read for a fact's name: "Price of the order".
func FactLabel(p *i18n.Printer, name string) string { return first(voice{p}.named("fact", name)) }

// ChoiceName is one of the choices of a fact for people; what is no choice is
// given back as it is.
func ChoiceName(p *i18n.Printer, name, choice string) string { return voice{p}.choice(name, choice) }

// FactValue writes a single fact as the language does; what was left out is
// "not known".
func FactValue(p *i18n.Printer, c *fact.Case, name string) string {
	if s, ok := (voice{p}).fact(c, name); ok {
		return s
	}
	return voice{p}.T("policy.not_known")
}

// fact writes a fact; false where it was left out.
func (v voice) fact(c *fact.Case, name string) (string, bool) {
	f, ok := fact.Lookup(name)
	if !ok {
		return "", false
	}
	switch p := f.At(c).(type) {
	case **bool:
		if *p != nil {
			return v.yes(**p), true
		}
	case **int64:
		if *p != nil {
			return v.Number(**p), true
		}
	case **string:
		if *p != nil {
			return v.choice(name, **p), true
		}
	case **time.Time:
		if *p != nil {
			return v.moment(**p), true
		}
	case **money.Amount:
		if *p != nil {
			return v.Money(**p), true
		}
	case **big.Rat:
		if *p != nil {
			return v.fraction(f, *p, c), true
		}
	}
	return "", false
}

func (v voice) fraction(f fact.Field, r *big.Rat, c *fact.Case) string {
	if f.Type == fact.Price && c.Order.Currency != nil {
		s, _ := v.money(r, money.Currency(*c.Order.Currency))
		return s
	}
	n, _ := v.Exact(new(big.Rat).Mul(r, big.NewRat(100, 1)), 0)
	return v.T("policy.share", "n", n)
}

func (v voice) yes(b bool) string {
	if b {
		return v.T("policy.yes")
	}
	return v.T("policy.no")
}

// choice is the name of what a fact can be; other texts stand for themselves,
// in one line.
func (v voice) choice(name, s string) string {
	if name == "ground" {
		return v.named("ground", s)
	}
	f, _ := fact.Lookup(name)
	if f.Type == fact.Choice || name == "dispute.reason" && v.has("value.dispute.reason", s) {
		return v.named("value", name, s)
	}
	return strings.Join(strings.Fields(s), " ")
}

// captures are rows of the payments that were taken.
func (v voice) captures(c *fact.Case) (rows []Step) {
	for _, one := range c.Order.Captured {
		rows = append(rows, Step{first(v.named("fact", "order.captured")),
			v.T("policy.captured", "amount", v.Money(one.Amount), "at", v.moment(one.At), "what", strings.Join(strings.Fields(one.ID), " "))})
	}
	return rows
}

// maintenance are rows of scheduled work.
func (v voice) maintenance(c *fact.Case) (rows []Step) {
	for _, m := range c.Outage.Maintenance {
		rows = append(rows, Step{first(v.named("fact", "outage.maintenance")), v.work(m)})
	}
	return rows
}

func (v voice) work(m fact.Maintenance) string {
	time := v.fromTo(m.From, m.To)
	if m.AnnouncedAt == nil {
		return v.T("policy.not_announced", "what", time)
	}
	return v.T("policy.announced", "what", time, "at", v.moment(*m.AnnouncedAt))
}

func (v voice) fromTo(from, to time.Time) string {
	return v.T("policy.from_to", "from", v.moment(from), "to", v.moment(to))
}

// rows writes these facts, and the lists among them, as far as they are known.
func (v voice) rows(c *fact.Case, names []string) (rows []Step) {
	for _, name := range names {
		switch name {
		case "order.captured":
			rows = append(rows, v.captures(c)...)
		case "outage.maintenance":
			rows = append(rows, v.maintenance(c)...)
		default:
			if s, ok := v.fact(c, name); ok {
				rows = append(rows, Step{first(v.named("fact", name)), s})
			}
		}
	}
	return rows
}
