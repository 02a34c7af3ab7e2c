package policy

import (
	"cmp"
	"math/big"
	"slices"
	"time"

	"cel.dev/cel-go/common/types/ref"

	"safelight/internal/fact"
	"safelight/internal/money"
)

// Decide answers the case by the document's rules. It is pure and total: the
// same case has the same answer, and every case has one. c.At and c.Ground are
// set.
func (d *Document) Decide(c *fact.Case) *Decision {
	t := trial{scene: scene{c: c, doc: d}, doc: d}
	for _, r := range d.byGround[fact.Ground(*c.Ground)] {
		if t.try(r) {
			break
		}
	}
	if t.decision == nil { // no rule speaks of it: check finds such a policy
		t.decide(nil, nil, Review, NotKnown, "0")
	}
	return t.decision
}

// trial is one case before the rules.
type trial struct {
	scene
	doc      *Document
	doubt    bool // a rule that denies was passed over, as it is not known whether it applies
	decision *Decision
	windows  []Measured
}

// try reports whether the rule decided.
func (t *trial) try(r *Rule) bool {
	applies := r.Applies.truth(&t.scene)
	if applies == no {
		return false
	}
	t.lets, t.windows = nil, nil
	dated := t.measure(r)
	founded := r.Founded.truth(&t.scene)
	if founded == no {
		return t.deny(r, applies, nil, NotFounded, r.Unfounded)
	}
	for _, w := range t.windows {
		if t.c.At.After(w.Closes) {
			return t.deny(r, applies, nil, TooLate, w.Late)
		}
	}
	t.name(r)
	b, sure := t.branch(r)
	if b == nil {
		return false
	}
	if b.Outcome == Deny {
		return t.deny(r, applies, b, ByRule, b.Cites...)
	}
	sure = sure && applies == yes && founded == yes && dated
	amount, fee, known := t.amount(b)
	if b.Amount != nil && known && amount <= 0 {
		return t.deny(r, applies, b, NothingLeft, b.Nothing)
	}
	return t.settle(r, b, sure && (known || b.Amount == nil) && !t.doubt, amount, fee)
}

// deny denies when it is certain that the rule applies; otherwise the next rule
// is tried, and nothing will be granted without a person.
func (t *trial) deny(r *Rule, applies truth, b *Branch, why Reason, clauses ...string) bool {
	if applies != yes {
		t.doubt = true
		return false
	}
	t.decide(r, b, Deny, why, clauses...)
	return true
}

// settle ends a rule that would grant, or ask a person.
func (t *trial) settle(r *Rule, b *Branch, sure bool, amount, fee int64) bool {
	if missing := t.missing(r); len(missing) > 0 {
		t.decide(r, b, Incomplete, PapersWanted, cmp.Or(r.Evidence.Clause, b.Cites[0]))
		t.decision.Missing = missing
		return true
	}
	if !sure {
		t.decide(r, b, Review, NotKnown, b.Cites...)
		t.decision.Remedies = b.Remedies
		return true
	}
	t.decide(r, b, b.Outcome, ByRule, b.Cites...)
	d := t.decision
	d.Remedies = b.Remedies
	if b.Amount != nil {
		d.Amount = &money.Amount{Minor: amount, Currency: t.currency()}
	}
	if b.Fee != nil {
		d.Fee = &money.Amount{Minor: fee, Currency: t.currency()}
	}
	if q, ok := b.Credits.quantity(&t.scene); ok && q.IsInt() && q.Num().IsInt64() && q.Sign() > 0 {
		n := q.Num().Int64()
		d.Credits = &n
	}
	d.SettleBy = t.promised(settleWithin, d.Outcome == Grant && b.Remedies[0] == Money)
	return true
}

