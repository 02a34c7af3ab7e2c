package explain

import (
	"slices"
	"strings"

	"safelight/internal/fact"
	"safelight/internal/i18n"
	"safelight/internal/policy"
)

// Rule says a rule of the document in sentences, made from the rule itself: what it is
// about, what it asks for, and what follows.
func Rule(doc *policy.Document, r *policy.Rule, p *i18n.Printer) []string {
	f := formula{voice: voice{p}, doc: doc, rule: r}
	said := append(f.about(), f.demands()...)
	for _, l := range r.Let {
		said = append(said, f.T("policy.rule_let", "what", first(f.label(l.Name)), "value", f.of(l.Is).words(l.Is.Tree().Expr())))
	}
	for i := range r.Branches {
		said = append(said, f.branch(i))
	}
	if slices.ContainsFunc(r.Branches, func(b policy.Branch) bool { return b.Outcome == policy.Grant }) && f.asks() {
		said = append(said, f.T("policy.rule_unknown"))
	}
	return said
}

// asks reports whether the rule looks at any fact but the ground.
func (f formula) asks() bool {
	r := f.rule
	return r.Applies != nil || r.Founded != nil || len(r.Windows) > 0 || len(r.Branches) > 1
}

// about is for which requests the rule is.
func (f formula) about() []string {
	said := []string{f.T("policy.rule_any_else")}
	switch {
	case len(f.rule.Grounds) < len(fact.Grounds):
		said[0] = f.T("policy.rule_grounds", "what", f.groundList(f.rule.Grounds))
	case f.rule.Level == 0:
		said[0] = f.T("policy.rule_any")
	}
	if e := f.rule.Applies; e != nil {
		said = append(said, f.T("policy.rule_applies", "what", f.of(e).condition(e.Tree().Expr())))
	}
	return said
}

// demands are what must hold, by when, and what must be given.
func (f formula) demands() (said []string) {
	r := f.rule
	if e := r.Founded; e != nil {
		said = append(said, f.T("policy.rule_founded", "what", f.of(e).condition(e.Tree().Expr()), "clause", f.number(r.Unfounded)))
	}
	for _, w := range r.Windows {
		said = append(said, f.T("policy.rule_window", "span", f.span("policy.within_", w.Span), "since", f.opening(w.From), "clause", f.number(w.Late)))
		if f.of(w.From).start(w.From.Tree().Expr()) == "latest_extra_capture" {
			said = append(said, f.T("policy.rule_window_extra"))
		}
	}
	if len(r.Evidence.Need) > 0 {
		needs := make([]string, len(r.Evidence.Need))
		for i, names := range r.Evidence.Need {
			needs[i] = f.need(names)
		}
		said = append(said, f.T("policy.rule_evidence", "what", strings.Join(needs, "; ")))
	}
	return said
}

// need is one thing that must be given, or one of several.
func (v voice) need(names []string) string {
	said := make([]string, len(names))
	for i, name := range names {
		said[i] = v.named("send", name)
	}
	if len(said) == 1 {
		return said[0]
	}
	return v.T("policy.one_of", "what", v.list(said, "policy.or"))
}

// number is how people cite the clause.
func (f formula) number(id string) string {
	c, _ := f.doc.Texts[f.doc.Prevailing].Clause(id)
	return c.Number()
}

// branch is what follows, and when.
func (f formula) branch(i int) string {
	b := &f.rule.Branches[i]
	then := f.then(b)
	switch {
	case b.When != nil:
		return f.T("policy.rule_if", "if", f.of(b.When).condition(b.When.Tree().Expr()), "then", then)
	case i > 0:
		return f.T("policy.rule_else", "then", then)
	}
	return first(then)
}

func (f formula) then(b *policy.Branch) string {
	names := make([]string, len(b.Remedies))
	for i, r := range b.Remedies {
		names[i] = f.named("remedy", string(r))
	}
	what := f.list(names, "policy.or")
	said := ""
	switch {
	case b.Outcome == policy.Deny:
		return f.T("policy.then_deny", "clause", f.number(b.Cites[0]))
	case b.Outcome == policy.Grant:
		said = f.T("policy.then_grant", "what", what)
	case len(names) == 0:
		said = f.T("policy.then_person")
	default:
		said = f.T("policy.then_review", "what", what)
	}
	return strings.Join(append([]string{said}, f.sum(b)...), " ")
}

// sum is how the amount is worked out.
func (f formula) sum(b *policy.Branch) (said []string) {
	if e := b.Amount; e != nil {
		key := "policy.then_amount_capped"
		if f.of(e).name(e.Tree().Expr()) == "refundable" {
			key = "policy.then_amount"
		}
		said = append(said, f.T(key, "what", f.of(e).words(e.Tree().Expr())))
	}
	if e := b.Fee; e != nil {
		said = append(said, f.T("policy.then_fee", "what", f.of(e).words(e.Tree().Expr())))
	}
	if e := b.Credits; e != nil {
		said = append(said, f.T("policy.then_credits", "what", f.of(e).words(e.Tree().Expr())))
	}
	if b.Amount != nil {
		said = append(said, f.T("policy.then_nothing", "clause", f.number(b.Nothing)))
	}
	return said
}

// Told is a worked example for people.
type Told struct {
	Title    string
	Facts    []Step
	Outcome  string   // "Granted"
	Remedies []string // "A refund"
	Amount   string   // with its currency; empty where there is none
	Missing  []string // what would have to be sent
	Steps    []Step
	Clauses  []policy.Clause // the decisive one first, in the reader's language
}

// Example tells the example's facts and how the document decides them.
func Example(doc *policy.Document, e *policy.Example, p *i18n.Printer) Told {
	d, v := doc.Decide(e.Facts), voice{p}
	told := Told{Title: e.Title(p.Lang, doc.Prevailing), Facts: v.all(e.Facts), Outcome: OutcomeName(p, d.Outcome), Steps: Steps(d, p.Lang)}
	for _, r := range d.Remedies {
		told.Remedies = append(told.Remedies, RemedyName(p, r))
	}
	if d.Amount != nil {
		told.Amount = p.Money(*d.Amount)
	}
	told.Missing = Wanted(d, p.Lang)
	for _, id := range d.Clauses {
		if c, ok := doc.In(p.Lang).Clause(id); ok {
			told.Clauses = append(told.Clauses, c)
		}
	}
	return told
}

// Wanted is what the customer has to send before there can be a decision, in
// words, alternatives as one.
func Wanted(d *policy.Decision, l i18n.Lang) []string {
	if d.Outcome != policy.Incomplete {
		return nil
	}
	return writer{newTeller(d, l)}.missing()
}

// all are all facts that were given, but the letter's language.
func (v voice) all(c *fact.Case) []Step {
	names := []string{"order.captured", "outage.maintenance"}
	for _, f := range fact.Fields {
		if f.Name != "lang" {
			names = append(names, f.Name)
		}
	}
	return v.rows(c, inOrder(names))
}
