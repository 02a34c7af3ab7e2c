package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/i18n"
	"safelight/internal/money"
	"safelight/internal/order"
	"safelight/internal/payment"
	"safelight/internal/serve"
)

func (s *Server) orderRoutes() {
	s.own("/orders", s.orders)
	s.own("/orders/{id}", s.order)
	s.own("/orders/{id}/pay", s.payOrder)
	s.own("/orders/{id}/invoice.pdf", s.invoice)
}

func orderPath(id order.ID) string { return "/orders/" + string(id) }

// unopened says why no payment page opened, where the buyer can do something
// about it.
func unopened(err error) (key string, known bool) {
	switch {
	case errors.Is(err, payment.ErrUnavailable):
		return "web.order_kept", true
	case errors.Is(err, payment.ErrClosed):
		return "web.order_closed", true
	}
	return "", false
}

const ordersShown = 50

func (s *Server) orders(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	p := serve.Printer(r.Context())
	page, err := s.page(r, p.T("web.orders"), SectionOrders)
	if err != nil {
		return err
	}
	all, err := db.Ask(r.Context(), s.DB, func(tx *db.Tx) ([]order.Order, error) {
		return order.List(r.Context(), tx, who.Account.ID, order.ID(r.URL.Query().Get("before")), ordersShown+1)
	})
	if err != nil {
		return err
	}
	v := OrdersView{Page: page}
	if len(all) > ordersShown {
		all = all[:ordersShown]
		v.Older = "/orders?" + url.Values{"before": {string(all[ordersShown-1].ID)}}.Encode()
	}
	for _, o := range all {
		v.Orders = append(v.Orders, OrderLine{URL: orderPath(o.ID), Number: o.Number, What: p.N("web.credits_n", int(o.Credits+o.Bonus)),
			When: p.Date(o.PlacedAt), Amount: p.Money(o.Amount), State: orderState(p, o)})
	}
	return s.render(w, r, http.StatusOK, Orders(v))
}

func orderState(p *i18n.Printer, o order.Order) State {
	switch o.State {
	case order.Paid:
		return State{Good, p.T("web.order_paid")}
	case order.Expired:
		return State{Plain, p.T("web.order_expired")}
	}
	return State{Warn, p.T("web.order_waiting")}
}

func (s *Server) findOrder(r *http.Request, who account.Visitor) (order.Order, error) {
	return db.Ask(r.Context(), s.DB, func(tx *db.Tx) (order.Order, error) {
		return order.Find(r.Context(), tx, who.Account.ID, order.ID(r.PathValue("id")))
	})
}

// order shows an order. Who comes back from the payment page is not made to
// wait for the processor's notice: the page asks.
func (s *Server) order(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	o, err := s.findOrder(r, who)
	if err != nil {
		return err
	}
	back := r.URL.Query().Get("back")
	if back == "paid" {
		if o, err = s.refresh(r, who, o); err != nil {
			return err
		}
		if o.State == order.Paid {
			s.say(w, "web.order_thanks")
			return serve.SeeOther(w, r, orderPath(o.ID))
		}
	}
	p := serve.Printer(r.Context())
	page, err := s.page(r, p.T("web.order", args("number", o.Number)), SectionOrders)
	if err != nil {
		return err
	}
	page.Path, page.Notices = orderPath(o.ID), s.said(w, r, p)
	v, err := db.Ask(r.Context(), s.DB, func(tx *db.Tx) (OrderView, error) { return s.orderView(r.Context(), tx, page, o) })
	if err != nil {
		return err
	}
	if v.Refunds, v.RefundVersion, err = s.refundLines(r.Context(), p, who.Account, o); err != nil {
		return err
	}
	v.Try = decidePath(o.Item, o.PaidAt, "")
	switch {
	case back == "paid":
		v.Notices, v.Refresh = append(v.Notices, Notice{Lit, p.T("web.order_confirming")}), 5
	case back == "cancelled" && o.State == order.Placed:
		v.Notices = append(v.Notices, Notice{Plain, p.T("web.order_back")})
	}
	return s.render(w, r, http.StatusOK, Order(v))
}

// refresh asks the processor about the order's payment. A processor that does
// not answer is no reason not to show the order.
func (s *Server) refresh(r *http.Request, who account.Visitor, o order.Order) (order.Order, error) {
	if o.State == order.Paid {
		return o, nil
	}
	if _, err := payment.Refresh(r.Context(), s.DB, s.Processor, o.Session, s.Settle); err != nil {
		if r.Context().Err() != nil {
			return o, err
		}
		s.Log.WarnContext(r.Context(), "a payment was not looked up", "order", o.Number, "error", err)
	}
	return s.findOrder(r, who)
}

