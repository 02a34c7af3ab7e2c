package mail

import (
	"strings"

	"safelight/internal/i18n"
)

// Shop is who writes.
type Shop struct {
	Name    string
	Contact string
	BaseURL string // from the configuration, never from a request
	Accent  string // "#rrggbb"; another text is passed over
}

// A Letter is what a message says, to be given its form by [Compose]. Its
// fields are text: nothing in them becomes markup.
type Letter struct {
	Subject     string
	Preheader   string // what lists of messages show beside the subject; the first paragraph if empty
	Greeting    string
	Paragraphs  []string
	Rows        [][2]string // a table, of a receipt
	Button      Button
	Note        string // in small print
	Unsubscribe string // of a promotional letter: what [UnsubscribeURL] gave
	Shop        Shop
}

// A Button leads somewhere; without a label there is none.
type Button struct{ Label, URL string }

// Compose writes the letter as plain text and as HTML that mail programs show:
// tables, inline styles, no pictures, nothing that tells of its opening.
func Compose(p *i18n.Printer, l Letter) (text, page string) {
	if !safeLink(l.Button.URL) {
		l.Button = Button{}
	}
	if !safeLink(l.Unsubscribe) {
		l.Unsubscribe = ""
	}
	if l.Preheader == "" && len(l.Paragraphs) > 0 {
		l.Preheader = l.Paragraphs[0]
	}
	return plain(p, l), markup(p, l)
}

// safeLink reports whether a link leads to a page.
func safeLink(s string) bool {
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
}

func plain(p *i18n.Printer, l Letter) string {
	parts := []string{}
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	add(l.Greeting)
	for _, s := range l.Paragraphs {
		add(s)
	}
	rows := make([]string, len(l.Rows))
	for i, r := range l.Rows {
		rows[i] = r[0] + ": " + r[1]
	}
	add(strings.Join(rows, "\n"))
	if l.Button.Label != "" {
		add(l.Button.Label + ":\n" + l.Button.URL)
	}
	add(l.Note)
	add("-- \n" + l.Shop.Name + "\n" + p.T("mail.questions", i18n.Args{"contact": l.Shop.Contact}) + "\n" + l.Shop.BaseURL)
	if l.Unsubscribe != "" {
		add(p.T("mail.why", i18n.Args{"shop": l.Shop.Name}) + "\n" + p.T("mail.unsubscribe") + ": " + l.Unsubscribe)
	}
	return strings.Join(parts, "\n\n") + "\n"
}
