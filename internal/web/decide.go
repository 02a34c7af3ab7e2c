package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"safelight/internal/catalog"
	"safelight/internal/edition"
	"safelight/internal/fact"
	"safelight/internal/policy"
	"safelight/internal/serve"
)

// decide lets anybody try a case: the same function answers that decides every
// case of the shop. All of the case stands in the address.
func (s *Server) decide(w http.ResponseWriter, r *http.Request) error {
	p := serve.Printer(r.Context())
	page, err := s.page(r, p.T("decide.title"), "")
	if err != nil {
		return err
	}
	a := &asked{q: r.URL.Query(), p: p, now: s.DB.Clock().Now().UTC(), facts: map[string]any{}, wrong: map[string]string{}}
	d, err := s.read(r.Context(), a)
	if err != nil {
		return err
	}
	v := DecideView{Page: page, Lede: p.T("decide.lede", args("shop", s.Shop.Title)), Policy: Link{d.In(p.Lang).Title, "/refund"}}
	var decision *policy.Decision
	names := []string{}
	if a.ground != "" {
		names = d.Asks(a.ground, string(a.item.Kind))
		if c := s.theCase(a, names); c != nil {
			if decision, err = s.refunds.Decide(r.Context(), c); err != nil {
				return err
			}
		}
	}
	s.questions(&v, a, names)
	if decision != nil {
		verdict, err := verdict(p, decision)
		if err != nil {
			return err
		}
		v.Verdict = &verdict
	}
	status := http.StatusOK
	if len(a.wrong) > 0 {
		status, v.Problem = http.StatusUnprocessableEntity, or(a.wrong[""], p.T("decide.wrong_form"))
	}
	return s.render(w, r, status, Decide(v))
}

// read takes what every case has from the address, and finds the text in force
// when it was paid.
func (s *Server) read(ctx context.Context, a *asked) (*policy.Document, error) {
	items := s.Catalog.Items()
	if len(items) == 0 {
		return nil, errNoPage
	}
	a.item = items[0]
	if i := slices.IndexFunc(items, func(i catalog.Item) bool { return i.ID == a.answer("item") }); i >= 0 {
		a.item = items[i]
	} else if a.answer("item") != "" {
		a.fault("item", "decide.wrong_item")
	}
	if g := fact.Ground(a.answer("ground")); slices.Contains(fact.Grounds, g) {
		a.ground = g
	} else if g != "" || a.q.Has("ground") {
		a.fault("ground", "decide.wrong_ground")
	}
	var known bool
	if a.at, known = a.moment("at"); !known {
		a.at = a.now.Truncate(time.Minute)
	}
	if a.paid, known = a.moment("paid"); !known {
		a.paid = a.at.AddDate(0, 0, -2)
	}
	if a.at.Before(a.paid) {
		a.fault("at", "decide.wrong_order")
	}
	var err error
	a.currency = s.currency(a.answer("currency"))
	if a.price, err = s.Catalog.Amount(a.item, a.currency, a.paid); err != nil {
		a.fault("paid", "decide.wrong_sold")
		if a.price, err = s.Catalog.Amount(a.item, a.currency, a.now); err != nil {
			return nil, err
		}
	}
	return s.inForce(ctx, policy.Refund, a.paid)
}

// theCase makes the case of the answers to the questions with these names; nil
// where an answer does not do.
func (s *Server) theCase(a *asked, names []string) *fact.Case {
	a.put("at", a.at.Format(time.RFC3339))
	a.put("ground", string(a.ground))
	a.put("lang", string(a.p.Lang))
	a.put("order.kind", string(a.item.Kind))
	a.put("order.currency", string(a.price.Currency))
	a.put("order.amount", a.price.Decimal())
	a.put("order.paid_at", a.paid.Format(time.RFC3339))
	if a.item.Kind == catalog.KindPack {
		a.put("pack.tokens", a.item.Credits)
	}
	for _, name := range names {
		switch f, single := fact.Lookup(name); {
		case name == "order.captured":
			a.captured()
		case name == "outage.maintenance":
			a.maintenance()
		case name == "pass.token_price_now":
			if price, err := s.Catalog.TokenPrice(a.price.Currency, a.at); err == nil {
				a.put(name, price)
			}
		case single && !settled(name):
			a.fact(f)
		}
	}
	return a.parse()
}

// settled reports whether a fact follows from what was bought and when: it is
// not asked for.
func settled(name string) bool {
	return slices.Contains([]string{"at", "ground", "lang", "order.kind", "order.currency", "order.amount", "order.paid_at", "order.number",
		"order.refunded_excess", "pack.tokens", "pass.token_price_now"}, name)
}

// inForce is the document that was in force at a moment; one that this program
// can no longer read counts as the present one here.
func (s *Server) inForce(ctx context.Context, name string, at time.Time) (*policy.Document, error) {
	d, err := s.Shelf.At(ctx, name, at)
	if !errors.Is(err, edition.ErrUnreadable) {
		return d, err
	}
	set, err := s.Shelf.Current(ctx)
	if err != nil {
		return nil, err
	}
	return set.Get(name)
}

// decidePath is the address of the page with what is known of a case already.
func decidePath(item string, paid time.Time, ground string) string {
	q := url.Values{"item": {item}, "paid": {paid.UTC().Format(typed)}}
	if ground != "" {
		q.Set("ground", ground)
	}
	return "/decide?" + q.Encode()
}
