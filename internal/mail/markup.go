package mail

import (
	"html"
	"regexp"
	"strings"

	"safelight/internal/i18n"
)

// The letter's colours: ink on paper, whatever the reader's theme, for half of
// the mail programs would invert only half of a dark one.
const (
	paper, sheet, ink, faint, line = "#f4f1ed", "#ffffff", "#1c1917", "#6b635c", "#e7e1da"
	typeface                       = `-apple-system,BlinkMacSystemFont,'Segoe UI',Helvetica,Arial,sans-serif`
)

var colour = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// A page is HTML being written: text is escaped unless it is given as tags.
type page struct{ strings.Builder }

func (b *page) tags(s ...string) {
	for _, t := range s {
		b.WriteString(t)
	}
}

func (b *page) text(s string) { b.WriteString(html.EscapeString(s)) }

// block writes a text between tags, if there is any.
func (b *page) block(open, text, end string) {
	if text != "" {
		b.tags(open)
		b.text(text)
		b.tags(end)
	}
}

func markup(p *i18n.Printer, l Letter) string {
	accent := l.Shop.Accent
	if !colour.MatchString(accent) {
		accent = ink
	}
	var b page
	b.head(p, l)
	b.tags(`<body style="margin:0;padding:0;background-color:`, paper, `;color:`, ink, `">`)
	b.block(`<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">`, l.Preheader, strings.Repeat("&#847;&zwnj;&nbsp;", 40)+`</div>`)
	b.tags(`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background-color:`, paper, `"><tr><td align="center" style="padding:32px 12px">`,
		`<table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0" style="width:100%;max-width:600px">`,
		`<tr><td height="3" style="height:3px;line-height:3px;font-size:0;background-color:`, accent, `">&nbsp;</td></tr>`,
		`<tr><td style="padding:36px 36px 40px;background-color:`, sheet, `;font-family:`, typeface, `;font-size:16px;line-height:1.6;color:`, ink, `">`)
	b.block(`<p style="margin:0 0 28px;font-size:14px;line-height:1.4;font-weight:600;letter-spacing:.02em">`, l.Shop.Name, `</p>`)
	b.block(`<h1 style="margin:0 0 20px;font-size:24px;line-height:1.3;font-weight:600">`, l.Subject, `</h1>`)
	for _, s := range append([]string{l.Greeting}, l.Paragraphs...) {
		b.block(`<p style="margin:0 0 16px">`, s, `</p>`)
	}
	b.receipt(l.Rows)
	b.button(p, l.Button)
	b.block(`<p style="margin:28px 0 0;padding-top:20px;border-top:1px solid `+line+`;font-size:14px;line-height:1.55;color:`+faint+`">`, l.Note, `</p>`)
	b.tags(`</td></tr>`)
	b.foot(p, l)
	b.tags(`</table></td></tr></table></body></html>`)
	return b.String()
}

func (b *page) head(p *i18n.Printer, l Letter) {
	b.tags(`<!DOCTYPE html><html lang="`, string(p.Lang), `"><head><meta charset="utf-8">`,
		`<meta name="viewport" content="width=device-width,initial-scale=1">`,
		`<meta name="color-scheme" content="light"><meta name="supported-color-schemes" content="light">`,
		`<meta name="format-detection" content="telephone=no,date=no,address=no,email=no">`)
	b.block(`<title>`, l.Subject, `</title></head>`)
}

func (b *page) receipt(rows [][2]string) {
	if len(rows) == 0 {
		return
	}
	b.tags(`<table width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:12px 0 24px;border-collapse:collapse;font-size:15px;border-top:1px solid `, line, `">`)
	for _, r := range rows {
		b.tags(`<tr><th scope="row" align="left" valign="top" style="padding:10px 16px 10px 0;border-bottom:1px solid `, line, `;font-weight:400;text-align:left;color:`, faint, `">`)
		b.text(r[0])
		b.tags(`</th><td align="right" valign="top" style="padding:10px 0;border-bottom:1px solid `, line, `;text-align:right;word-break:break-word">`)
		b.text(r[1])
		b.tags(`</td></tr>`)
	}
	b.tags(`</table>`)
}

func (b *page) button(p *i18n.Printer, t Button) {
	if t.Label == "" {
		return
	}
	b.tags(`<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:28px 0 20px"><tr><td align="center" bgcolor="`, ink,
		`" style="border-radius:4px;background-color:`, ink, `"><a href="`)
	b.text(t.URL)
	b.block(`" style="display:inline-block;padding:13px 26px;font-family:`+typeface+`;font-size:16px;line-height:1.25;font-weight:600;color:#ffffff;text-decoration:none">`, t.Label, `</a></td></tr></table>`)
	b.block(`<p style="margin:0;font-size:13px;line-height:1.5;color:`+faint+`">`, p.T("mail.link"), `<br>`)
	b.tags(`<a style="color:`, faint, `;word-break:break-all" href="`)
	b.text(t.URL)
	b.block(`">`, t.URL, `</a></p>`)
}

func (b *page) foot(p *i18n.Printer, l Letter) {
	b.tags(`<tr><td style="padding:20px 36px 0;font-family:`, typeface, `;font-size:13px;line-height:1.6;color:`, faint, `">`)
	if safeLink(l.Shop.BaseURL) {
		b.tags(`<a style="color:`, faint, `" href="`)
		b.text(l.Shop.BaseURL)
		b.block(`">`, l.Shop.Name, `</a>`)
	} else {
		b.text(l.Shop.Name)
	}
	b.block(`<br>`, p.T("mail.questions", i18n.Args{"contact": l.Shop.Contact}), ``)
	if l.Unsubscribe != "" {
		b.block(`<br>`, p.T("mail.why", i18n.Args{"shop": l.Shop.Name}), ` `)
		b.tags(`<a style="color:`, faint, `" href="`)
		b.text(l.Unsubscribe)
		b.block(`">`, p.T("mail.unsubscribe"), `</a>`)
	}
	b.tags(`</td></tr>`)
}
