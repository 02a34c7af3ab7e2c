package policy

import (
	"slices"
	"time"

	"cel.dev/cel-go/common/types/ref"

	"safelight/internal/fact"
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

// Names are all documents.
var Names = []string{Refund, Privacy, Terms}

// ErrUnknown means that there is no such document or version.
var ErrUnknown = fault.New(fault.NotFound, "policy.unknown", "There is no such document here.")

// A Set is all of a shop's documents by name.
type Set map[string]*Document

// A Document is one text in one version. It never changes, and is safe for
// concurrent use.
type Document struct {
	Name       string
	Version    string // its date, also part of its address
	Effective  time.Time
	Updated    time.Time
	Prevailing i18n.Lang // the language that counts

	AcceptedByUse bool     // going on using the service accepts a new version
	BetterLater   bool     // a later version decides where it gives the customer more
	Promises      []string // clauses that must stand and be carried out
	Precedence    []string // levels of rules, the first tried first
	Settings      []Setting
	Rules         []*Rule // in the order in which they are tried

	Hash  string // SHA-256 of the bytes of all languages, hex
	Files map[string][]byte
	Texts map[i18n.Lang]*Text

	shop     *shop.Shop
	path     string // of a draft's file
	byGround map[fact.Ground][]*Rule
	values   map[string]ref.Val // of the settings, by their names in expressions
	lines    map[string]int     // of clauses, in the prevailing file
}

// A Text is a document in one language.
type Text struct {
	Title        string
	Lang         i18n.Lang
	Intro        string // Markdown before the first clause: clause "0"
	IntroApplied string // as [Clause].Applied
	Clauses      []Clause
	Statement    string            // what the buyer ticks; empty where the document has none
	Law          string            // the governing law; empty where it is not translated
	Labels       map[string]string // what people read for the names of the arithmetic
}

// A Clause is a numbered part of a text.
type Clause struct {
	ID       string // "3.1", "3-req"
	Title    string
	Level    int    // 2 or 3, as a heading
	Body     string // Markdown
	Applied  string // Markdown: how it is carried out, where no rule does
	Examples []*Example
	line     int
}

// An Example is a worked case that stands in the text and is run as a test.
type Example struct {
	Clause string
	Line   int
	Titles map[i18n.Lang]string
	Facts  *fact.Case
	Expect Expectation
}

// Expectation is what must be so; what is nil or empty is not asked.
type Expectation struct {
	Outcome  Outcome  `yaml:"outcome"`
	Amount   string   `yaml:"amount"`
	Fee      string   `yaml:"fee"`
	Credits  *int64   `yaml:"credits"`
	Remedies []Remedy `yaml:"remedies"`
	Clauses  []string `yaml:"clauses"`
	Missing  []string `yaml:"missing"`
}

// Title is the example's in the language, or in the one that prevails.
func (e *Example) Title(l, prevailing i18n.Lang) string {
	if t := e.Titles[l]; t != "" {
		return t
	}
	return e.Titles[prevailing]
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

// Law is the governing law, as the text in the language names it or else the
// prevailing one, and the language that it is in. It may be empty.
func (d *Document) Law(l i18n.Lang) (string, i18n.Lang) {
	if t := d.In(l); t.Law != "" {
		return t.Law, t.Lang
	}
	return d.Texts[d.Prevailing].Law, d.Prevailing
}

// Clause finds a clause by its id; the introduction is clause "0".
func (t *Text) Clause(id string) (Clause, bool) {
	i := slices.IndexFunc(t.Clauses, func(c Clause) bool { return c.ID == id })
	if i >= 0 {
		return t.Clauses[i], true
	}
	return Clause{ID: "0", Title: t.Title, Level: 2, Body: t.Intro, Applied: t.IntroApplied}, id == "0" && t.Intro != ""
}

// Shop is whose document it is.
func (d *Document) Shop() *shop.Shop { return d.shop }

// Examples are all worked examples, in the order of the text.
func (d *Document) Examples() (all []*Example) {
	for _, c := range d.Texts[d.Prevailing].Clauses {
		all = append(all, c.Examples...)
	}
	return all
}
