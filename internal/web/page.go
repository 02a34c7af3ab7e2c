package web

import (
	"safelight/internal/i18n"
)

// Page is what every page needs to know about itself and its reader. The zero
// Viewer is somebody who has not signed in.
type Page struct {
	P       *i18n.Printer
	Title   string
	Shop    Shop
	Path    string // where the language and theme forms come back to
	Section string // the entry of the navigation that is this page: one of the Section constants
	Theme   string // "dark", "light", or empty for what the reader's system prefers
	Viewer  *Viewer
	Sandbox bool     // no real money: say so on every page
	Notices []Notice // what has just happened, shown once
	Changed []Changed
	Refresh int // seconds after which a browser without scripts asks again; 0 for never
}

// The sections that the navigation can mark as the present one.
const (
	SectionPricing = "pricing"
	SectionLab     = "lab"
	SectionCredits = "credits"
	SectionOrders  = "orders"
	SectionAccount = "account"
)

// Shop is what pages say about the shop, and how they look there.
type Shop struct {
	Name      string
	Languages []i18n.Lang // offered; empty: all
	Look      string      // address of its style sheet; empty: the plain look
	Icon      string      // address of its icon; empty: the lamp's
	Drawn     bool        // it has a mark of its own
	Seller    []string    // who sells, as the law wants it said
}

// Viewer is the person who has signed in.
type Viewer struct {
	Email   string
	Balance string // "128 credits"
	Working bool   // something of theirs is being developed: the lamp is lit
}

// A Notice says what has just happened.
type Notice struct {
	Tone Tone
	Text string
}

// A Tone is how something went.
type Tone string

// The tones.
const (
	Plain Tone = ""
	Good  Tone = "good"
	Warn  Tone = "warn"
	Bad   Tone = "bad"
	Lit   Tone = "lit" // under way
)

// T writes a message in the page's language.
func (p Page) T(key string, args ...i18n.Args) string { return p.P.T(key, args...) }

// A State is how something stands, in words and in colour.
type State struct {
	Tone Tone
	Text string
}

// A Fact is a term and what it is.
type Fact struct {
	Term  string
	Value string
	URL   string // makes the value a link
	Sum   bool   // the line that the others add up to
}

// A Link is a text and where it leads.
type Link struct {
	Text string
	URL  string
}

// An Option is one of several exclusive choices.
type Option struct {
	Value    string
	Label    string
	Hint     string
	Checked  bool
	Disabled bool
}

// A Field is one line of a form.
type Field struct {
	Name         string
	Label        string
	Type         string // of the input; empty is text
	Value        string
	Hint         string
	Wrong        string // why what was entered does not do
	Autocomplete string
	Optional     bool
}

// Compare is a picture before and after. Width and Height are those of the
// picture after, in pixels; the picture before is stretched over the same area.
type Compare struct {
	ID            string
	Before, After string // addresses
	BeforeLabel   string
	AfterLabel    string
	Alt           string
	Width, Height int
	Zooms         bool // offers pixel level zoom below the picture
}
