package policy

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"cel.dev/cel-go/common/types"

	"safelight/internal/fact"
)

// Outcome is what is decided.
type Outcome string

// The outcomes.
const (
	Grant      Outcome = "grant"
	Deny       Outcome = "deny"
	Review     Outcome = "review"
	Incomplete Outcome = "incomplete"
)

// Remedy is what a customer gets.
type Remedy string

// The remedies.
const (
	Redeliver Remedy = "redeliver"
	Credit    Remedy = "credit"
	Money     Remedy = "refund"
	Replace   Remedy = "replace"
	Revise    Remedy = "revise"
	CancelEnd Remedy = "cancel_at_period_end"
)

var remedies = []Remedy{Redeliver, Credit, Money, Replace, Revise, CancelEnd}

// A Rule carries a clause out.
type Rule struct {
	ID         string
	Clause     string // where it stands
	Line       int    // in the file
	Level      int    // of the head's precedence; 0 is tried first
	Grounds    []fact.Ground
	Applies    *Expr // nil: always
	Founded    *Expr // nil: always
	Unfounded  string
	Windows    []WindowRule
	Evidence   Evidence
	Branches   []Branch
	Let        []Let
	everything []string // all names that its expressions use
}

// A WindowRule is a time in which a claim can be made.
type WindowRule struct {
	When    *Expr // nil: always; where it is not so, there is no such window
	From    *Expr
	Setting string
	Span    Span
	Late    string
}

// Evidence is what the customer must give: all of Need, of each one name.
type Evidence struct {
	Need   [][]string
	Clause string
}

// Let names a value for the arithmetic.
type Let struct {
	Name string
	Is   *Expr
}

// A Branch is one outcome of a rule.
type Branch struct {
	When                 *Expr // nil: always
	Outcome              Outcome
	Remedies             []Remedy
	Amount, Fee, Credits *Expr
	Nothing              string
	Cites                []string
}

type ruleText struct {
	ID         string        `yaml:"id"`
	Precedence string        `yaml:"precedence"`
	Grounds    any           `yaml:"grounds"`
	Applies    string        `yaml:"applies"`
	Founded    string        `yaml:"founded"`
	Unfounded  string        `yaml:"unfounded"`
	Windows    []windowText  `yaml:"windows"`
	Evidence   *evidenceText `yaml:"evidence"`
	Let        yaml.MapSlice `yaml:"let"`
	Choose     []branchText  `yaml:"choose"`
	Own        branchText    `yaml:",inline"` // where there is no choice
}

type windowText struct {
	When string `yaml:"when"`
	From string `yaml:"from"`
	For  string `yaml:"for"`
	Late string `yaml:"late"`
}

type evidenceText struct {
	Need   []any  `yaml:"need"`
	Clause string `yaml:"clause"`
}

type branchText struct {
	When     string   `yaml:"when"`
	Decide   Outcome  `yaml:"decide"`
	Remedies []Remedy `yaml:"remedies"`
	Amount   string   `yaml:"amount"`
	Fee      string   `yaml:"fee"`
	Credits  string   `yaml:"credits"`
	Nothing  string   `yaml:"nothing"`
	Cites    []string `yaml:"cites"`
}

// ruleReader turns one block into a rule and collects what is wrong with it.
type ruleReader struct {
	doc    *Document
	rule   *Rule
	speak  language
	faults []error
}

func (r *ruleReader) fault(format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf(format, args...))
}

// readRule reads a rule block of a clause.
func (d *Document) readRule(speak language, clause, block string, line int) (*Rule, error) {
	var t ruleText
	if err := yaml.UnmarshalWithOptions([]byte(block), &t, yaml.Strict()); err != nil {
		return nil, err
	}
	r := ruleReader{doc: d, speak: speak, rule: &Rule{ID: t.ID, Clause: clause, Line: line}}
	r.head(t)
	r.windows(t.Windows)
	r.evidence(t.Evidence)
	r.lets(t.Let)
	r.branches(t)
	slices.Sort(r.rule.everything)
	r.rule.everything = slices.Compact(r.rule.everything)
	return r.rule, errors.Join(r.faults...)
}

func (r *ruleReader) head(t ruleText) {
	if !settingName.MatchString(strings.ReplaceAll(t.ID, "-", "_")) {
		r.fault("id: a rule has a name of small letters, digits, - and _")
	}
	r.rule.Level = slices.Index(r.doc.Precedence, t.Precedence)
	if r.rule.Level < 0 {
		r.fault("precedence: %q is not one of the levels in the head: %s", t.Precedence, strings.Join(r.doc.Precedence, ", "))
	}
	r.grounds(t.Grounds)
	r.rule.Applies = r.condition("applies", t.Applies)
	r.rule.Founded = r.condition("founded", t.Founded)
	r.rule.Unfounded = cmp.Or(t.Unfounded, r.rule.Clause)
	if t.Unfounded != "" && t.Founded == "" {
		r.fault("unfounded: stands without founded")
	}
}

func (r *ruleReader) grounds(v any) {
	switch v := v.(type) {
	case string:
		if v == "any" {
			r.rule.Grounds = fact.Grounds
			return
		}
	case []any:
		for _, one := range v {
			g := fact.Ground(fmt.Sprint(one))
			if !slices.Contains(fact.Grounds, g) || slices.Contains(r.rule.Grounds, g) {
				r.fault("grounds: %s is not a ground, or stands there twice", g)
				continue
			}
			r.rule.Grounds = append(r.rule.Grounds, g)
		}
	}
	if len(r.rule.Grounds) == 0 {
		r.fault("grounds: a list of grounds, or any")
	}
}

