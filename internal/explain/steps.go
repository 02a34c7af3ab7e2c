package explain

import (
	"math/big"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"safelight/internal/fact"
	"safelight/internal/i18n"
	"safelight/internal/policy"
)

// Step is a line of the arithmetic, or a window, for the customer.
type Step struct {
	Text  string `json:"text"`
	Value string `json:"value"`
}

// Steps are the windows and the arithmetic of the decision, in their order:
// only what was worked out for it.
func Steps(d *policy.Decision, l i18n.Lang) []Step { return newTeller(d, l).tell() }

// teller writes down how a case was decided.
type teller struct {
	formula
	d       *policy.Decision
	exprs   []*policy.Expr // that decided
	used    []string
	figures []figure // that the decision rests on
	steps   []Step
}

func newTeller(d *policy.Decision, l i18n.Lang) *teller {
	worked := d.Rule()
	if d.Reason == policy.NotFounded || d.Reason == policy.TooLate { // it did not come to the arithmetic
		worked = nil
	}
	doc := d.Document()
	t := &teller{formula: formula{voice: voice{i18n.For(l)}, doc: doc, rule: d.Rule(), scene: doc.Evaluate(d.Facts(), worked)}, d: d, steps: []Step{}}
	t.exprs = deciding(d)
	for _, e := range t.exprs {
		t.used = t.of(e).names(e.Tree().Expr(), t.used)
	}
	if worked != nil {
		t.rest()
	}
	return t
}

// deciding are the conditions and windows that were looked at before the
// decision fell.
func deciding(d *policy.Decision) (all []*policy.Expr) {
	r := d.Rule()
	if r == nil {
		return nil
	}
	all = append(all, r.Applies, r.Founded)
	if d.Reason != policy.NotFounded {
		for _, w := range r.Windows {
			all = append(all, w.From)
		}
	}
	for i := range r.Branches {
		if d.Branch() == nil {
			break
		}
		all = append(all, r.Branches[i].When)
		if d.Branch() == &r.Branches[i] {
			break
		}
	}
	return slices.DeleteFunc(all, func(e *policy.Expr) bool { return e == nil })
}

// A figure is a named value of the arithmetic.
type figure struct {
	name  string
	is    *policy.Expr
	value ref.Val
}

// rest finds the figures that the decision rests on: those that a condition
// asked for, and those that made the amount.
func (t *teller) rest() {
	var results []figure
	add := func(name string, e *policy.Expr) {
		if e != nil {
			results = append(results, figure{name: name, is: e, value: t.scene.Of(e)})
			t.used = t.of(e).names(e.Tree().Expr(), t.used)
		}
	}
	if b := t.d.Branch(); b != nil && (t.d.Amount != nil || t.d.Reason == policy.NothingLeft) {
		add("amount", b.Amount)
		add("fee", b.Fee)
	}
	if t.d.Credits != nil {
		add("credits", t.d.Branch().Credits)
	}
	for _, l := range slices.Backward(t.rule.Let) {
		if t.uses(l.Name) {
			t.used = t.of(l.Is).names(l.Is.Tree().Expr(), t.used)
			value, _ := t.scene.Value(l.Name)
			t.figures = append(t.figures, figure{name: l.Name, is: l.Is, value: value})
		}
	}
	slices.Reverse(t.figures)
	t.figures = slices.DeleteFunc(append(t.figures, results...), func(f figure) bool { return types.IsUnknown(f.value) })
}

func (t *teller) tell() []Step {
	t.periods()
	t.sums()
	t.outage()
	t.limits()
	t.arithmetic()
	return t.steps
}

func (t *teller) step(text, value string) { t.steps = append(t.steps, Step{first(text), value}) }

// A period is a time in which the request had to come.
type period struct {
	span          policy.Span
	since         string
	opens, closes time.Time
}

// frames are the windows of the rule, and conditions that work as one. One
// that began with the request cannot close before it.
func (t *teller) frames() (all []period) {
	for _, e := range t.exprs {
		f := t.of(e)
		for _, one := range f.parts(e.Tree().Expr(), operators.LogicalAnd, nil) {
			if from, s := f.within(one); s != nil {
				if opens, ok := f.eval(from).(types.Timestamp); ok {
					all = append(all, period{*s.Span, f.since(f.name(from)), opens.Time, s.Span.After(opens.Time, t.doc.Shop().Holidays)})
				}
			}
		}
	}
	if t.d.Reason == policy.NotFounded {
		return all
	}
	for _, w := range t.d.Windows() {
		if t.of(w.From).start(w.From.Tree().Expr()) != "at" {
			all = append(all, period{w.Span, t.opening(w.From), w.Opens, w.Closes})
		}
	}
	return all
}

