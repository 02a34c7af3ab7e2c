package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/fault"
	"safelight/internal/i18n"
	"safelight/internal/lab"
	"safelight/internal/ledger"
	"safelight/internal/order"
	"safelight/internal/serve"
)

const movementsShown = 50

func (s *Server) credits(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	p := serve.Printer(r.Context())
	page, err := s.page(r, p.T("web.credits"), SectionCredits)
	if err != nil {
		return err
	}
	before := ledger.TxnID(r.URL.Query().Get("before"))
	v, err := db.Ask(r.Context(), s.DB, func(tx *db.Tx) (CreditsView, error) {
		b := &book{Server: s, tx: tx, p: p, who: who.Account.ID, links: map[string]Link{}}
		return b.credits(r.Context(), CreditsView{Page: page}, before)
	})
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, Credits(v))
}

// A book writes one person's credits for people: it knows what each movement
// was for.
type book struct {
	*Server
	tx    *db.Tx
	p     *i18n.Printer
	who   account.ID
	links map[string]Link // by the source of a movement
}

func (b *book) credits(ctx context.Context, v CreditsView, before ledger.TxnID) (CreditsView, error) {
	owner := ledger.Owner(b.who)
	balance, err := ledger.BalanceOf(ctx, b.tx, owner)
	if err != nil {
		return v, err
	}
	v.Balance, v.Unit = b.p.Number(balance.Spendable), b.p.N("web.credits_unit", int(balance.Spendable))
	if balance.Held > 0 {
		v.Held = b.p.N("web.credits_held", int(balance.Held))
	}
	lots, err := ledger.Lots(ctx, b.tx, owner)
	if err != nil {
		return v, err
	}
	for _, l := range lots {
		line, err := b.lot(ctx, l)
		if err != nil {
			return v, err
		}
		v.Lots = append(v.Lots, line)
	}
	moved, err := ledger.Movements(ctx, b.tx, owner, ledger.Page{Before: before, Limit: movementsShown})
	if err != nil {
		return v, err
	}
	if n := len(moved); n > 0 && moved[n-1].Previous != "" {
		v.Older = "/credits?" + url.Values{"before": {string(moved[n-1].ID)}}.Encode()
	}
	for _, m := range moved {
		line, err := b.line(ctx, m)
		if err != nil {
			return v, err
		}
		v.Lines = append(v.Lines, line)
	}
	return v, nil
}

func (b *book) lot(ctx context.Context, l ledger.Lot) (LotLine, error) {
	line := LotLine{Kind: b.p.T("web.lot_" + string(l.Class)), Expiry: b.p.T("web.lot_never"),
		Left: b.p.T("web.lot_of", i18n.Args{"left": b.p.Number(l.Remaining), "all": b.p.Number(l.Granted)})}
	switch {
	case l.ExpiredAt(b.tx.Now()):
		line.Expiry = b.p.T("web.lot_expired", args("date", b.p.Date(l.Expires)))
	case !l.Expires.IsZero():
		line.Expiry = b.p.T("web.lot_until", args("date", b.p.Date(l.Expires)))
	}
	if l.Order == "" {
		line.From = Link{Text: b.p.Date(l.At)}
		return line, nil
	}
	from, err := b.source(ctx, l.Order)
	if from.URL == "" {
		from.Text = b.p.Date(l.At)
	}
	line.From = from
	return line, err
}

// line writes one movement; its change is that of what can be spent, so that
// each line's balance follows from the line below it.
func (b *book) line(ctx context.Context, m ledger.Movement) (StatementLine, error) {
	about, err := b.source(ctx, m.Source)
	if err != nil {
		return StatementLine{}, err
	}
	what := Link{Text: b.what(m, about.Text), URL: about.URL}
	return StatementLine{When: b.p.DateTime(m.At), What: what, Change: signed(b.p, spendable(m)), After: b.p.Number(m.Available)}, nil
}

// spendable is by how much the movement changed what can be spent.
func spendable(m ledger.Movement) (sum int64) {
	for _, t := range m.Steps {
		if t.To == ledger.Available {
			sum += t.Amount
		}
		if t.From == ledger.Available {
			sum -= t.Amount
		}
	}
	return sum
}

func signed(p *i18n.Printer, n int64) string {
	switch {
	case n > 0:
		return "+" + p.Number(n)
	case n < 0:
		return "−" + p.Number(-n)
	}
	return "0"
}

// lines are the sentences of the movements about a job or an order; without
// one they have a sentence of their own or are an adjustment.
var lines = map[ledger.Kind]string{
	ledger.Held:       "web.line_held",
	ledger.Released:   "web.line_released",
	ledger.Restored:   "web.line_released",
	ledger.Revoked:    "web.line_revoked",
	ledger.Forfeited:  "web.line_forfeited",
	ledger.Reinstated: "web.line_reinstated",
	ledger.Expired:    "web.line_expired",
	ledger.Frozen:     "web.line_frozen",
	ledger.Unfrozen:   "web.line_unfrozen",
}

func (b *book) what(m ledger.Movement, about string) string {
	text := b.p.T("web.line_other")
	switch key, known := lines[m.Kind]; {
	case m.Kind == ledger.Captured:
		text = b.p.N("web.line_captured", int(m.Amount))
	case m.Kind == ledger.Issued && strings.HasPrefix(m.Source, orderPrefix):
		text = b.p.T("web.line_purchase")
	case m.Kind == ledger.Issued && m.Source == "registration":
		text = b.p.T("web.line_welcome")
	case m.Kind == ledger.Issued:
		text = b.p.T("web.line_goodwill")
	case known:
		text = b.p.T(key)
	}
	if about == "" {
		return text
	}
	return b.p.T("web.line_about", i18n.Args{"what": text, "about": about})
}

const (
	orderPrefix = "ord_"
	jobSource   = "job:"
)

// source names the job or the order that moved credits. What is gone, or has
// no page, has no name.
func (b *book) source(ctx context.Context, source string) (Link, error) {
	if l, known := b.links[source]; known {
		return l, nil
	}
	var l Link
	var err error
	if job, ok := strings.CutPrefix(source, jobSource); ok {
		l, err = b.job(ctx, lab.JobID(job))
	} else if strings.HasPrefix(source, orderPrefix) {
		l, err = b.order(ctx, order.ID(source))
	}
	if errors.Is(err, fault.NotFound) {
		l, err = Link{}, nil
	}
	b.links[source] = l
	return l, err
}

func (b *book) order(ctx context.Context, id order.ID) (Link, error) {
	o, err := order.Find(ctx, b.tx, b.who, id)
	return Link{b.p.T("web.order", args("number", o.Number)), orderPath(id)}, err
}

func (b *book) job(ctx context.Context, id lab.JobID) (Link, error) {
	j, err := b.Lab.FindJob(ctx, b.tx, b.who, id)
	if err != nil {
		return Link{}, err
	}
	work := b.p.T("web.op_" + string(j.Operation))
	if j.Scale > 1 {
		work = b.p.T("web.op_upscaled", i18n.Args{"scale": j.Scale})
	}
	image, err := b.Lab.Find(ctx, b.tx, b.who, j.Image)
	if err == nil {
		work = b.p.T("web.line_work", i18n.Args{"work": work, "name": image.Name})
	} else if !errors.Is(err, fault.NotFound) {
		return Link{}, err
	}
	return Link{work, "/jobs/" + string(id)}, nil
}
