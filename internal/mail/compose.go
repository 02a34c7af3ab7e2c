package mail

import (
	"html"
	"strings"

	"safelight/internal/i18n"
)

// Shop is who writes.
type Shop struct {
	Name    string
	Contact string
	BaseURL string
	Accent  string // "#rrggbb"
}

// A Letter is what a message says, to be given its form by [Compose].
type Letter struct {
	Subject    string
	Greeting   string
	Paragraphs []string
	Rows       [][2]string // a table, of a receipt
	Button     Button
	Note       string // in small print
	Shop       Shop
}

// A Button leads somewhere; without a label there is none.
type Button struct{ Label, URL string }

// Compose writes the letter as plain text and as HTML that mail programs show:
// tables, inline styles, no pictures, nothing that tells of its opening.
func Compose(p *i18n.Printer, l Letter) (text, page string) {
	return plain(p, l), markup(p, l)
}

func plain(p *i18n.Printer, l Letter) string {
	parts := []string{}
	if l.Greeting != "" {
		parts = append(parts, l.Greeting)
	}
	parts = append(parts, l.Paragraphs...)
	if len(l.Rows) > 0 {
		rows := make([]string, len(l.Rows))
		for i, r := range l.Rows {
			rows[i] = r[0] + ": " + r[1]
		}
		parts = append(parts, strings.Join(rows, "\n"))
	}
	if l.Button.Label != "" {
		parts = append(parts, l.Button.Label+":\n"+l.Button.URL)
	}
	if l.Note != "" {
		parts = append(parts, l.Note)
	}
	return strings.Join(append(parts, "-- \n"+l.Shop.Name+"\n"+l.Shop.Contact+"\n"+l.Shop.BaseURL), "\n\n") + "\n"
}

func markup(p *i18n.Printer, l Letter) string {
	var b strings.Builder
	e := html.EscapeString
	w := func(s ...string) { b.WriteString(strings.Join(s, "")) }
	w(`<!doctype html><html lang="`, string(p.Lang), `"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">`,
		`<title>`, e(l.Subject), `</title></head><body style="margin:0;background:#f5f2ef;color:#1c1917">`,
		`<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" style="padding:32px 16px">`,
		`<table role="presentation" width="560" cellpadding="0" cellspacing="0" style="max-width:560px;width:100%;background:#ffffff;border-top:3px solid `,
		e(l.Shop.Accent), `"><tr><td style="padding:32px;font:16px/1.6 Helvetica,Arial,sans-serif">`,
		`<p style="margin:0 0 24px;font-weight:bold">`, e(l.Shop.Name), `</p>`,
		`<h1 style="margin:0 0 16px;font-size:22px;line-height:1.3">`, e(l.Subject), `</h1>`)
	if l.Greeting != "" {
		w(`<p style="margin:0 0 16px">`, e(l.Greeting), `</p>`)
	}
	for _, s := range l.Paragraphs {
		w(`<p style="margin:0 0 16px">`, e(s), `</p>`)
	}
	if len(l.Rows) > 0 {
		w(`<table width="100%" cellpadding="0" cellspacing="0" style="margin:8px 0 24px;border-collapse:collapse">`)
		for _, r := range l.Rows {
			w(`<tr><th align="left" style="padding:8px 16px 8px 0;border-bottom:1px solid #e7e2dd;font-weight:normal;color:#6b635d;vertical-align:top">`, e(r[0]),
				`</th><td align="right" style="padding:8px 0;border-bottom:1px solid #e7e2dd">`, e(r[1]), `</td></tr>`)
		}
		w(`</table>`)
	}
	if l.Button.Label != "" {
		w(`<p style="margin:24px 0"><a href="`, e(l.Button.URL), `" style="display:inline-block;padding:12px 24px;background:#1c1917;color:#ffffff;text-decoration:none">`,
			e(l.Button.Label), `</a></p><p style="margin:0 0 16px;font-size:13px;color:#6b635d;word-break:break-all">`, e(l.Button.URL), `</p>`)
	}
	if l.Note != "" {
		w(`<p style="margin:16px 0 0;font-size:14px;color:#6b635d">`, e(l.Note), `</p>`)
	}
	w(`</td></tr></table><p style="font:13px/1.6 Helvetica,Arial,sans-serif;color:#6b635d">`, e(l.Shop.Name), ` · <a style="color:#6b635d" href="mailto:`,
		e(l.Shop.Contact), `">`, e(l.Shop.Contact), `</a></p></td></tr></table></body></html>`)
	return b.String()
}
