package policy

import (
	"math/big"
	"slices"
	"time"

	"cel.dev/cel-go/common/ast"

	"safelight/internal/fact"
	"safelight/internal/money"
)

// made is the moment of made-up cases: a Wednesday.
var made = time.Date(2026, 3, 11, 12, 0, 0, 0, time.UTC)

// dimensions are the facts that the rules for a ground look at, each with the
// values that the rules can tell apart; the usual value stands first.
func dimensions(d *Document, g fact.Ground) [][]func(*fact.Case) {
	b := builder{doc: d, uses: map[string]bool{}, texts: map[string][]string{}}
	for _, r := range d.byGround[g] {
		b.rule(r)
	}
	slices.Sort(b.spans)
	b.spans = slices.Compact(b.spans)
	for _, f := range fact.Fields {
		if b.uses[f.Name] && f.Name != "ground" && f.Name != "at" {
			b.field(f)
		}
	}
	if b.uses["order.captured"] {
		b.add(captures(1), captures(0), captures(2), captures(3))
	}
	if b.uses["outage.maintenance"] {
		b.add(func(*fact.Case) {}, maintained(30, 31), maintained(-2, 100), maintained(1, 2))
	}
	if b.uses["outage.to"] {
		b.outages()
	}
	return b.space
}

type builder struct {
	doc   *Document
	uses  map[string]bool
	texts map[string][]string // what a text is compared with
	spans []time.Duration
	space [][]func(*fact.Case)
}

func (b *builder) add(values ...func(*fact.Case)) { b.space = append(b.space, values) }

// sources are the facts from which names are worked out.
var sources = map[string][]string{
	"captured": {"order.captured"}, "refunded": {"order.refunded"}, "refundable": {"order.captured", "order.refunded"},
	"excess":               {"order.captured", "order.amount", "order.refunded", "order.refunded_excess"},
	"latest_extra_capture": {"order.captured", "order.paid_at"},
	"dispute.open":         {"dispute.opened_at"},
	"task.exists":          {"task.status"},
	"outage.exists":        {"outage.from"},
	"outage.uncut":         {"outage.from", "outage.to", "order.paid_at"},
	"outage.length":        {"outage.from", "outage.to", "order.paid_at", "outage.maintenance"},
}

func (b *builder) rule(r *Rule) {
	for _, name := range r.everything {
		b.uses[name] = true
		for _, from := range sources[name] {
			b.uses[from] = true
		}
		if s, ok := find(b.doc.Settings, trimmed(name)); ok && s.Span != nil {
			b.spans = append(b.spans, s.Span.After(made, nil).Sub(made))
		}
	}
	for _, names := range r.Evidence.Need {
		for _, n := range names {
			b.uses[n] = true
		}
	}
	for _, br := range r.Branches {
		if br.Amount != nil {
			b.uses["order.captured"], b.uses["order.refunded"] = true, true
		}
	}
	for _, e := range r.Expressions() {
		compared(e, b.texts)
	}
}

func trimmed(name string) string {
	if len(name) > len("settings.") && name[:len("settings.")] == "settings." {
		return name[len("settings."):]
	}
	return ""
}

// Expressions are all of the rule, in its order.
func (r *Rule) Expressions() (all []*Expr) {
	all = append(all, r.Applies, r.Founded)
	for _, w := range r.Windows {
		all = append(all, w.When, w.From)
	}
	for _, l := range r.Let {
		all = append(all, l.Is)
	}
	for _, b := range r.Branches {
		all = append(all, b.When, b.Amount, b.Fee, b.Credits)
	}
	return slices.DeleteFunc(all, func(e *Expr) bool { return e == nil })
}

// compared collects the texts that a fact is compared with.
func compared(e *Expr, texts map[string][]string) {
	native := e.ast.NativeRep()
	ast.PostOrderVisit(native.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		if x.Kind() != ast.CallKind || len(x.AsCall().Args()) != 2 {
			return
		}
		left, right := x.AsCall().Args()[0], x.AsCall().Args()[1]
		name := native.ReferenceMap()[left.ID()]
		if name == nil || name.Name == "" {
			return
		}
		all := []ast.Expr{right}
		if right.Kind() == ast.ListKind {
			all = right.AsList().Elements()
		}
		for _, one := range all {
			if s, ok := literal(one); ok {
				texts[name.Name] = append(texts[name.Name], s)
			}
		}
	}))
}

func literal(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := e.AsLiteral().Value().(string)
	return s, ok
}