// closes is when the first of them ends.
func (t *teller) closes() *time.Time {
	var first *time.Time
	for _, p := range t.frames() {
		if first == nil || p.closes.Before(*first) {
			first = &p.closes
		}
	}
	return first
}

// periods are these with the moment of the request.
func (t *teller) periods() {
	at, all := *t.d.Facts().At, t.frames()
	for _, p := range all {
		t.step(t.T("policy.step_window", "span", t.span("policy.span_", p.span), "since", p.since), t.fromTo(p.opens, p.closes))
		if late := at.Sub(p.closes); late > 0 {
			t.step(t.named("fact", "at"), t.T("policy.step_late", "at", t.moment(at), "by", t.length(late)))
			return
		}
	}
	if len(all) > 0 {
		t.step(t.named("fact", "at"), t.T("policy.step_in_time", "at", t.moment(at)))
	}
}

// opening says from when a window runs.
func (f formula) opening(from *policy.Expr) string {
	f = f.of(from)
	if name := f.start(from.Tree().Expr()); name != "" {
		return f.since(name)
	}
	return f.T("policy.since_other", "what", f.words(from.Tree().Expr()))
}

// start is the name of the moment: in a case, where there is no extra charge,
// the payment; of two, the one that counts, or the one that is known first.
func (f formula) start(e ast.Expr) string {
	if name := f.name(e); name != "" {
		if name == "latest_extra_capture" && f.scene != nil && len(f.scene.Facts().Order.Captured) < 2 {
			return "order.paid_at"
		}
		return name
	}
	if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != operators.Conditional {
		return ""
	}
	args := e.AsCall().Args()
	if f.scene != nil && f.eval(args[0]) != types.True {
		return f.start(args[2])
	}
	return f.start(args[1])
}

func (t *teller) uses(names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(t.used, n) })
}

func (t *teller) minor(n int64) string { return t.bare(big.NewRat(n, t.scene.Units())) }

func (t *teller) sum(n int64) string {
	s, _ := t.money(big.NewRat(n, t.scene.Units()), t.scene.Currency())
	return s
}

// equation writes terms and what they come to; a single term is its result.
func (t *teller) equation(sign string, result int64, terms ...int64) string {
	if len(terms) < 2 {
		return t.sum(result)
	}
	all := make([]string, len(terms))
	for i, n := range terms {
		all[i] = t.minor(n)
	}
	return strings.Join(all, sign) + " = " + t.sum(result)
}

// sums are what was charged, and what of it is left or was too much.
func (t *teller) sums() {
	c := t.d.Facts()
	excess := t.uses("excess") && c.Order.Amount != nil
	refundable := t.uses("refundable")
	if !excess && !refundable && !t.uses("captured") {
		return
	}
	terms := make([]int64, len(c.Order.Captured))
	for i, one := range c.Order.Captured {
		terms[i] = one.Amount.Minor
	}
	captured := t.scene.Minor("captured")
	t.step(t.named("fact", "captured"), t.equation(" + ", captured, terms...))
	if excess {
		terms := []int64{captured, c.Order.Amount.Minor}
		if back := captured - c.Order.Amount.Minor - t.scene.Minor("excess"); back > 0 {
			terms = append(terms, back)
		}
		t.step(t.named("fact", "excess"), t.equation(" − ", t.scene.Minor("excess"), terms...))
	}
	if refundable {
		t.step(t.named("fact", "refundable"), t.equation(" − ", t.scene.Minor("refundable"), captured, t.scene.Minor("refunded")))
	}
}

// outage is what of it counts, and what was cut out.
func (t *teller) outage() {
	c := t.d.Facts()
	if !t.uses("outage.uncut", "outage.length") || c.Outage.From == nil || c.Order.PaidAt == nil {
		return
	}
	from, to := *c.Outage.From, *c.At
	if c.Order.PaidAt.After(from) {
		from = *c.Order.PaidAt
	}
	if c.Outage.To != nil && c.Outage.To.Before(to) {
		to = *c.Outage.To
	}
	if !to.After(from) {
		t.step(t.named("fact", "outage.uncut"), t.measure("outage.uncut"))
		return
	}
	t.step(t.T("policy.step_outage"), t.fromTo(from, to))
	uncut, _ := t.scene.Value("outage.uncut")
	if counts, _ := t.scene.Value("outage.length"); !t.uses("outage.length") || uncut.Equal(counts) == types.True {
		t.step(t.named("fact", "outage.uncut"), t.measure("outage.uncut", "outage.length"))
		return
	}
	t.step(t.named("fact", "outage.uncut"), t.measure("outage.uncut"))
	for _, m := range c.Outage.Maintenance {
		if cuts(m) && m.To.After(from) && m.From.Before(to) {
			t.step(t.T("policy.step_cut"), t.work(m))
		}
	}
	t.step(t.named("fact", "outage.length"), t.measure("outage.length"))
}

