package diff

import (
	"slices"
	"strings"

	"safelight/internal/explain"
	"safelight/internal/i18n"
	"safelight/internal/policy"
)

// A Change is one difference between two versions of a document.
type Change struct {
	Kind  ChangeKind
	What  ChangeOf
	ID    string    // of the clause, the setting or the rule; empty where there is one only
	Title string    // of the clause, as the newer version has it
	Marks []Stretch // of what people read: the prose, a value, a rule in words
}

// ChangeKind is what happened.
type ChangeKind string

// The kinds of changes.
const (
	Added   ChangeKind = "added"
	Removed ChangeKind = "removed"
	Changed ChangeKind = "changed"
	Moved   ChangeKind = "moved" // stands at another place, word for word
)

// ChangeOf is what it happened to.
type ChangeOf string

// What can change.
const (
	OfTitle     ChangeOf = "title"
	OfEffective ChangeOf = "effective"
	OfLaw       ChangeOf = "law"
	OfStatement ChangeOf = "statement"
	OfIntro     ChangeOf = "intro"
	OfClause    ChangeOf = "clause"
	OfSetting   ChangeOf = "setting"
	OfRule      ChangeOf = "rule"
)

// Versions tells what is different in the new version, in the reader's language as
// far as both versions are written in it: first what concerns the whole, then
// the clauses in the new order, each with its rules, then the settings.
func Versions(old, new *policy.Document, l i18n.Lang) []Change {
	if old.Texts[l] == nil || new.Texts[l] == nil {
		l = new.Prevailing
	}
	d := differ{old: old, new: new, was: old.In(l), is: new.In(l), p: i18n.For(l)}
	d.whole()
	d.clauses()
	d.settings()
	return d.all
}

type differ struct {
	old, new *policy.Document
	was, is  *policy.Text
	p        *i18n.Printer
	all      []Change
}

// text notes a difference between two texts, of which either may be empty.
func (d *differ) text(what ChangeOf, id, title, before, after string) {
	kind := Changed
	switch {
	case before == after:
		return
	case before == "":
		kind = Added
	case after == "":
		kind = Removed
	}
	d.all = append(d.all, Change{Kind: kind, What: what, ID: id, Title: title, Marks: marked(what, before, after)})
}

// marked compares prose word by word; a value is replaced as a whole.
func marked(what ChangeOf, before, after string) (all []Stretch) {
	if what != OfSetting && what != OfEffective && what != OfTitle {
		return Texts(before, after)
	}
	if before != "" {
		all = append(all, Stretch{Deleted, before})
	}
	if after != "" {
		all = append(all, Stretch{Inserted, after})
	}
	return all
}

func (d *differ) whole() {
	d.text(OfTitle, "", "", d.was.Title, d.is.Title)
	d.text(OfEffective, "", "", d.p.Date(d.old.Effective), d.p.Date(d.new.Effective))
	d.text(OfLaw, "", "", d.was.Law, d.is.Law)
	d.text(OfStatement, "", "", d.was.Statement, d.is.Statement)
	d.text(OfIntro, "", "", prose(d.was.Intro), prose(d.is.Intro))
}

// prose is Markdown as plain text, a line a paragraph.
func prose(markdown string) string {
	lines := []string{}
	for _, p := range policy.Passages(markdown) {
		lines = append(lines, strings.TrimSpace(p.Mark+" "+p.Text))
	}
	return strings.Join(lines, "\n")
}

func plain(c policy.Clause) string { return strings.TrimSpace(c.Title + "\n" + prose(c.Body)) }

// clauses compares by id. One that is gone is told where it stood.
func (d *differ) clauses() {
	ids := func(t *policy.Text) (all []string) {
		for _, c := range t.Clauses {
			all = append(all, c.ID)
		}
		return all
	}
	before, after := ids(d.was), ids(d.is)
	stays := func(id string) bool { return slices.Contains(before, id) && slices.Contains(after, id) }
	was := slices.DeleteFunc(slices.Clone(before), func(id string) bool { return !stays(id) })
	is := slices.DeleteFunc(slices.Clone(after), func(id string) bool { return !stays(id) })
	moved := displaced(was, is)
	for i, id := range after {
		for _, gone := range before[min(i, len(before)):] {
			if gone == id || slices.Contains(after, gone) {
				break
			}
			d.gone(gone)
		}
		now, _ := d.is.Clause(id)
		then := policy.Clause{}
		if slices.Contains(before, id) {
			then, _ = d.was.Clause(id)
		}
		if plain(then) == plain(now) && slices.Contains(moved, id) {
			d.all = append(d.all, Change{Kind: Moved, What: OfClause, ID: id, Title: now.Title})
		}
		if slices.Contains(before, id) && then.Title == now.Title { // the heading names it
			d.text(OfClause, id, now.Title, prose(then.Body), prose(now.Body))
		} else {
			d.text(OfClause, id, now.Title, plain(then), plain(now))
		}
		d.rules(id, now.Title)
	}
	for _, id := range before {
		if !slices.Contains(after, id) {
			d.gone(id)
		}
	}
}

