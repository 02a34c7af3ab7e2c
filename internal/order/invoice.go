package order

import (
	"bytes"
	"fmt"
	"strings"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"

	"safelight/internal/i18n"
	"safelight/internal/money"
)

// Invoice draws the invoice of a paid order as PDF, in the buyer's language. An
// order that is not paid has none. The same order gives the same bytes.
func Invoice(k Desk, o Order) ([]byte, error) {
	if o.State != Paid {
		return nil, ErrNotFound
	}
	p := i18n.For(o.Lang)
	d := document{Fpdf: fpdf.New("P", "mm", "A4", ""), width: 170}
	d.SetCreationDate(o.PaidAt)
	d.SetModificationDate(o.PaidAt)
	d.SetCatalogSort(true)
	d.AddUTF8FontFromBytes("go", "", goregular.TTF)
	d.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	d.SetMargins(20, 22, 20)
	d.SetTitle(p.T("order.invoice_title", i18n.Args{"number": o.Number}), true)
	d.AddPage()
	d.head(k, p, o)
	d.items(p, o)
	d.foot(k, p, o)
	var out bytes.Buffer
	if err := d.Output(&out); err != nil {
		return nil, fmt.Errorf("order: invoice %s: %w", o.Number, err)
	}
	return out.Bytes(), nil
}

type document struct {
	*fpdf.Fpdf
	width float64
}

// line writes a paragraph over the whole width.
func (d document) line(style string, size, height float64, text string) {
	d.SetFont("go", style, size)
	d.MultiCell(d.width, height, text, "", "L", false)
}

// row writes a label and its value beside it.
func (d document) row(label, value string) {
	d.SetFont("go", "", 9.5)
	d.SetTextColor(110, 104, 100)
	d.CellFormat(46, 6, label, "", 0, "L", false, 0, "")
	d.SetTextColor(28, 25, 23)
	d.MultiCell(d.width-46, 6, value, "", "L", false)
}

func (d document) head(k Desk, p *i18n.Printer, o Order) {
	d.SetTextColor(28, 25, 23)
	d.line("B", 20, 9, k.Shop.Title)
	d.SetTextColor(110, 104, 100)
	d.line("", 9, 5, strings.Join(append(k.Shop.Legal.Seller(), k.Shop.Contact.Billing), "\n"))
	d.SetTextColor(28, 25, 23)
	d.Ln(10)
	d.line("B", 14, 8, p.T("order.invoice_title", i18n.Args{"number": o.Number}))
	d.Ln(2)
	d.row(p.T("order.receipt_date"), p.DateTime(o.PaidAt))
	d.row(p.T("order.invoice_buyer"), o.Email)
	d.row(p.T("order.receipt_payment"), o.Payment)
	d.Ln(8)
}

func (d document) items(p *i18n.Printer, o Order) {
	columns := []float64{92, 18, 30, 30}
	print := func(style string, border string, cells ...string) {
		d.SetFont("go", style, 9.5)
		for i, c := range cells {
			align := "R"
			if i == 0 {
				align = "L"
			}
			d.CellFormat(columns[i], 9, c, border, 0, align, false, 0, "")
		}
		d.Ln(9)
	}
	unit := money.Of(o.Amount.Minor/o.Quantity, o.Amount.Currency)
	d.SetDrawColor(200, 195, 190)
	print("B", "B", p.T("order.receipt_item"), p.T("order.invoice_quantity"), p.T("order.invoice_price"), p.T("order.receipt_amount"))
	print("", "", o.Name, p.Number(o.Quantity), p.Money(unit), p.Money(o.Amount))
	if o.Bonus > 0 {
		print("", "", p.T("order.receipt_bonus"), p.Number(o.Bonus), p.Money(money.Of(0, o.Amount.Currency)), p.Money(money.Of(0, o.Amount.Currency)))
	}
	print("B", "T", p.T("order.invoice_total"), "", "", p.Money(o.Amount))
}

func (d document) foot(k Desk, p *i18n.Printer, o Order) {
	d.Ln(8)
	d.SetTextColor(110, 104, 100)
	d.line("", 9, 5, p.T("order.receipt_statement", i18n.Args{"version": o.Proof.Version}))
	d.SetTextColor(28, 25, 23)
	d.line("", 9, 5, o.Proof.Text)
	d.Ln(3)
	d.SetTextColor(110, 104, 100)
	d.line("", 9, 5, p.T("order.receipt_ask", i18n.Args{"contact": k.Shop.Contact.Billing}))
	d.line("", 9, 5, k.URL(o.ID))
}
