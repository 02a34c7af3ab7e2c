package web

import (
	"math/big"
	"net/http"
	"time"

	"safelight/internal/i18n"
	"safelight/internal/money"
	"safelight/internal/serve"
	"safelight/internal/shop"
)

func (s *Server) landing(w http.ResponseWriter, r *http.Request) error {
	p := serve.Printer(r.Context())
	front := s.front(p)
	page, err := s.page(r, front.Title, "")
	if err != nil {
		return err
	}
	author := s.photos(p)[0]
	v := LandingView{Page: page, Heading: front.Title, Lede: front.Lede, Start: "/sign-up", Hero: s.hero(p),
		PhotoCredit: Link{p.T("web.photo_by", i18n.Args{"author": author.Author, "license": author.License.Text}), "/colophon"},
		Costs:       s.costs(p, s.Shop.Currencies[0]),
		Returned:    promises(front.Returned), Kept: promises(front.Kept)}
	v.HeroCaption = s.caption(p)
	v.How, v.HowLede = p.T("web.how"), p.T("web.how_lede")
	if len(s.Catalog.Commissions) > 0 { // a studio: the steps are its side door
		v.Offers = s.offers(p, s.Shop.Currencies[0])
		v.How, v.HowLede = p.T("shop.packs"), p.T("shop.packs_lede")
	}
	if page.Viewer != nil {
		v.Start = "/lab"
	}
	return s.render(w, r, http.StatusOK, Landing(v))
}

// front is what the shop says in the reader's language, or plain words where
// it says nothing.
func (s *Server) front(p *i18n.Printer) shop.Front {
	if f, ok := s.Shop.Front[p.Lang]; ok {
		return f
	}
	return shop.Front{Title: p.T("web.hero"), Lede: p.T("web.hero_lede")}
}

// promises leads each to the clause that carries it.
func promises(all []shop.Promise) []Link {
	links := make([]Link, len(all))
	for i, p := range all {
		links[i] = Link{p.Text, "/refund#c-" + p.Clause}
	}
	return links
}

// hero is the shop's picture, or the product's own.
func (s *Server) hero(p *i18n.Printer) Compare {
	v := Compare{ID: "hero", Before: asset(heroBefore), After: asset(heroAfter), BeforeLabel: p.T("web.before"),
		AfterLabel: p.T("web.after"), Alt: p.T("web.hero_alt"), Width: 1280, Height: 720, Zooms: true}
	if h := s.Shop.Hero; h != nil {
		v.Before, v.After, v.Alt, v.Width, v.Height = s.look.at(heroBefore), s.look.at(heroAfter), h.Alt[p.Lang], h.After.Width, h.After.Height
	}
	return v
}

// caption says what was done to the hero.
func (s *Server) caption(p *i18n.Printer) string {
	before, after := pixels(p, 640, 360), pixels(p, 1280, 720)
	if h := s.Shop.Hero; h != nil {
		before, after = pixels(p, int64(h.Before.Width), int64(h.Before.Height)), pixels(p, int64(h.After.Width), int64(h.After.Height))
	}
	return p.T("web.hero_caption", i18n.Args{"before": before, "after": after})
}

func pixels(p *i18n.Printer, w, h int64) string { return p.Number(w) + " × " + p.Number(h) }

// An example is work on one photo that shows what work costs.
type example struct {
	operation, model string
	scale            int64
	width, height    int64
}

var examples = []example{
	{"upscale", "quality", 2, 1600, 1200},
	{"upscale", "quality", 2, 4000, 3000},
	{"upscale", "fast", 2, 4000, 3000},
	{"upscale", "quality", 4, 1600, 1200},
	{"denoise", "quality", 1, 4000, 3000},
	{"restore", "quality", 1, 1600, 1200},
}

// costs are the examples that the shop offers, with what their credits cost
// in the best pack.
func (s *Server) costs(p *i18n.Printer, c money.Currency) []CostLine {
	now := s.DB.Clock().Now()
	best, priced := s.bestPrice(c, now)
	lines := []CostLine{}
	for _, e := range examples {
		credits, err := s.Catalog.Cost(e.operation, e.model, e.width*e.height*e.scale*e.scale, now)
		if err != nil {
			continue // not offered here
		}
		l := CostLine{Work: e.work(p), Example: e.sizes(p), Credits: p.N("web.credits_n", int(credits))}
		if priced {
			l.Money = p.Money(times(best, credits, c))
		}
		lines = append(lines, l)
	}
	return lines
}

func (e example) work(p *i18n.Printer) string {
	work := p.T("web.op_" + e.operation)
	if e.scale > 1 {
		work = p.T("web.op_upscaled", i18n.Args{"scale": e.scale}) + ", " + p.T("web.model_"+e.model)
	}
	return work
}

func (e example) sizes(p *i18n.Printer) string {
	size := func(k int64) string {
		return p.T("web.size_px", i18n.Args{"width": p.Number(k * e.width), "height": p.Number(k * e.height)})
	}
	if e.scale == 1 {
		return size(1)
	}
	return size(1) + " → " + size(e.scale)
}

// bestPrice is the lowest price of one bought credit, exactly, in minor units.
// Bonus credits are not counted: nobody pays more than this says.
func (s *Server) bestPrice(c money.Currency, now time.Time) (best *big.Rat, ok bool) {
	for _, k := range s.Catalog.Packs {
		a, err := s.Catalog.Price(k, 1, c, now)
		if err != nil {
			continue // not sold in this currency
		}
		if each := big.NewRat(a.Minor, k.Credits); best == nil || each.Cmp(best) < 0 {
			best = each
		}
	}
	return best, best != nil
}

// times is what so many credits cost at a price each, rounded once.
func times(each *big.Rat, credits int64, c money.Currency) money.Amount {
	return money.Of(1, c).Mul(new(big.Rat).Mul(each, big.NewRat(credits, 1)))
}

// unitPrice is what one of so many credits cost.
func unitPrice(amount money.Amount, credits int64) money.Amount {
	return amount.Mul(big.NewRat(1, credits))
}
