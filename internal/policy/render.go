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
	if err := block(&b, t.Intro); err != nil {
		return "", err
	}
	for _, c := range t.Clauses {
		fmt.Fprintf(&b, "<section class=\"clause\" id=\"c-%[1]s\"><h%[2]d><a href=\"#c-%[1]s\" class=\"clause-number\">%[4]s</a> %[3]s</h%[2]d>\n",
			html.EscapeString(c.ID), c.Level, html.EscapeString(c.Title), html.EscapeString(c.Number()))
		if err := block(&b, c.Body); err != nil {
			return "", err
		}
		b.WriteString("</section>\n")
	}
	return b.String(), nil
}

// Number is how people cite the clause: its id, or the number of the clause
// that it belongs to.
func (c Clause) Number() string {
	number, _, _ := strings.Cut(c.ID, "-")
	return number
}

// block renders Markdown; raw HTML in it is left out.
func block(b *strings.Builder, markdown string) error {
	var out bytes.Buffer
	if err := goldmark.Convert([]byte(markdown), &out); err != nil {
		return fmt.Errorf("policy: render: %w", err)
	}
	s := strings.ReplaceAll(out.String(), `<pre><code class="language-statement">`, `<blockquote class="statement">`)
	b.WriteString(strings.ReplaceAll(s, "</code></pre>", "</blockquote>"))
	return nil
}
