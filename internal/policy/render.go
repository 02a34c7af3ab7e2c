package policy

import (
	"bytes"
	"fmt"
	"html"
	"strings"

	"github.com/yuin/goldmark"
)

// HTML renders the text: a section a clause, its id the anchor "c-ID".
func (t *Text) HTML() (string, error) {
	var b strings.Builder
	intro, err := Markdown(t.Intro)
	if err != nil {
		return "", err
	}
	b.WriteString(intro)
	for _, c := range t.Clauses {
		body, err := Markdown(c.Body)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "<section class=\"clause\" id=\"%[1]s\"><h%[2]d><a href=\"#%[1]s\" class=\"clause-number\">%[4]s</a> %[3]s</h%[2]d>\n%[5]s</section>\n",
			html.EscapeString(c.Anchor()), c.Level, html.EscapeString(c.Title), html.EscapeString(c.Number()), body)
	}
	return b.String(), nil
}

// Number is how people cite the clause: its id, or the number of the clause
// that it belongs to.
func (c Clause) Number() string {
	number, _, _ := strings.Cut(c.ID, "-")
	return number
}

// Anchor is the clause's place on its page, without the "#".
func (c Clause) Anchor() string { return "c-" + c.ID }

// Markdown renders the prose of a document as HTML; raw HTML in it is left out,
// and a statement becomes a quotation of the class "statement".
func Markdown(prose string) (string, error) {
	var out bytes.Buffer
	if err := goldmark.Convert([]byte(prose), &out); err != nil {
		return "", fmt.Errorf("policy: render: %w", err)
	}
	s := strings.ReplaceAll(out.String(), `<pre><code class="language-statement">`, `<blockquote class="statement">`)
	return strings.ReplaceAll(s, "</code></pre>", "</blockquote>"), nil
}