// gone notes a clause that is no more, once.
func (d *differ) gone(id string) {
	for _, c := range d.all {
		if c.What == OfClause && c.Kind == Removed && c.ID == id {
			return
		}
	}
	then, _ := d.was.Clause(id)
	d.text(OfClause, id, then.Title, plain(then), "")
	d.rules(id, then.Title)
}

// displaced are the ids that do not stand in their old order any more.
func displaced(was, is []string) (moved []string) {
	var m marks
	m.between(was, is)
	for _, s := range m {
		if s.Edit == Inserted {
			moved = append(moved, s.Text)
		}
	}
	return moved
}

func (d *differ) settings() {
	names := settingNames(d.old.Settings)
	for _, n := range settingNames(d.new.Settings) {
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	value := func(doc *policy.Document, name string) string {
		s, ok := doc.Setting(name)
		if !ok {
			return ""
		}
		return s.In(d.p)
	}
	for _, name := range names {
		d.text(OfSetting, name, label(d.is, name), value(d.old, name), value(d.new, name))
	}
}

// settingNames are all of them, the rows of a table as "fee.revising".
func settingNames(settings []policy.Setting) (all []string) {
	for _, s := range settings {
		if s.Table == nil {
			all = append(all, s.Name)
		}
		for _, row := range s.Table {
			all = append(all, s.Name+"."+row.Name)
		}
	}
	return all
}

// label is what people read for the name of a setting.
func label(t *policy.Text, name string) string {
	if l := t.Labels[name]; l != "" {
		return l
	}
	return strings.NewReplacer("_", " ", ".", ": ").Replace(name)
}

// rules compares, in words, the rules that stand in a clause.
func (d *differ) rules(clause, title string) {
	before, after := said(d.old, clause, d.p), said(d.new, clause, d.p)
	for _, r := range before {
		i := slices.IndexFunc(after, func(s sentences) bool { return s.rule == r.rule })
		if i < 0 {
			d.text(OfRule, r.rule, title, r.text, "")
			continue
		}
		d.text(OfRule, r.rule, title, r.text, after[i].text)
	}
	for _, r := range after {
		if !slices.ContainsFunc(before, func(s sentences) bool { return s.rule == r.rule }) {
			d.text(OfRule, r.rule, title, "", r.text)
		}
	}
}

// sentences are a rule in words, a line each.
type sentences struct{ rule, text string }

func said(d *policy.Document, clause string, p *i18n.Printer) (all []sentences) {
	for _, r := range d.Rules {
		if r.Clause == clause {
			all = append(all, sentences{r.ID, strings.Join(explain.Rule(d, r, p), "\n")})
		}
	}
	return all
}

// Words tells the change in plain lines: first what it is about, then what was
// and what is, where that can be told; within prose, what was deleted stands in
// [-…-] and what was inserted in {+…+}.
func (c Change) Words(p *i18n.Printer) []string {
	head := c.Heading(p)
	if len(c.Marks) == 0 {
		return []string{head}
	}
	if c.What == OfSetting || c.What == OfEffective || c.What == OfTitle {
		values := []string{}
		for _, m := range c.Marks {
			values = append(values, m.Text)
		}
		return []string{head + ": " + strings.Join(values, " → ")}
	}
	var b strings.Builder
	for _, m := range c.Marks {
		b.WriteString(bracketed(m))
	}
	return append([]string{head}, strings.Split(b.String(), "\n")...)
}

// Heading says in a sentence what has changed.
func (c Change) Heading(p *i18n.Printer) string {
	return p.T("diff."+string(c.What)+"_"+string(c.Kind), i18n.Args{"id": policy.Clause{ID: c.ID}.Number(), "title": c.Title})
}

func bracketed(s Stretch) string {
	if s.Edit == Kept {
		return s.Text
	}
	open, end := "[-", "-]"
	if s.Edit == Inserted {
		open, end = "{+", "+}"
	}
	lines := strings.Split(s.Text, "\n")
	for i, line := range lines {
		if line != "" {
			words := strings.TrimRight(line, " ")
			lines[i] = open + words + end + line[len(words):]
		}
	}
	return strings.Join(lines, "\n")
}
