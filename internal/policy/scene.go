package policy

import (
	"math/big"
	"slices"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"safelight/internal/fact"
	"safelight/internal/money"
)

// scene is a case as expressions see it: each name is worked out when it is
// asked for. It implements CEL's activation.
type scene struct {
	c    *fact.Case
	doc  *Document
	lets map[string]ref.Val // of the rule in question

	problem func(*Expr, error) // told of what cannot be worked out; nil where nobody asks
}

// ResolveName implements interpreter.Activation.
func (s *scene) ResolveName(name string) (any, bool) {
	if get, ok := names[name]; ok {
		return get(s), true
	}
	if v, ok := s.lets[name]; ok {
		return v, true
	}
	if v, ok := s.doc.values[name]; ok {
		return v, true
	}
	return nil, false
}

// Parent implements interpreter.Activation.
func (*scene) Parent() interpreter.Activation { return nil }

// names give facts and what is derived from them.
var names = func() map[string]func(*scene) ref.Val {
	all := map[string]func(*scene) ref.Val{}
	for _, f := range fact.Fields {
		all[f.Name] = reader(f)
	}
	usual := func(name string, v ref.Val) {
		get := all[name]
		all[name] = func(s *scene) ref.Val {
			if got := get(s); got != unknown {
				return got
			}
			return v
		}
	}
	usual("order.kind", types.String(""))
	usual("order.refunded", moneyOf(new(big.Rat)))
	usual("account.state", types.String("active"))
	usual("dispute.reason", types.String(""))
	for _, name := range []string{"account.violations", "account.fraud_flags", "commission.revisions_delivered"} {
		usual(name, numberOf(new(big.Rat)))
	}
	all["captured"] = func(s *scene) ref.Val { return s.money(s.captured()) }
	all["refunded"] = func(s *scene) ref.Val { return s.money(minor(s.c.Order.Refunded)) }
	all["refundable"] = func(s *scene) ref.Val { return s.money(s.refundable()) }
	all["excess"] = func(s *scene) ref.Val {
		if s.c.Order.Amount == nil {
			return unknown
		}
		return s.money(s.excess())
	}
	all["latest_extra_capture"] = func(s *scene) ref.Val { return instantOf(s.latestExtra()) }
	all["dispute.open"] = func(s *scene) ref.Val {
		return types.Bool(s.c.Dispute.OpenedAt != nil && !s.c.Dispute.OpenedAt.After(*s.c.At))
	}
	all["task.exists"] = func(s *scene) ref.Val { return types.Bool(s.c.Task.Exists) }
	all["outage.exists"] = func(s *scene) ref.Val { return types.Bool(s.c.Outage.From != nil) }
	all["outage.uncut"] = func(s *scene) ref.Val { return s.outage(nil) }
	all["outage.length"] = func(s *scene) ref.Val { return s.outage(s.c.Outage.Maintenance) }
	return all
}()

// reader gives a field as a value of expressions.
func reader(f fact.Field) func(*scene) ref.Val {
	return func(s *scene) ref.Val {
		switch p := f.At(s.c).(type) {
		case **bool:
			if *p != nil {
				return types.Bool(**p)
			}
		case **int64:
			if *p != nil {
				return numberOf(new(big.Rat).SetInt64(**p))
			}
		case **string:
			if *p != nil {
				return types.String(**p)
			}
		case **time.Time:
			return instantOf(*p)
		case **money.Amount:
			if *p != nil {
				return s.money((*p).Minor)
			}
		case **big.Rat:
			if *p != nil && f.Type == fact.Price {
				return moneyOf(*p)
			} else if *p != nil {
				return numberOf(*p)
			}
		}
		return unknown
	}
}

func instantOf(t *time.Time) ref.Val {
	if t == nil {
		return unknown
	}
	return types.Timestamp{Time: *t}
}

func minor(a *money.Amount) int64 {
	if a == nil {
		return 0
	}
	return a.Minor
}

// units is how many of the smallest units one unit of the currency has.
func (s *scene) units() int64 {
	n := int64(1)
	for range s.currency().Digits() {
		n *= 10
	}
	return n
}

func (s *scene) currency() money.Currency {
	if s.c.Order.Currency == nil {
		return ""
	}
	return money.Currency(*s.c.Order.Currency)
}

func (s *scene) money(minor int64) ref.Val { return moneyOf(big.NewRat(minor, s.units())) }

// rounded is money in the smallest unit, half up.
func (s *scene) rounded(q *big.Rat) int64 {
	r := new(big.Rat).Mul(q, new(big.Rat).SetInt64(s.units()))
	if limit := new(big.Rat).SetInt64(money.Max); r.Cmp(limit) > 0 {
		return money.Max
	} else if r.Cmp(limit.Neg(limit)) < 0 {
		return -money.Max
	}
	return money.Round(r)
}

func (s *scene) captured() (sum int64) {
	for _, c := range s.c.Order.Captured {
		sum += c.Amount.Minor
	}
	return sum
}

func (s *scene) refundable() int64 { return s.captured() - minor(s.c.Order.Refunded) }

// excess is what was taken beyond the price and not given back as such. Where
// it is not told which part of a refund that was, as much as fits.
func (s *scene) excess() int64 {
	over := s.captured() - s.c.Order.Amount.Minor
	if s.c.Order.RefundedExcess != nil {
		return over - s.c.Order.RefundedExcess.Minor
	}
	return over - min(minor(s.c.Order.Refunded), max(over, 0))
}

// latestExtra is the latest of the captures but the earliest one.
func (s *scene) latestExtra() *time.Time {
	all := s.c.Order.Captured
	if len(all) < 2 {
		return s.c.Order.PaidAt
	}
	first := 0
	for i := range all {
		if all[i].At.Before(all[first].At) {
			first = i
		}
	}
	var latest *time.Time
	for i := range all {
		if i != first && (latest == nil || all[i].At.After(*latest)) {
			latest = &all[i].At
		}
	}
	return latest
}

// outage is the longest unbroken piece of the outage between the payment and
// the request that is left when announced work is cut out.
func (s *scene) outage(work []fact.Maintenance) ref.Val {
	from, to := s.c.Outage.From, *s.c.At
	if from == nil || s.c.Order.PaidAt == nil {
		return unknown
	}
	at := *from
	if s.c.Order.PaidAt.After(at) {
		at = *s.c.Order.PaidAt
	}
	if s.c.Outage.To != nil && s.c.Outage.To.Before(to) {
		to = *s.c.Outage.To
	}
	work = slices.Clone(work)
	slices.SortFunc(work, func(a, b fact.Maintenance) int { return a.From.Compare(b.From) })
	longest := time.Duration(0)
	for _, m := range work {
		if m.AnnouncedAt == nil || !m.AnnouncedAt.Before(m.From) || !m.To.After(at) || !m.To.After(m.From) {
			continue
		}
		if m.From.After(to) {
			break
		}
		longest = max(longest, m.From.Sub(at))
		at = m.To
	}
	return types.Duration{Duration: max(longest, to.Sub(at), 0)}
}
