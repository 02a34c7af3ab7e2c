package order

import (
	"context"
	"fmt"
	"time"

	"safelight/internal/db"
	"safelight/internal/i18n"
	"safelight/internal/mail"
	"safelight/internal/payment"
	"safelight/internal/queue"
)

const receiptKind = "order.receipt"

// Register hands the writing of receipts to q: drawing an invoice is too much
// work for the transaction that delivers, and must not be able to undo it.
func Register(q *queue.Queue, d *db.DB, k Desk) {
	q.Handle(receiptKind, queue.Options{MaxAttempts: 25, Timeout: time.Minute}, func(ctx context.Context, r *queue.Run) error {
		var id ID
		if err := r.Decode(&id); err != nil {
			return queue.Permanent(err)
		}
		return SendReceipt(ctx, d, k, id)
	})
}

// askForReceipt has the receipt written when tx commits.
func askForReceipt(ctx context.Context, tx *db.Tx, o Order) error {
	_, err := queue.Enqueue(ctx, tx, queue.Job{Kind: receiptKind, Key: string(o.ID), Args: o.ID})
	return err
}

// SendReceipt queues the receipt of a paid order, with the invoice, in the
// buyer's language; once, however often it is called.
func SendReceipt(ctx context.Context, d *db.DB, k Desk, id ID) error {
	o, err := db.Ask(ctx, d, func(tx *db.Tx) (Order, error) { return byID(ctx, tx, id) })
	if err != nil {
		return err
	}
	l, pdf, err := receipt(k, o)
	if err != nil {
		return err
	}
	return d.InTx(ctx, func(tx *db.Tx) error {
		return send(ctx, tx, o, "receipt:"+string(o.ID), l, mail.Attachment{Name: "invoice-" + o.Number + ".pdf", MediaType: "application/pdf", Content: pdf})
	})
}

func receipt(k Desk, o Order) (mail.Letter, []byte, error) {
	p := i18n.For(o.Lang)
	rows := [][2]string{
		{p.T("order.receipt_order"), o.Number},
		{p.T("order.receipt_item"), fmt.Sprintf("%s × %s", p.Number(o.Quantity), o.Name)},
		{p.T("order.receipt_credits"), p.Number(o.Credits)},
	}
	if o.Bonus > 0 {
		rows = append(rows, [2]string{p.T("order.receipt_bonus"), p.Number(o.Bonus)})
	}
	rows = append(rows, [2]string{p.T("order.receipt_amount"), p.Money(o.Amount)},
		[2]string{p.T("order.receipt_date"), p.DateTime(o.PaidAt)}, [2]string{p.T("order.receipt_payment"), o.Payment})
	pdf, err := Invoice(k, o)
	l := mail.Letter{Subject: p.T("order.receipt_subject", i18n.Args{"number": o.Number}),
		Paragraphs: []string{p.T("order.receipt_hello"), p.T("order.receipt_statement", i18n.Args{"version": o.Proof.Version}) + " “" + o.Proof.Text + "”"}, Rows: rows, Button: mail.Button{Label: p.T("order.receipt_open"), URL: k.URL(o.ID)},
		Note: p.T("order.receipt_ask", i18n.Args{"contact": k.Shop.Contact.Billing}), Shop: k.Letters}
	return l, pdf, err
}

// sendExtra tells the buyer that the money was taken again.
func sendExtra(ctx context.Context, tx *db.Tx, k Desk, o Order, c payment.Charge) error {
	p := i18n.For(o.Lang)
	l := mail.Letter{Subject: p.T("order.extra_subject", i18n.Args{"number": o.Number}),
		Paragraphs: []string{p.T("order.extra_text", i18n.Args{"number": o.Number, "amount": p.Money(c.Amount), "payment": c.Payment})},
		Button:     mail.Button{Label: p.T("order.receipt_open"), URL: k.URL(o.ID)},
		Note:       p.T("order.receipt_ask", i18n.Args{"contact": k.Shop.Contact.Billing}), Shop: k.Letters}
	return send(ctx, tx, o, "extra:"+string(c.ID), l)
}

func send(ctx context.Context, tx *db.Tx, o Order, key string, l mail.Letter, attached ...mail.Attachment) error {
	text, html := mail.Compose(i18n.For(o.Lang), l)
	return mail.Send(ctx, tx, mail.Message{Key: key, To: o.Email, Class: mail.Transactional, Lang: o.Lang, Subject: l.Subject,
		Text: text, HTML: html, Attachments: attached})
}
