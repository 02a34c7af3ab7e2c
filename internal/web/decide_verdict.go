package web

import (
	"slices"
	"strings"

	"safelight/internal/explain"
	"safelight/internal/i18n"
	"safelight/internal/policy"
)

// tones are how the outcomes look.
var tones = map[policy.Outcome]Tone{policy.Grant: Good, policy.Deny: Bad, policy.Review: Warn, policy.Incomplete: Warn}

// verdict writes a decision for its reader.
func verdict(p *i18n.Printer, d *policy.Decision) (Verdict, error) {
	v := Verdict{State: outcomeState(p, d), Heading: headline(p, d), Facts: outcome(p, d),
		Steps: factsOf(explain.Steps(d, p.Lang)), Letter: explain.Letter(d, p.Lang), Version: p.T("decide.version", args("version", d.Version))}
	text := d.Document().In(p.Lang)
	if text.Lang != p.Lang {
		v.Lang = string(text.Lang)
	}
	for _, what := range explain.Wanted(d, p.Lang) {
		v.Missing = append(v.Missing, upper(what))
	}
	for _, id := range d.Clauses {
		c, ok := text.Clause(id)
		if !ok {
			continue
		}
		body, err := policy.Markdown(c.Body)
		if err != nil {
			return v, err
		}
		v.Clauses = append(v.Clauses, Quoted{Number: c.Number(), Title: c.Title, Body: body, URL: clausePath(d.Document(), c)})
	}
	return v, nil
}

func outcomeState(p *i18n.Printer, d *policy.Decision) State {
	return State{tones[d.Outcome], p.T("decide.state_" + string(d.Outcome))}
}

func factsOf(steps []explain.Step) (all []Fact) {
	for _, s := range steps {
		all = append(all, Fact{Term: s.Text, Value: s.Value})
	}
	return all
}

// clausePath leads to a clause in the version that decided.
func clausePath(d *policy.Document, c policy.Clause) string {
	return "/" + d.Name + "/" + d.Version + "#" + c.Anchor()
}

// headline is the decision in one sentence.
func headline(p *i18n.Printer, d *policy.Decision) string {
	switch {
	case d.Outcome == policy.Grant && d.Remedies[0] == policy.Money && d.Amount != nil:
		return p.T("decide.grant_refund", args("amount", p.Money(*d.Amount)))
	case d.Outcome == policy.Review && d.Amount != nil:
		return p.T("decide.review_most", args("amount", p.Money(*d.Amount)))
	case d.Outcome == policy.Grant:
		return p.T("decide.grant_" + string(d.Remedies[0]))
	case d.Outcome == policy.Deny && slices.Contains(aboutOtherThings, *d.Facts().Ground):
		return p.T("decide.deny_remedy")
	}
	return p.T("decide." + string(d.Outcome))
}

// aboutOtherThings are grounds on which nobody asks for money in the first
// place.
var aboutOtherThings = []string{"cancel_subscription", "print_change", "print_defect"}

// outcome are what follows and when.
func outcome(p *i18n.Printer, d *policy.Decision) (all []Fact) {
	add := func(key, value string) { all = append(all, Fact{Term: p.T(key), Value: value}) }
	names := []string{}
	for _, r := range d.Remedies {
		names = append(names, explain.RemedyName(p, r))
	}
	if len(names) > 0 && d.Outcome != policy.Grant {
		add("decide.remedies", strings.Join(names, " · "))
	} else if len(names) > 1 || len(names) == 1 && d.Remedies[0] != policy.Money { // else the headline says it
		add("decide.remedy", strings.Join(names, " · "))
	}
	if d.Amount != nil && d.Outcome == policy.Review {
		add("decide.amount_most", p.Money(*d.Amount))
	} else if d.Amount != nil {
		add("decide.amount", p.Money(*d.Amount))
	}
	if d.Fee != nil {
		add("decide.fee", p.Money(*d.Fee))
	}
	if d.Credits != nil {
		add("decide.credits", p.N("web.credits_n", int(*d.Credits)))
	}
	if d.Window != nil {
		add("decide.opens", p.DateTime(d.Window.Opens))
		add("decide.closes", p.DateTime(d.Window.Closes))
	}
	if d.ReviewBy != nil {
		add("decide.review_by", p.DateTime(*d.ReviewBy))
	}
	if d.SettleBy != nil {
		add("decide.settle_by", p.DateTime(*d.SettleBy))
	}
	return all
}