// orderView fills the page of an order; the part that moves by itself needs
// no more of page than its printer.
func (s *Server) orderView(ctx context.Context, tx *db.Tx, page Page, o order.Order) (OrderView, error) {
	p := page.P
	v := OrderView{Page: page, ID: string(o.ID), Number: o.Number, State: orderState(p, o), Statement: o.Proof.Text,
		Accepted: p.T("web.order_accepted", i18n.Args{"when": p.DateTime(o.PlacedAt), "address": o.Proof.IP, "version": o.Proof.Version}),
		Ask:      "/contact?" + url.Values{"order": {o.Number}}.Encode(),
		Facts:    []Fact{{Term: p.N("web.credits_n", int(o.Credits)), Value: p.Money(o.Amount)}},
		Story:    []Fact{{Term: p.T("web.order_placed"), Value: p.DateTime(o.PlacedAt)}}}
	if o.Bonus > 0 {
		v.Facts = append(v.Facts, Fact{Term: p.T("web.lot_bonus"), Value: p.N("web.credits_n", int(o.Bonus))})
	}
	v.Facts = append(v.Facts, Fact{Term: p.T("web.order_total"), Value: p.Money(o.Amount), Sum: true})
	switch o.State {
	case order.Paid:
		return v, paidParts(ctx, tx, &v, o)
	case order.Placed:
		open, err := payable(ctx, tx, o)
		if err != nil {
			return v, err
		}
		if open {
			v.Pay = orderPath(o.ID) + "/pay"
		}
	case order.Expired:
		v.Story = append(v.Story, Fact{Term: p.T("web.order_expired"), Value: p.DateTime(o.PlacedAt.Add(order.ExpireAfter))})
	}
	return v, nil
}

// paidParts are what an order has once it is paid.
func paidParts(ctx context.Context, tx *db.Tx, v *OrderView, o order.Order) error {
	p := v.P
	v.Story = append(v.Story, Fact{Term: p.T("web.order_paid"), Value: p.DateTime(o.PaidAt)},
		Fact{Term: p.T("web.order_delivered"), Value: p.DateTime(o.PaidAt)})
	charges, err := payment.Charges(ctx, tx, string(o.ID))
	if err != nil {
		return err
	}
	for _, c := range charges {
		if c.Card.Last4 != "" {
			v.Facts = append(v.Facts, Fact{Term: p.T("web.order_card"), Value: brand(c.Card.Brand) + " ···· " + c.Card.Last4})
		}
		v.Facts = append(v.Facts, Fact{Term: p.T("web.order_payment"), Value: c.Payment})
		if c.Duplicate {
			v.Story = append(v.Story, Fact{Term: p.T("web.order_twice"), Value: p.DateTime(c.At)})
		}
	}
	v.Documents = []Link{{p.T("web.invoice") + " (PDF)", orderPath(o.ID) + "/invoice.pdf"}}
	if o.Extra > 0 {
		owed := money.Of(o.Amount.Minor*o.Extra, o.Amount.Currency)
		v.Notices = append(v.Notices, Notice{Bad, p.T("web.order_extra", args("amount", p.Money(owed)))})
	}
	return nil
}

// brand writes a card's brand as its maker does; one that is not known comes as
// the processor names it.
func brand(name string) string {
	if written, known := map[string]string{"visa": "Visa", "mastercard": "Mastercard", "amex": "American Express", "discover": "Discover",
		"diners": "Diners Club", "jcb": "JCB", "unionpay": "UnionPay"}[name]; known {
		return written
	}
	return name
}

// payable reports whether the order can still be paid.
func payable(ctx context.Context, tx *db.Tx, o order.Order) (bool, error) {
	session, err := payment.Find(ctx, tx, o.Session)
	if err != nil {
		return false, err
	}
	open := session.State == payment.Begun || session.State == payment.Opened
	return open && tx.Now().Before(o.PlacedAt.Add(payment.DefaultExpiry-time.Minute)), nil
}

// payOrder goes on with a payment that was begun.
func (s *Server) payOrder(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	o, err := s.findOrder(r, who)
	if err != nil {
		return err
	}
	if o.State != order.Placed {
		return serve.SeeOther(w, r, orderPath(o.ID))
	}
	return s.pay(w, r, o)
}

func (s *Server) invoice(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	o, err := s.findOrder(r, who)
	if err != nil {
		return err
	}
	pdf, err := order.Invoice(s.Desk, o)
	if err != nil {
		return err
	}
	download(w, "application/pdf", "invoice-"+o.Number+".pdf", len(pdf))
	_, _ = w.Write(pdf) // a client that left asks again
	return nil
}

// download sets the headers of a file that is kept, not shown. The name is
// ours, or was made safe.
func download(w http.ResponseWriter, mediaType, name string, size int) {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Content-Length", strconv.Itoa(size))
	h.Set("Cache-Control", "private, no-store")
}
