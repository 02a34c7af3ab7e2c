package web

import (
	"safelight/internal/explain"
	"safelight/internal/i18n"
	"safelight/internal/policy"
)

// clauseBuilder writes the clauses of one text.
type clauseBuilder struct {
	doc    *policy.Document
	text   *policy.Text
	beside *policy.Text // nil where one text is read
	p      *i18n.Printer
}

// clause writes a clause, and how it is applied: what the shop says of it, its
// rules in words, its worked examples.
func (b clauseBuilder) clause(c policy.Clause) (v ClauseView, err error) {
	v = ClauseView{ID: c.Anchor(), Number: c.Number(), Title: c.Title, Level: c.Level}
	if v.Body, err = policy.Markdown(c.Body); err != nil {
		return v, err
	}
	if v.Applied, err = policy.Markdown(c.Applied); err != nil {
		return v, err
	}
	if b.beside != nil {
		other, _ := b.beside.Clause(c.ID)
		v.BesideLang = string(b.beside.Lang)
		if v.Beside, err = policy.Markdown(other.Body); err != nil {
			return v, err
		}
	}
	for _, r := range b.doc.Rules {
		if r.Clause == c.ID {
			v.Rules = append(v.Rules, explain.Rule(b.doc, r, b.p))
		}
	}
	prevailing, _ := b.doc.Texts[b.doc.Prevailing].Clause(c.ID)
	for _, e := range prevailing.Examples {
		v.Examples = append(v.Examples, b.example(e))
	}
	return v, nil
}

// example is the worked case as the rules decide it now.
func (b clauseBuilder) example(e *policy.Example) ExampleView {
	told, d := explain.Example(b.doc, e, b.p), b.doc.Decide(e.Facts)
	v := ExampleView{Title: e.Title(b.text.Lang, b.doc.Prevailing), Heading: headline(b.p, d), State: outcomeState(b.p, d), Steps: factsOf(told.Steps)}
	for _, f := range told.Facts {
		v.Lines = append(v.Lines, f.Text+": "+f.Value)
	}
	for _, c := range told.Clauses {
		v.Clauses = append(v.Clauses, Link{c.Number(), "#" + c.Anchor()})
	}
	return v
}
