package policy

import (
	"safelight/internal/money"

	"cmp"
	"errors"
	"slices"
	"strings"
)

// rules reads the rules and examples of the prevailing file, and reports whether
// they could all be read.
func (l *loader) rules(file string, s *source) bool {
	d, before := l.doc, len(l.faults)
	speak, err := vocabulary(d.Settings)
	if err != nil {
		l.fault(file, 1, "%v", err)
		return false
	}
	ids := map[string]bool{}
	for i, c := range s.clauses {
		id := c.id
		if i == 0 {
			id = "0"
		}
		d.lines[id] = c.line
		for _, b := range c.blocks {
			switch b.kind {
			case "rule":
				r, err := d.readRule(speak, id, b.text, b.line)
				l.blockFaults(file, b, err)
				if r == nil {
					continue
				}
				if ids[r.ID] {
					l.fault(file, b.lineOf("id"), "rule %s stands here a second time", r.ID)
				}
				ids[r.ID] = true
				d.Rules = append(d.Rules, r)
			case "case":
				e, err := readExample(id, b, d.Prevailing)
				l.blockFaults(file, b, err)
				if e != nil && i > 0 {
					text := d.Texts[d.Prevailing]
					text.Clauses[i-1].Examples = append(text.Clauses[i-1].Examples, e)
				}
			}
		}
	}
	slices.SortStableFunc(d.Rules, func(a, b *Rule) int { return cmp.Compare(a.Level, b.Level) })
	for _, r := range d.Rules {
		for _, g := range r.Grounds {
			d.byGround[g] = append(d.byGround[g], r)
		}
	}
	return len(l.faults) == before
}

// blockFaults finds the lines of what is wrong in a block: a message that
// begins with a key stands where the key does.
func (l *loader) blockFaults(file string, b fenced, err error) {
	if err == nil {
		return
	}
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	for _, one := range all {
		if yamlPlace.MatchString(one.Error()) {
			l.fault(file, b.line+yamlLine(one)-1, "%s: %s", b.kind, yamlText(one))
			continue
		}
		key, _, _ := strings.Cut(one.Error(), ":")
		key = strings.TrimPrefix(key, "let ")
		l.fault(file, b.lineOf(key), "%s: %v", b.kind, one)
	}
}

// same checks that a translation has the original's version and clauses.
func (l *loader) same(file, version string, a, b *Text) {
	if version != l.doc.Version {
		l.fault(file, 1, "is of version %q, the original of %q", version, l.doc.Version)
	}
	for i, c := range a.Clauses {
		if _, ok := b.Clause(c.ID); !ok {
			l.fault(file, 1, "clause %s of the original (line %d) is missing", c.ID, c.line)
		} else if i < len(b.Clauses) && len(a.Clauses) == len(b.Clauses) && b.Clauses[i].ID != c.ID {
			l.fault(file, b.Clauses[i].line, "clause %s stands where the original has %s", b.Clauses[i].ID, c.ID)
		}
	}
	for _, c := range b.Clauses {
		if _, ok := a.Clause(c.ID); !ok {
			l.fault(file, c.line, "clause %s is not in the original", c.ID)
		}
	}
	if (a.Statement == "") != (b.Statement == "") {
		l.fault(file, 1, "the statement stands in one language alone")
	}
	for _, c := range a.Clauses {
		other, _ := b.Clause(c.ID)
		if (c.Applied == "") != (other.Applied == "") {
			l.fault(file, max(other.line, 1), "clause %s: the applied block stands in one language alone", c.ID)
		}
	}
}

// whole checks what the parts promise each other.
func (l *loader) whole(file string, s *source) {
	d := l.doc
	text := d.Texts[d.Prevailing]
	carried := map[string]bool{"0": true}
	for _, c := range text.Clauses {
		carried[c.ID] = carried[c.ID] || c.Applied != "" || strings.Contains(c.Body, "```statement")
	}
	for _, r := range d.Rules {
		for _, id := range append(r.Cited(), r.Clause) {
			carried[id] = true
			if _, ok := text.Clause(id); !ok {
				l.fault(file, r.Line, "rule %s cites clause %s, which does not exist", r.ID, id)
			}
		}
		for _, name := range r.everything {
			if rest, ok := strings.CutPrefix(name, "settings."); ok {
				l.used[rest] = true
			}
		}
	}
	for _, id := range d.Promises {
		if _, ok := text.Clause(id); !ok {
			l.fault(file, s.headLine("promises"), "clause %s is promised in the head, but does not stand in the text", id)
		}
	}
	for _, c := range text.Clauses {
		if !slices.Contains(d.Promises, c.ID) && !hasParts(text, c.ID) {
			l.fault(file, c.line, "clause %s is not among the promises in the head", c.ID)
		}
		if !carried[c.ID] && !hasParts(text, c.ID) {
			l.fault(file, c.line, "clause %s promises, but no rule, statement or applied block carries it out", c.ID)
		}
	}
	for i := range d.Settings {
		if name := d.Settings[i].Name; !l.used[name] && !slices.Contains(promisedTimes, name) {
			l.fault(file, s.headLine(name), "setting %s: nothing uses it", name)
		}
	}
	l.usedLevels(file, s)
	if d.Name == Refund && len(d.Rules) == 0 {
		l.fault(file, 1, "no rule: nothing would be decided")
	}
	if d.Name == Refund && text.Statement == "" {
		l.fault(file, 1, "no statement: a buyer must be asked to tick one at checkout")
	}
}

