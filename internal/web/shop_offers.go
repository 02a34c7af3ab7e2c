package web

import (
	"time"

	"safelight/internal/catalog"
	"safelight/internal/i18n"
	"safelight/internal/money"
)

// offers are what the shop lists besides packs, kind by kind. The product
// cannot sell these kinds yet, and each group says so.
func (s *Server) offers(p *i18n.Printer, c money.Currency) []OfferGroup {
	all := []OfferGroup{
		{ID: "commissions", Heading: p.T("shop.commissions"), Lede: p.T("shop.commissions_lede")},
		{ID: "prints", Heading: p.T("shop.prints"), Lede: p.T("shop.prints_lede")},
		{ID: "passes", Heading: p.T("shop.passes"), Lede: p.T("shop.passes_lede")},
		{ID: "plans", Heading: p.T("shop.plans"), Lede: p.T("shop.plans_lede")},
	}
	now := s.DB.Clock().Now()
	for _, i := range s.Catalog.Items() {
		amount, err := s.Catalog.Amount(i, c, now)
		if err != nil {
			continue // not listed yet, or not in this currency
		}
		if g, o, ok := s.offer(p, i, amount); ok {
			all[g].Offers = append(all[g].Offers, o)
		}
	}
	listed := []OfferGroup{}
	for _, g := range all {
		if len(g.Offers) > 0 {
			g.Closed = p.T("shop.closed")
			listed = append(listed, g)
		}
	}
	return listed
}

// offer says an item on the list, and which group it belongs to.
func (s *Server) offer(p *i18n.Printer, i catalog.Item, amount money.Amount) (group int, o Offer, ok bool) {
	o = Offer{Name: i.Names[p.Lang], Price: p.Money(amount)}
	switch i.Kind {
	case catalog.KindCommission:
		k, err := s.Catalog.Commission(i.ID)
		o.About, o.Terms = k.About[p.Lang], commissionTerms(p, k)
		return 0, o, err == nil
	case catalog.KindPrint:
		k, err := s.Catalog.Print(i.ID)
		o.Terms = []string{p.T("shop.size", i18n.Args{"width": p.Number(int64(k.Width)), "height": p.Number(int64(k.Height))}), k.Paper[p.Lang]}
		return 1, o, err == nil
	case catalog.KindPass:
		k, err := s.Catalog.Pass(i.ID)
		o.Terms = []string{p.T("shop.unlimited"), p.N("shop.days", days(time.Duration(k.Lasts)))}
		return 2, o, err == nil
	case catalog.KindSubscription:
		k, err := s.Catalog.Plan(i.ID)
		per := string(k.Period)
		o.Terms = []string{p.T("shop.each_"+per, args("credits", p.N("web.credits_n", int(k.Credits))))}
		o.Price = p.T("shop.per_"+per, args("amount", o.Price))
		return 3, o, err == nil
	}
	return 0, o, false // a pack
}

func commissionTerms(p *i18n.Printer, k catalog.Commission) []string {
	terms := []string{p.N("shop.working_days", k.Days)}
	if k.Revisions.Rounds > 0 {
		return append(terms, p.N("shop.rounds", k.Revisions.Rounds, args("within", p.N("shop.days", days(time.Duration(k.Revisions.Within))))))
	}
	return append(terms, p.T("shop.no_rounds"))
}

// keptFor says how long photos are kept: in hours while those can be counted.
func keptFor(p *i18n.Printer, d time.Duration) string {
	if n := days(d); n > 3 {
		return p.N("web.kept_for_days", n)
	}
	return p.N("web.kept_for", hours(d))
}

func days(d time.Duration) int { return int(d / (24 * time.Hour)) }
