package web

import "safelight/internal/i18n"

// PolicyView is one published version of a document. Its HTML is made by the
// policy renderer from the shop's own text; nothing a customer wrote can be in
// it.
type PolicyView struct {
	Page
	Heading   string
	Dated     string // version, and from when it counts
	Standing  Notice // that it is an earlier version, or a later one
	InForce   string // address of the version in force, where this is another
	Lang      string // of the text, which may not be the page's
	Note      string // which language prevails, when the text is a translation or not translated
	Law       string
	LawLang   string
	Texts     []Option // languages to read it in: Value is the address
	Contents  []Link
	Intro     ClauseView
	Clauses   []ClauseView
	Stored    string // the whole page as it was published, where it can only be shown so
	Versions  []VersionLine
	PDF       string
	Hash      string
	Try       string // where to try a case
	Comparing bool   // there is more than one version
}

// A ClauseView is a clause and how it is applied.
type ClauseView struct {
	ID, Number, Title string
	Level             int
	Body              string // HTML
	Beside            string // HTML of the prevailing text, where both are read
	BesideLang        string
	Applied           string     // HTML
	Rules             [][]string // in words
	Examples          []ExampleView
}

// An ExampleView is a worked case.
type ExampleView struct {
	Title   string
	Lines   []string // the case in words
	State   State
	Heading string
	Clauses []Link
	Steps   []Fact
}

// A VersionLine is one version in the list of all.
type VersionLine struct {
	Link
	Shown   bool // it is this one
	Note    string
	Compare Link // with the version before it
}

// DiffView is what changed between two versions.
type DiffView struct {
	Page
	Heading  string
	Lede     string
	Action   string
	From, To []Option
	Problem  string
	Lang     string // of the texts
	Changes  []ChangeView
}

// A ChangeView is one difference: its lines, each with what happened to its
// words.
type ChangeView struct {
	Heading string
	Lines   [][]Mark
	Read    Link
}

// A Mark is words that stayed, went or came.
type Mark struct {
	Deleted, Inserted bool
	Text              string
}

// texts are the addresses in which a document can be read.
func texts(p *i18n.Printer, path, chosen string, langs []i18n.Lang) (all []Option) {
	if len(langs) < 2 {
		return nil
	}
	for _, l := range langs {
		all = append(all, Option{Value: path + "?text=" + string(l), Label: l.Name(), Hint: string(l), Checked: chosen == string(l)})
	}
	return append(all, Option{Value: path + "?text=" + both, Label: p.T("page.both"), Checked: chosen == both})
}

// both shows a translation beside the text that prevails.
const both = "both"

// besides reports whether a translation stands beside the text that prevails.
func besides(v PolicyView) bool {
	return len(v.Clauses) > 0 && v.Clauses[0].Beside != ""
}
