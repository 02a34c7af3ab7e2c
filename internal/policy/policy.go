package policy

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"safelight/internal/fault"
	"safelight/internal/i18n"
	"safelight/internal/shop"
)

// Names of the documents that every shop publishes; also their addresses.
const (
	Refund  = "refund"
	Privacy = "privacy"
	Terms   = "terms"
)

// ErrUnknown means that there is no such document or version.
var ErrUnknown = fault.New(fault.NotFound, "policy.unknown", "There is no such document here.")

// A Set is all of a shop's documents by name.
type Set map[string]*Document

// A Document is one text in one version.
type Document struct {
	Name       string
	Version    string // its date, also part of its address
	Effective  time.Time
	Prevailing i18n.Lang // the language that counts
	Hash       string    // SHA-256 of the bytes of all languages, hex
	Texts      map[i18n.Lang]*Text
}

// A Text is a document in one language.
type Text struct {
	Title     string
	Lang      i18n.Lang
	Intro     string // Markdown before the first clause
	Clauses   []Clause
	Statement string // what the buyer ticks; empty where the document has none
}

// A Clause is a numbered part of a text.
type Clause struct {
	ID    string // "3.1", "3-req"
	Title string
	Level int    // 2 or 3, as a heading
	Body  string // Markdown
}

// front is the head of a file; a translation has the title and the version.
type front struct {
	Title      string    `yaml:"title"`
	Version    string    `yaml:"version"`
	Effective  time.Time `yaml:"effective"`
	Prevailing i18n.Lang `yaml:"prevailing"`
}

// Load reads and checks DIR/policy/{refund,privacy,terms}.md and their
// translations NAME.LANG.md.
func Load(s *shop.Shop) (Set, error) {
	set := Set{}
	for _, name := range []string{Refund, Privacy, Terms} {
		d, err := load(s, name)
		if err != nil {
			return nil, fmt.Errorf("policy: %w", err)
		}
		set[name] = d
	}
	return set, nil
}

func load(s *shop.Shop, name string) (*Document, error) {
	main := filepath.Join(s.Dir, "policy", name+".md")
	text, head, raw, err := read(s, main)
	if err != nil {
		return nil, err
	}
	if head.Version == "" || head.Effective.IsZero() || !slices.Contains(i18n.Languages, head.Prevailing) {
		return nil, fmt.Errorf("%s: version, effective and prevailing are needed in its head", main)
	}
	text.Lang = head.Prevailing
	d := &Document{Name: name, Version: head.Version, Effective: head.Effective, Prevailing: head.Prevailing,
		Texts: map[i18n.Lang]*Text{head.Prevailing: text}}
	sum := sha256.New()
	sum.Write(raw)
	for _, l := range i18n.Languages {
		file := filepath.Join(s.Dir, "policy", name+"."+string(l)+".md")
		if _, err := os.Stat(file); os.IsNotExist(err) {
			continue
		}
		translated, head, raw, err := read(s, file)
		if err != nil {
			return nil, err
		}
		if err := same(text, translated, d.Version, head.Version); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		translated.Lang = l
		d.Texts[l] = translated
		fmt.Fprintf(sum, "\n%s\n", l)
		sum.Write(raw)
	}
	d.Hash = hex.EncodeToString(sum.Sum(nil))
	return d, nil
}

// same checks that a translation has the original's version and clauses.
func same(a, b *Text, version, translated string) error {
	if version != translated {
		return fmt.Errorf("is of version %q, the original of %q", translated, version)
	}
	ids := func(t *Text) (all []string) {
		for _, c := range t.Clauses {
			all = append(all, c.ID)
		}
		return all
	}
	if !slices.Equal(ids(a), ids(b)) {
		return fmt.Errorf("has the clauses %v, the original %v", ids(b), ids(a))
	}
	if (a.Statement == "") != (b.Statement == "") {
		return fmt.Errorf("the statement stands in one language alone")
	}
	return nil
}

var (
	heading     = regexp.MustCompile(`^(##|###) (\S+) (.+)$`)
	placeholder = regexp.MustCompile(`\{\{(\w+)\}\}`)
)

func read(s *shop.Shop, file string) (*Text, front, []byte, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, front{}, nil, err
	}
	parts := bytes.SplitN(raw, []byte("---\n"), 3)
	if len(parts) != 3 || len(parts[0]) != 0 {
		return nil, front{}, nil, fmt.Errorf("%s:1: the head between two lines of --- is missing", file)
	}
	var head front
	if err := yaml.UnmarshalWithOptions(parts[1], &head, yaml.Strict()); err != nil {
		return nil, front{}, nil, fmt.Errorf("%s: %w", file, err)
	}
	body, err := fill(s, string(parts[2]))
	if err != nil {
		return nil, front{}, nil, fmt.Errorf("%s: %w", file, err)
	}
	text, err := parse(body)
	if err != nil {
		return nil, front{}, nil, fmt.Errorf("%s:%w", file, err)
	}
	text.Title = head.Title
	return text, head, raw, nil
}

// fill puts the shop's facts in the places named {{like_this}}.
func fill(s *shop.Shop, body string) (string, error) {
	facts := map[string]string{"billing_contact": s.Contact.Billing, "privacy_contact": s.Contact.Privacy,
		"support_contact": s.Contact.Support, "operator": s.Legal.Operator, "address": s.Legal.Address}
	var unknown error
	filled := placeholder.ReplaceAllStringFunc(body, func(m string) string {
		v, ok := facts[m[2:len(m)-2]]
		if !ok {
			unknown = fmt.Errorf("%s is no setting", m)
		}
		return v
	})
	return filled, unknown
}

func parse(body string) (*Text, error) {
	t := &Text{}
	block := &t.Intro
	fenced := false
	for i, line := range strings.Split(body, "\n") {
		switch m := heading.FindStringSubmatch(line); {
		case strings.HasPrefix(line, "```"):
			fenced = !fenced
			if fenced && line != "```statement" {
				return nil, fmt.Errorf("%d: a block of an unknown kind: %s", i+1, line)
			}
			*block += line + "\n"
		case fenced:
			t.Statement = strings.TrimSpace(t.Statement + " " + line)
			*block += line + "\n"
		case m != nil:
			if slices.ContainsFunc(t.Clauses, func(c Clause) bool { return c.ID == m[2] }) {
				return nil, fmt.Errorf("%d: clause %s stands here a second time", i+1, m[2])
			}
			t.Clauses = append(t.Clauses, Clause{ID: m[2], Title: m[3], Level: len(m[1])})
			block = &t.Clauses[len(t.Clauses)-1].Body
		default:
			*block += line + "\n"
		}
	}
	if len(t.Clauses) == 0 || fenced {
		return nil, fmt.Errorf("1: no clauses, or a block that does not end")
	}
	return t, nil
}

// Get finds a document by name.
func (s Set) Get(name string) (*Document, error) {
	d, ok := s[name]
	if !ok {
		return nil, ErrUnknown
	}
	return d, nil
}

// In is the text in the reader's language; where it is not translated, the
// prevailing one.
func (d *Document) In(l i18n.Lang) *Text {
	if t, ok := d.Texts[l]; ok {
		return t
	}
	return d.Texts[d.Prevailing]
}
