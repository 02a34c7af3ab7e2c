package policy

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"

	"safelight/internal/fact"
	"safelight/internal/i18n"
)

// source is a file cut into its parts, before anything is understood.
type source struct {
	head    []string
	clauses []section // the first is the introduction
	faults  []Fault
}

// section is a clause with its blocks.
type section struct {
	id, title string
	level     int
	line      int
	prose     string
	blocks    []fenced
}

// fenced is a fenced block: its kind, its lines, and the line of the first.
type fenced struct {
	kind, text string
	line       int
}

var heading = regexp.MustCompile(`^(##|###) (\S+) (.+)$`)

// split cuts the body, whose first line is number line of its file.
func split(body string, line int, head string) *source {
	s := &source{head: strings.Split(head, "\n"), clauses: []section{{line: line}}}
	var open *fenced
	for i, text := range strings.Split(body, "\n") {
		at, last := line+i, &s.clauses[len(s.clauses)-1]
		m := heading.FindStringSubmatch(text)
		switch {
		case strings.HasPrefix(text, "```") && open == nil:
			open = &fenced{kind: strings.TrimPrefix(text, "```"), line: at + 1}
		case strings.HasPrefix(text, "```"):
			last.blocks = append(last.blocks, *open)
			if open.kind == "statement" {
				last.prose += "```statement\n" + open.text + "```\n"
			}
			open = nil
		case open != nil:
			open.text += text + "\n"
		case m != nil:
			s.clauses = append(s.clauses, section{id: m[2], title: m[3], level: len(m[1]), line: at})
		case strings.HasPrefix(text, "#"):
			s.faults = append(s.faults, Fault{Line: at, Text: fmt.Sprintf("a heading is written \"## ID Title\" or \"### ID Title\": %s", text)})
		default:
			last.prose += text + "\n"
		}
	}
	if open != nil {
		s.faults = append(s.faults, Fault{Line: open.line - 1, Text: "a block that does not end"})
	}
	return s
}

// headLine is where a key of the head stands.
func (s *source) headLine(key string) int {
	for i, line := range s.head {
		if strings.HasPrefix(strings.TrimSpace(line), key+":") {
			return i + 2
		}
	}
	return 1
}

// lineOf is where a key of the block stands.
func (b fenced) lineOf(key string) int {
	for i, line := range strings.Split(b.text, "\n") {
		if strings.Contains(line, key+":") {
			return b.line + i
		}
	}
	return b.line
}

var yamlPlace = regexp.MustCompile(`^\[(\d+):\d+\] ?`)

// yamlLine is the line within the text that the error speaks of.
func yamlLine(err error) int {
	if m := yamlPlace.FindStringSubmatch(err.Error()); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n
	}
	return 1
}

// yamlText is the error in one line, without its place.
func yamlText(err error) string {
	first, _, _ := strings.Cut(err.Error(), "\n")
	return yamlPlace.ReplaceAllString(first, "")
}

var placeholder = regexp.MustCompile(`\{\{([\w.]+)\}\}`)

// text makes the document in one language from its file.
func (l *loader) text(file string, s *source, head front, lang i18n.Lang) *Text {
	for _, f := range s.faults {
		l.fault(file, f.Line, "%s", f.Text)
	}
	t := &Text{Title: head.Title, Lang: lang, Law: head.Law, Labels: head.Labels}
	if t.Title == "" {
		l.fault(file, s.headLine("title"), "title: is missing")
	}
	seen := map[string]bool{}
	for i, c := range s.clauses {
		if i == 0 {
			t.Intro = l.fill(file, c, c.prose, lang)
		} else {
			t.Clauses = append(t.Clauses, Clause{ID: c.id, Title: l.fill(file, c, c.title, lang), Level: c.level, Body: l.fill(file, c, c.prose, lang), line: c.line})
		}
		if seen[c.id] {
			l.fault(file, c.line, "clause %s stands here a second time", c.id)
		}
		seen[c.id] = true
		for _, b := range c.blocks {
			l.prose(file, t, c, b, lang)
		}
	}
	if len(t.Clauses) == 0 {
		l.fault(file, 1, "no clauses")
	}
	return t
}

// prose takes over the blocks that are text.
func (l *loader) prose(file string, t *Text, c section, b fenced, lang i18n.Lang) {
	switch b.kind {
	case "statement":
		filled := l.fill(file, c, b.text, lang)
		t.Statement = strings.TrimSpace(t.Statement + " " + strings.Join(strings.Fields(filled), " "))
	case "applied":
		applied := &t.IntroApplied
		if len(t.Clauses) > 0 {
			applied = &t.Clauses[len(t.Clauses)-1].Applied
		}
		*applied += l.fill(file, c, b.text, lang)
	case "rule", "case":
		if lang != l.doc.Prevailing {
			l.fault(file, b.line, "a %s stands in the prevailing file alone", b.kind)
		}
	default:
		l.fault(file, b.line-1, "a block of an unknown kind: %s", b.kind)
	}
}

// fill puts settings and the shop's facts in the places named {{like_this}}.
func (l *loader) fill(file string, c section, text string, lang i18n.Lang) string {
	facts := l.shop.Facts()
	return placeholder.ReplaceAllStringFunc(text, func(m string) string {
		name := m[2 : len(m)-2]
		if v, ok := facts[name]; ok {
			return v
		}
		if s, ok := find(l.doc.Settings, name); ok && s.Table == nil {
			l.used[strings.Split(name, ".")[0]] = true
			return s.In(i18n.For(lang))
		}
		l.fault(file, c.line, "%s is no setting and nothing that shop.yaml says", m)
		return m
	})
}

type exampleText struct {
	Title  any         `yaml:"title"`
	Facts  any         `yaml:"facts"`
	Expect Expectation `yaml:"expect"`
}

// readExample reads a case block.
func readExample(clause string, b fenced, prevailing i18n.Lang) (*Example, error) {
	var t exampleText
	if err := yaml.UnmarshalWithOptions([]byte(b.text), &t, yaml.Strict()); err != nil {
		return nil, err
	}
	e := &Example{Clause: clause, Line: b.line, Titles: map[i18n.Lang]string{}, Expect: t.Expect}
	switch v := t.Title.(type) {
	case string:
		e.Titles[prevailing] = v
	case map[string]any:
		for lang, title := range v {
			text, ok := title.(string)
			if !ok || !slices.Contains(i18n.Languages, i18n.Lang(lang)) {
				return nil, fmt.Errorf("title: %q is none of the languages %v with a text; one with a comma stands in quotes", lang, i18n.Languages)
			}
			e.Titles[i18n.Lang(lang)] = text
		}
	}
	if e.Titles[prevailing] == "" {
		return nil, errors.New("title: is missing in the prevailing language")
	}
	facts, err := yaml.MarshalWithOptions(t.Facts, yaml.JSON())
	if err != nil {
		return nil, err
	}
	if e.Facts, err = fact.Parse(facts); err != nil {
		return nil, fmt.Errorf("facts: %w", err)
	}
	return e, nil
}