// field gives a fact its values: unknown is always one.
func (b *builder) field(f fact.Field) {
	none := func(*fact.Case) {}
	values := []func(*fact.Case){}
	switch f.Type {
	case fact.Bool:
		values = append(values, set(f, true), none, set(f, false))
	case fact.Choice:
		values = append(values, none)
		for _, c := range f.Choices {
			values = append(values, set(f, c))
		}
	case fact.Text:
		values = append(values, set(f, "something"), none)
		for _, s := range b.texts[f.Name] {
			values = append(values, set(f, s))
		}
		if f.Name == "dispute.reason" {
			values[0], values[1] = values[1], values[0]
		}
	case fact.Count:
		for _, n := range counts(f.Name) {
			values = append(values, set(f, n))
		}
		values = append(values, none)
	case fact.Share, fact.Price:
		values = append(values, set(f, big.NewRat(1, 2)), set(f, big.NewRat(1, 10)), none)
	case fact.Money:
		values = append(values, b.amounts(f)...)
	case fact.Time:
		values = append(values, b.times(f)...)
	}
	b.add(values...)
}

func counts(name string) []int64 {
	switch name {
	case "pack.tokens":
		return []int64{100, 1}
	case "pack.used", "pack.expired":
		return []int64{0, 1, 40, 60, 100}
	case "pass.generations":
		return []int64{0, 10, 1000}
	case "given.access_attempts":
		return []int64{3, 0}
	}
	return []int64{0, 1, 2, 3}
}

func (b *builder) amounts(f fact.Field) []func(*fact.Case) {
	usd := func(minor int64) func(*fact.Case) { return set(f, money.Of(minor, "USD")) }
	none := func(*fact.Case) {}
	if f.Name == "order.amount" {
		return []func(*fact.Case){usd(1900), none, usd(2500), usd(0)}
	}
	return []func(*fact.Case){none, usd(1900), usd(500), usd(3800), usd(0)}
}

// times are a while ago, just within each length of time that the rules know,
// and just beyond it.
func (b *builder) times(f fact.Field) []func(*fact.Case) {
	ago := func(d time.Duration) func(*fact.Case) { return set(f, made.Add(-d)) }
	none := func(*fact.Case) {}
	if f.Name == "dispute.opened_at" {
		return []func(*fact.Case){none, ago(time.Hour), ago(-time.Hour)}
	}
	values := []func(*fact.Case){ago(26 * time.Hour), none, ago(time.Hour), ago(5000 * time.Hour)}
	if f.Name == "outage.to" {
		values[0], values[2] = ago(0), ago(time.Minute)
	}
	if f.Name == "subscription.period_end" {
		values = append(values, ago(-48*time.Hour))
	}
	for _, d := range b.spans {
		values = append(values, ago(d), ago(d+time.Second))
	}
	return values
}

// outages lasted, and ended, as long as the rules can tell apart, or go on.
func (b *builder) outages() {
	values := []func(*fact.Case){func(*fact.Case) {}}
	for _, length := range b.spans {
		for _, ended := range append([]time.Duration{0, time.Hour}, b.spans...) {
			for _, more := range []time.Duration{-time.Second, 0, time.Second} {
				values = append(values, lasting(length+more, ended), lasting(length, ended+more))
			}
		}
	}
	b.add(values...)
}

// lasting is an outage of this length that ended so long ago; 0 is not over.
func lasting(length, ended time.Duration) func(*fact.Case) {
	return func(c *fact.Case) {
		to := made.Add(-ended)
		from := to.Add(-length)
		paid := from.Add(-time.Hour)
		c.Outage.From, c.Outage.To, c.Order.PaidAt = &from, &to, &paid
		if ended == 0 {
			c.Outage.To = nil
		}
	}
}

func set[T any](f fact.Field, v T) func(*fact.Case) {
	return func(c *fact.Case) {
		one := v
		switch p := f.At(c).(type) {
		case **T:
			*p = &one
		case *T: // a fraction is a pointer already
			*p = one
		}
		if f.Name == "task.status" || f.Name == "task.can_reprocess" || f.Name == "task.bug_verified" {
			c.Task.Exists = true
		}
	}
}

// captures takes the price so many times, a minute apart, a day before the
// request.
func captures(n int) func(*fact.Case) {
	return func(c *fact.Case) {
		for i := range n {
			at := made.Add(-26*time.Hour + time.Duration(i)*time.Minute)
			if c.Order.PaidAt != nil {
				at = c.Order.PaidAt.Add(time.Duration(i) * time.Minute)
			}
			c.Order.Captured = append(c.Order.Captured, fact.Capture{ID: "ch_" + string(rune('a'+i)), Amount: money.Of(1900, "USD"), At: at})
		}
	}
}

// maintained announces work between two hours before the request.
func maintained(to, from int) func(*fact.Case) {
	return func(c *fact.Case) {
		announced := made.Add(-1000 * time.Hour)
		c.Outage.Maintenance = []fact.Maintenance{{From: made.Add(-time.Duration(from) * time.Hour), To: made.Add(-time.Duration(to) * time.Hour), AnnouncedAt: &announced}}
	}
}
