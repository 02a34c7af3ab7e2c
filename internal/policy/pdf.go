package policy

import (
	"bytes"
	"fmt"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"

	"safelight/internal/i18n"
)

// Measures of the page, in millimetres and points.
const (
	marginX, marginTop, marginEnd = 24, 24, 28
	numbers                       = 15 // the column of the clauses' numbers
	column                        = 210 - 2*marginX - numbers
	leading                       = 5.1
	bodySize                      = 9.6
)

// PDF sets the document in the reader's language, or in the one that prevails:
// every page names the version and its hash. The same document gives the same
// bytes.
func (d *Document) PDF(l i18n.Lang) ([]byte, error) {
	t := d.In(l)
	s := sheet{Fpdf: fpdf.New("P", "mm", "A4", ""), doc: d, text: t, p: i18n.For(t.Lang)}
	s.SetCreationDate(d.Effective)
	s.SetModificationDate(d.Effective)
	s.SetCatalogSort(true)
	s.AddUTF8FontFromBytes("go", "", goregular.TTF)
	s.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	s.SetMargins(marginX, marginTop, marginX)
	s.SetAutoPageBreak(true, marginEnd)
	s.AliasNbPages("")
	s.SetTitle(t.Title, true)
	s.SetAuthor(d.shop.Title, true)
	s.SetLang(string(t.Lang))
	s.SetFooterFunc(s.foot)
	s.AddPage()
	s.head()
	s.passages(t.Intro, marginX, column+numbers)
	for _, c := range t.Clauses {
		s.clause(c)
	}
	var out bytes.Buffer
	if err := s.Output(&out); err != nil {
		return nil, fmt.Errorf("policy: PDF of %s %s: %w", d.Name, d.Version, err)
	}
	return out.Bytes(), nil
}

// sheet is the PDF in the making.
type sheet struct {
	*fpdf.Fpdf
	doc  *Document
	text *Text
	p    *i18n.Printer
}

func (s sheet) ink()  { s.SetTextColor(26, 24, 22) }
func (s sheet) soft() { s.SetTextColor(104, 99, 95) }

// lines sets a paragraph in a column of its own.
func (s sheet) lines(x, width float64, style string, size, height float64, text string) {
	s.SetFont("go", style, size)
	s.SetX(x)
	s.MultiCell(width, height, text, "", "L", false)
}

func (s sheet) head() {
	s.soft()
	s.lines(marginX, column+numbers, "", 9.5, 5, s.doc.shop.Title)
	s.Ln(3)
	s.ink()
	s.lines(marginX, column+numbers, "B", 21, 9.5, s.text.Title)
	s.Ln(2.5)
	s.soft()
	facts := s.p.T("page.version", i18n.Args{"version": s.doc.Version}) + " · " + s.p.T("page.effective", i18n.Args{"date": s.p.Date(s.doc.Effective)})
	s.lines(marginX, column+numbers, "", 9, leading, facts)
	if len(s.doc.Texts) > 1 {
		key := "page.prevailing_" + string(s.doc.Prevailing)
		if s.text.Lang != s.doc.Prevailing {
			key = "page.translation_" + string(s.doc.Prevailing)
		}
		s.lines(marginX, column+numbers, "", 9, leading, s.p.T(key))
	}
	s.ink()
	s.SetDrawColor(200, 195, 190)
	s.Line(marginX, s.GetY()+4, 210-marginX, s.GetY()+4)
	s.Ln(9)
}

func (s sheet) foot() {
	s.SetY(-18)
	s.soft()
	s.SetFont("go", "", 7.2)
	s.CellFormat(column+numbers-26, 4, s.text.Title+" · "+s.p.T("page.version", i18n.Args{"version": s.doc.Version}), "", 0, "L", false, 0, "")
	s.CellFormat(26, 4, s.p.T("page.number", i18n.Args{"page": s.PageNo(), "pages": "{nb}"}), "", 1, "R", false, 0, "")
	s.CellFormat(column+numbers, 4, "SHA-256 "+s.doc.Hash, "", 0, "L", false, 0, "")
	s.ink()
}

// clause sets its number beside the text. A heading does not stand alone at the
// end of a page.
func (s sheet) clause(c Clause) {
	size, space := 12.5, 6.0
	if c.Level > 2 {
		size, space = 10.2, 3.2
	}
	s.Ln(space)
	if s.GetY() > 297-marginEnd-4.5*leading {
		s.AddPage()
	}
	y := s.GetY()
	s.soft()
	s.SetFont("go", "", size*0.88)
	s.SetX(marginX)
	s.CellFormat(numbers, 6, c.Number(), "", 0, "L", false, 0, "")
	s.ink()
	s.SetY(y)
	s.lines(marginX+numbers, column, "B", size, 6, c.Title)
	s.Bookmark(c.Number()+" "+c.Title, c.Level-2, y)
	s.Ln(1)
	s.passages(c.Body, marginX+numbers, column)
}

func (s sheet) passages(markdown string, x, width float64) {
	for _, p := range Passages(markdown) {
		switch p.Kind {
		case Item:
			s.SetFont("go", "", bodySize)
			s.SetX(x)
			y := s.GetY()
			if y > 297-marginEnd-leading {
				s.AddPage()
				y = s.GetY()
			}
			s.CellFormat(6, leading, p.Mark, "", 0, "L", false, 0, "")
			s.SetY(y)
			s.lines(x+6, width-6, "", bodySize, leading, p.Text)
			s.Ln(0.8)
		case Statement:
			s.statement(x, width, p.Text)
		default:
			s.lines(x, width, "", bodySize, leading, p.Text)
			s.Ln(1.8)
		}
	}
}

// statement is what the buyer ticks, with its empty box.
func (s sheet) statement(x, width float64, text string) {
	s.SetFont("go", "", bodySize)
	height := float64(len(s.SplitText(text, width-16)))*leading + 6
	if s.GetY()+height > 297-marginEnd {
		s.AddPage()
	}
	y := s.GetY()
	s.SetFillColor(244, 242, 240)
	s.Rect(x, y, width, height, "F")
	s.SetDrawColor(104, 99, 95)
	s.Rect(x+4.5, y+3.9, 3.4, 3.4, "D")
	s.SetY(y + 3)
	s.lines(x+12, width-16, "", bodySize, leading, text)
	s.SetY(y + height + 2.5)
}