// cuts: announced before it began.
func cuts(m fact.Maintenance) bool { return m.AnnouncedAt != nil && m.AnnouncedAt.Before(m.From) }

// measure writes the first name's value beside the setting that it, or another
// of the names, was compared with.
func (t *teller) measure(names ...string) string {
	value, _ := t.scene.Value(names[0])
	for _, e := range t.exprs {
		if limit := t.of(e).limit(e.Tree().Expr(), names); limit != nil {
			return t.beside(value, limit)
		}
	}
	return t.value(value)
}

// beside writes a value, how it lies, and the limit.
func (t *teller) beside(value ref.Val, limit *policy.Setting) string {
	sign := "≥"
	if operate(operators.Less, value, limit.Value()) == types.True {
		sign = "<"
	}
	return t.value(value) + " " + sign + " " + limit.In(t.Printer)
}

// limit is the setting that one of the names is compared with.
func (f formula) limit(e ast.Expr, names []string) (limit *policy.Setting) {
	if e.Kind() != ast.CallKind || f.name(e) != "" {
		return nil
	}
	args := e.AsCall().Args()
	if comparisons[e.AsCall().FunctionName()] != "" && len(args) == 2 && slices.Contains(names, f.name(args[0])) {
		if rest, ok := strings.CutPrefix(f.name(args[1]), "settings."); ok {
			limit, _ = f.doc.Setting(rest)
			return limit
		}
	}
	for _, one := range args {
		if limit = f.limit(one, names); limit != nil {
			return limit
		}
	}
	return nil
}

// limits are numbers that were held against a setting.
func (t *teller) limits() {
	for _, name := range t.used {
		f, ok := fact.Lookup(name)
		if !ok || f.Type != fact.Count && f.Type != fact.Money && f.Type != fact.Share {
			continue
		}
		value, _ := t.scene.Value(name)
		if types.IsUnknown(value) {
			continue
		}
		for _, e := range t.exprs {
			if limit := t.of(e).limit(e.Tree().Expr(), []string{name}); limit != nil {
				t.step(t.named("fact", name), t.beside(value, limit))
				break
			}
		}
	}
}

// arithmetic is each figure with its values, then what was made of the result.
func (t *teller) arithmetic() {
	amount := int64(0)
	for _, f := range t.figures {
		switch f.name {
		case "amount":
			text := "policy.step_amount"
			if t.d.Outcome == policy.Review {
				text = "policy.step_most"
			}
			t.figure(f, t.T(text))
			amount = t.capped(t.settled(f))
		case "fee":
			t.figure(f, t.T("policy.step_fee"))
			t.fee(amount, t.settled(f))
		case "credits":
			t.figure(f, t.T("policy.step_credits"))
		default:
			t.figure(f, t.label(f.name))
		}
	}
	if t.d.Reason == policy.NothingLeft {
		t.step(t.T("policy.step_nothing"), t.sum(0))
	}
}

// figure is a line "120 × 4.10 = 492.00".
func (t *teller) figure(f figure, text string) {
	result, sign := t.result(f.value)
	e := f.is.Tree().Expr()
	at := t.of(f.is)
	if at.name(e) == "" && e.Kind() != ast.LiteralKind {
		result = at.arithmetic(e, 0) + sign + result
	}
	t.step(text, result)
}

// settled rounds a result to the smallest unit, with a line where that changes
// it.
func (t *teller) settled(f figure) int64 {
	q := f.value.(policy.Quantity)
	n := t.scene.Rounded(q.Rat)
	if q.Cmp(big.NewRat(n, t.scene.Units())) != 0 {
		unit, _ := t.Exact(big.NewRat(1, t.scene.Units()), t.scene.Currency().Digits())
		t.step(t.T("policy.step_rounded", "unit", unit), t.sum(n))
	}
	return max(n, 0)
}

// capped is at most what is left of the payment, with a line where that is
// less.
func (t *teller) capped(n int64) int64 {
	left := max(t.scene.Minor("refundable"), 0)
	if n <= left {
		return n
	}
	t.step(t.T("policy.step_capped"), t.equation(" − ", left, t.scene.Minor("captured"), t.scene.Minor("refunded")))
	return left
}

func (t *teller) fee(amount, fee int64) {
	if fee > amount {
		t.step(t.T("policy.step_capped"), t.sum(amount))
		fee = amount
	}
	t.step(t.T("policy.step_after_fee"), t.equation(" − ", amount-fee, amount, fee))
}