// measure works the rule's windows out, and reports whether all are known. One
// that does not exist in this case, or whose beginning is not known, is left
// out.
func (t *trial) measure(r *Rule) (all bool) {
	all = true
	for _, w := range r.Windows {
		exists := w.When.truth(&t.scene)
		from, known := w.From.instant(&t.scene)
		switch {
		case exists == no:
		case exists == maybe || !known:
			all = false
		default:
			t.windows = append(t.windows, Measured{w, from, w.Span.After(from, t.doc.shop.Holidays)})
		}
	}
	return all
}

// name works out the values that the rule names, each from those before it.
func (t *trial) name(r *Rule) {
	if len(r.Let) == 0 {
		return
	}
	t.lets = make(map[string]ref.Val, len(r.Let))
	for _, l := range r.Let {
		t.lets[l.Name] = l.Is.eval(&t.scene)
	}
}

// branch is the first whose condition is met; sure is false where that is not
// known. A branch that denies and is in doubt is passed over.
func (t *trial) branch(r *Rule) (b *Branch, sure bool) {
	sure = true
	for i := range r.Branches {
		b := &r.Branches[i]
		switch b.When.truth(&t.scene) {
		case yes:
			return b, sure
		case maybe:
			sure = false
			if b.Outcome != Deny {
				return b, false
			}
		}
	}
	t.doubt = t.doubt || !sure
	return nil, false
}

// amount works out the money, rounded once, and what is kept of it as a fee;
// both together are at most what is left of the payment.
func (t *trial) amount(b *Branch) (amount, fee int64, known bool) {
	if b.Amount == nil {
		return 0, 0, false
	}
	left := max(t.refundable(), 0)
	q, known := b.Amount.quantity(&t.scene)
	if !known {
		return 0, 0, left == 0 // whatever it would be, nothing is left to be given back
	}
	amount = min(max(t.rounded(q.Rat), 0), left)
	if b.Fee != nil {
		f, ok := b.Fee.quantity(&t.scene)
		if !ok {
			return 0, 0, false
		}
		fee = min(max(t.rounded(f.Rat), 0), amount)
	}
	return amount - fee, fee, true
}

// quantity is the value of money or a number; false where it is not known.
func (e *Expr) quantity(in *scene) (Quantity, bool) {
	if e == nil {
		return Quantity{}, false
	}
	q, ok := e.eval(in).(Quantity)
	return q, ok
}

// missing are all names of what the customer has not given.
func (t *trial) missing(r *Rule) (all []string) {
	for _, names := range r.Evidence.Need {
		if !slices.ContainsFunc(names, t.given) {
			all = append(all, names...)
		}
	}
	return all
}

func (t *trial) given(name string) bool {
	f, _ := fact.Lookup(name)
	switch p := f.At(t.c).(type) {
	case **bool:
		return *p != nil && **p
	case **int64:
		return *p != nil && **p > 0
	case **string:
		return *p != nil
	case **time.Time:
		return *p != nil
	case **money.Amount:
		return *p != nil
	case **big.Rat:
		return *p != nil
	}
	return false
}

func (t *trial) decide(r *Rule, b *Branch, o Outcome, why Reason, clauses ...string) {
	d := t.doc
	t.decision = &Decision{Shop: d.shop.Name, Policy: d.Name, Version: d.Version, Outcome: o, Clauses: clauses, Reason: why,
		ReviewBy: t.promised(reviewWithin, o == Review), doc: d, facts: t.c, rule: r, branch: b, windows: t.windows}
	for _, w := range t.windows {
		if t.decision.Window == nil {
			t.decision.Window = &Window{w.Opens, w.Closes}
			continue
		}
		t.decision.Window = &Window{later(t.decision.Window.Opens, w.Opens), earlier(t.decision.Window.Closes, w.Closes)}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// promised is the time that a setting gives, where the policy has it.
func (t *trial) promised(name string, wanted bool) *time.Time {
	s, ok := find(t.doc.Settings, name)
	if !wanted || !ok || s.Span == nil {
		return nil
	}
	by := s.Span.After(*t.c.At, t.doc.shop.Holidays)
	return &by
}