// hasParts: a clause that only heads others is carried out by them; "10" is no
// part of "1".
func hasParts(t *Text, id string) bool {
	return slices.ContainsFunc(t.Clauses, func(c Clause) bool {
		rest, ok := strings.CutPrefix(c.ID, id)
		return ok && rest != "" && (rest[0] < '0' || rest[0] > '9')
	})
}

func (l *loader) usedLevels(file string, s *source) {
	for i, level := range l.doc.Precedence {
		if !slices.ContainsFunc(l.doc.Rules, func(r *Rule) bool { return r.Level == i }) {
			l.fault(file, s.headLine("precedence"), "precedence: no rule stands on the level %q", level)
		}
	}
}

// examples runs the worked examples, and sees that they show each rule at work:
// its own decision, what is asked for, and what comes too late.
func (l *loader) examples(file string) {
	shown := map[*Rule]map[Reason]bool{}
	for _, e := range l.doc.Examples() {
		d := l.doc.Decide(e.Facts)
		if err := e.Check(d); err != nil {
			l.fail(file, e.Line, "the example %q fails: %s", e.Title(l.doc.Prevailing, l.doc.Prevailing), strings.ReplaceAll(err.Error(), "\n", "; "))
		}
		if shown[d.rule] == nil {
			shown[d.rule] = map[Reason]bool{}
		}
		shown[d.rule][d.Reason] = true
	}
	for _, r := range l.doc.Rules {
		for _, way := range []struct {
			is     bool
			reason Reason
			what   string
		}{
			{true, ByRule, "what it decides"},
			{len(r.Evidence.Need) > 0, PapersWanted, "what is asked for when evidence is missing"},
			{len(r.Windows) > 0, TooLate, "a request that comes too late"},
		} {
			if way.is && !shown[r][way.reason] {
				l.fail(file, r.Line, "rule %s: no worked example shows %s", r.ID, way.what)
			}
		}
	}
}

// fail is a fault of the examples.
func (l *loader) fail(file string, line int, format string, args ...any) {
	before := l.faults
	l.fault(file, line, format, args...)
	l.failing, l.faults = append(l.failing, l.faults[len(before):]...), before
}

// Check compares a decision with what the example expects.
func (e *Example) Check(d *Decision) error {
	var faults []error
	differs := func(what string, want, got string) {
		if want != got {
			faults = append(faults, errors.New(what+" is "+cmp.Or(got, "nothing")+", expected "+cmp.Or(want, "nothing")))
		}
	}
	x := e.Expect
	if x.Outcome != "" {
		differs("outcome", string(x.Outcome), string(d.Outcome))
	}
	if x.Amount != "" {
		differs("amount", x.Amount, decimalOf(d.Amount))
	}
	if x.Fee != "" {
		differs("fee", x.Fee, decimalOf(d.Fee))
	}
	if x.Credits != nil && (d.Credits == nil || *d.Credits != *x.Credits) {
		faults = append(faults, errors.New("credits differ"))
	}
	if x.Remedies != nil {
		differs("remedies", listed(x.Remedies), listed(d.Remedies))
	}
	if x.Clauses != nil {
		differs("clauses", strings.Join(x.Clauses, ", "), strings.Join(d.Clauses, ", "))
	}
	if x.Missing != nil {
		differs("missing", strings.Join(x.Missing, ", "), strings.Join(d.Missing, ", "))
	}
	return errors.Join(faults...)
}

func listed(all []Remedy) string {
	names := make([]string, len(all))
	for i, r := range all {
		names[i] = string(r)
	}
	return strings.Join(names, ", ")
}

func decimalOf(a *money.Amount) string {
	if a == nil {
		return ""
	}
	return a.Decimal()
}