func (r *ruleReader) expression(key, source string, want ...*types.Type) (*Expr, *types.Type) {
	if source == "" {
		return nil, nil
	}
	e, t, err := r.speak.compile(source, want...)
	if err != nil {
		r.fault("%s: %w", key, err)
		return nil, nil
	}
	r.rule.everything = append(r.rule.everything, e.Uses...)
	return e, t
}

func (r *ruleReader) condition(key, source string) *Expr {
	e, _ := r.expression(key, source, types.BoolType)
	return e
}

func (r *ruleReader) windows(all []windowText) {
	for _, t := range all {
		if t.From == "" {
			r.fault("windows: from is missing")
			continue
		}
		when := r.condition("windows: when", t.When)
		from, _ := r.expression("windows: from", t.From, types.TimestampType)
		s, ok := find(r.doc.Settings, t.For)
		if !ok || s.Span == nil {
			r.fault("windows: for: %q is not a setting with a length of time, like \"7 days\"", t.For)
			continue
		}
		r.rule.everything = append(r.rule.everything, "settings."+t.For)
		r.rule.Windows = append(r.rule.Windows, WindowRule{When: when, From: from, Setting: t.For, Span: *s.Span, Late: cmp.Or(t.Late, r.rule.Clause)})
	}
}

func (r *ruleReader) evidence(t *evidenceText) {
	if t == nil {
		return
	}
	r.rule.Evidence.Clause = t.Clause
	for _, v := range t.Need {
		names := []string{}
		switch v := v.(type) {
		case string:
			names = append(names, v)
		case map[string]any:
			list, _ := v["any"].([]any)
			for _, one := range list {
				names = append(names, fmt.Sprint(one))
			}
		}
		for _, n := range names {
			if f, ok := fact.Lookup(n); !ok || !f.Customer() {
				r.fault("evidence: %s is nothing that a customer gives", n)
			}
		}
		if len(names) == 0 {
			r.fault("evidence: need: a list of names, or of {any: [names]}")
		}
		r.rule.Evidence.Need = append(r.rule.Evidence.Need, names)
	}
}

func (r *ruleReader) lets(all yaml.MapSlice) {
	for _, item := range all {
		name := fmt.Sprint(item.Key)
		e, t := r.expression("let "+name, fmt.Sprint(item.Value), numberType, moneyType, types.DurationType)
		if e == nil {
			continue
		}
		speak, err := r.speak.with(name, t)
		if err != nil || !settingName.MatchString(name) {
			r.fault("let %s: the name is taken, or no name", name)
			continue
		}
		r.speak = speak
		r.rule.Let = append(r.rule.Let, Let{name, e})
	}
}

func (r *ruleReader) branches(t ruleText) {
	all := t.Choose
	if len(all) == 0 {
		if t.Own.When != "" {
			r.fault("when: stands in choose alone; use applies")
		}
		all = []branchText{t.Own}
	} else if t.Own.Decide != "" {
		r.fault("decide: stands beside choose")
	}
	for _, b := range all {
		r.rule.Branches = append(r.rule.Branches, r.branch(b))
	}
}

func (r *ruleReader) branch(t branchText) Branch {
	b := Branch{Outcome: t.Decide, Remedies: t.Remedies, Cites: t.Cites, Nothing: t.Nothing}
	if !slices.Contains([]Outcome{Grant, Deny, Review}, t.Decide) {
		r.fault("decide: %q is neither grant, deny nor review", t.Decide)
	}
	for _, m := range t.Remedies {
		if !slices.Contains(remedies, m) {
			r.fault("remedies: %q is not one of %v", m, remedies)
		}
	}
	if t.Decide == Grant && len(t.Remedies) == 0 || t.Decide == Deny && len(t.Remedies) > 0 {
		r.fault("remedies: what grants has some, what denies has none")
	}
	b.When = r.condition("when", t.When)
	b.Amount, _ = r.expression("amount", t.Amount, moneyType)
	b.Fee, _ = r.expression("fee", t.Fee, moneyType)
	b.Credits, _ = r.expression("credits", t.Credits, numberType)
	if (t.Amount != "") != slices.Contains(t.Remedies, Money) && t.Decide == Grant {
		r.fault("amount: stands where the remedy is refund, and there alone")
	}
	if t.Fee != "" && t.Amount == "" {
		r.fault("fee: stands without an amount")
	}
	if len(b.Cites) == 0 {
		b.Cites = []string{r.rule.Clause}
	}
	b.Nothing = cmp.Or(b.Nothing, b.Cites[len(b.Cites)-1])
	return b
}

// Cited are all clauses that the rule can cite.
func (r *Rule) Cited() []string {
	all := []string{r.Unfounded}
	if r.Founded == nil {
		all = nil
	}
	for _, w := range r.Windows {
		all = append(all, w.Late)
	}
	if r.Evidence.Clause != "" {
		all = append(all, r.Evidence.Clause)
	}
	for _, b := range r.Branches {
		all = append(all, b.Cites...)
		if b.Amount != nil {
			all = append(all, b.Nothing)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
