package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"safelight/internal/account"
	"safelight/internal/catalog"
	"safelight/internal/db"
	"safelight/internal/i18n"
	"safelight/internal/id"
	"safelight/internal/money"
	"safelight/internal/order"
	"safelight/internal/payment"
	"safelight/internal/policy"
	"safelight/internal/serve"
)

func (s *Server) shopRoutes() {
	s.get("/pricing", s.pricing)
	s.own("/checkout/{item}", s.checkoutPage)
	s.act("/checkout/{item}", s.checkout)
	s.own("/credits", s.credits)
	s.orderRoutes()
}

// currency is the one that was asked for, when the shop takes it, else its
// first.
func (s *Server) currency(asked string) money.Currency {
	if c := money.Currency(asked); slices.Contains(s.Shop.Currencies, c) {
		return c
	}
	return s.Shop.Currencies[0]
}

func (s *Server) pricing(w http.ResponseWriter, r *http.Request) error {
	p := serve.Printer(r.Context())
	c := s.currency(r.URL.Query().Get("currency"))
	offers := s.offers(p, c)
	heading, lede := p.T("web.pricing"), p.T("web.pricing_lede")
	if len(offers) > 0 {
		heading, lede = p.T("shop.pricing"), p.T("shop.pricing_lede")
	}
	page, err := s.page(r, heading, SectionPricing)
	if err != nil {
		return err
	}
	v := PricingView{Page: page, Heading: heading, Lede: lede, Costs: s.costs(p, c), Offers: offers, Studio: len(s.Catalog.Commissions) > 0}
	for _, each := range s.Shop.Currencies {
		if len(s.Shop.Currencies) == 1 {
			break // nothing to choose
		}
		v.Currencies = append(v.Currencies, Option{Value: string(each), Label: string(each), Checked: each == c})
	}
	for _, k := range s.Catalog.Packs {
		amount, err := s.Catalog.Price(k, 1, c, s.DB.Clock().Now())
		if err != nil {
			continue // not sold in this currency
		}
		v.Packs = append(v.Packs, s.pack(p, k, amount))
	}
	if len(v.Packs) > 0 {
		v.Packs[len(v.Packs)/2].Main = true
	}
	if free := s.Shop.Lab.FreeCredits; free > 0 && page.Viewer == nil {
		v.Notes = append(v.Notes, p.T("web.free_credits", args("credits", p.N("web.credits_n", int(free)))))
	}
	return s.render(w, r, http.StatusOK, Pricing(v))
}

func (s *Server) pack(p *i18n.Printer, k catalog.Pack, amount money.Amount) Pack {
	v := Pack{ID: k.ID, Many: p.Number(k.Credits), Unit: p.N("web.credits_unit", int(k.Credits)), Price: p.Money(amount),
		Each: p.T("web.price_each", args("amount", p.Money(unitPrice(amount, k.Credits)))),
		Buy:  s.checkoutPath(k.ID, amount.Currency), BuyText: p.N("web.buy_pack", int(k.Credits))}
	if k.Bonus > 0 {
		v.Lines = append(v.Lines, p.T("web.pack_bonus", args("credits", p.N("web.credits_n", int(k.Bonus)))))
	}
	v.Lines = append(v.Lines, lasting(p, time.Duration(k.Lasts)))
	return v
}

func lasting(p *i18n.Printer, lasts time.Duration) string {
	if lasts == 0 {
		return p.T("web.lot_never")
	}
	return p.N("web.lasts", int(lasts/(24*time.Hour)))
}

// checkoutPath names the currency where it is not the one that is taken
// anyway.
func (s *Server) checkoutPath(item string, c money.Currency) string {
	path := "/checkout/" + url.PathEscape(item)
	if c != s.Shop.Currencies[0] {
		path += "?" + url.Values{"currency": {string(c)}}.Encode()
	}
	return path
}

func (s *Server) checkoutPage(w http.ResponseWriter, r *http.Request, _ account.Visitor) error {
	return s.checkoutForm(w, r, s.currency(r.URL.Query().Get("currency")), asShown)
}

func (s *Server) checkoutForm(w http.ResponseWriter, r *http.Request, c money.Currency, why refusal) error {
	p := serve.Printer(r.Context())
	k, err := s.Catalog.Pack(r.PathValue("item"))
	if err != nil {
		return err
	}
	amount, err := s.Catalog.Price(k, 1, c, s.DB.Clock().Now())
	if err != nil {
		return err
	}
	page, err := s.page(r, p.N("web.buy_pack", int(k.Credits)), SectionPricing)
	if err != nil {
		return err
	}
	page.Path = s.checkoutPath(k.ID, c)
	shown, price := s.Desk.Statement(p.Lang), p.Money(amount)
	v := CheckoutView{Page: page, Heading: page.Title, Action: "/checkout/" + url.PathEscape(k.ID), Statement: shown.Statement,
		Hidden: []Option{{Label: "currency", Value: string(c)}, {Label: "seal", Value: s.seal(p.Lang, amount)}, {Label: "once", Value: id.Secret()}},
		Note:   prevails(p, s.Desk.Policies()[policy.Refund]), Policy: Link{shown.Title, "/refund"},
		Problem: why.text, Wrong: why.fields["statement_accepted"], Pay: p.T("web.checkout_pay", args("amount", price)),
		Facts: []Fact{{Term: p.N("web.credits_n", int(k.Credits)), Value: price}}}
	if shown.Lang != p.Lang {
		v.Lang = string(shown.Lang)
	}
	if k.Bonus > 0 {
		v.Facts = append(v.Facts, Fact{Term: p.T("web.lot_bonus"), Value: p.N("web.credits_n", int(k.Bonus))})
	}
	v.Facts = append(v.Facts, Fact{Term: p.T("web.lot_expiry"), Value: lasting(p, time.Duration(k.Lasts))},
		Fact{Term: p.T("web.order_total"), Value: price, Sum: true})
	return s.render(w, r, why.status, Checkout(v))
}

// seal identifies what the checkout showed: the statement, word for word, in
// the policy's version, and the amount. A form that was shown another is
// shown again.
func (s *Server) seal(l i18n.Lang, amount money.Amount) string {
	shown := s.Desk.Statement(l)
	sum := sha256.Sum256([]byte(strings.Join([]string{s.Desk.Policies()[policy.Refund].Hash, string(shown.Lang), shown.Statement, amount.String()}, "\n")))
	return hex.EncodeToString(sum[:12])
}

// checkout places the order that was shown and leads to the processor's page.
func (s *Server) checkout(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	f, err := serve.ReadForm(r)
	if err != nil {
		return err
	}
	p, c := serve.Printer(r.Context()), s.currency(f.Get("currency"))
	request := order.Request{Buyer: who.Account, Item: r.PathValue("item"), Currency: c, Lang: p.Lang,
		StatementAccepted: f.Ticked("statement"), Control: "checkbox",
		Key: onceKey(f, r.PathValue("item"), string(c), string(p.Lang)), Client: account.ClientOf(r)}
	if changed, err := s.changed(request, f.Get("seal")); err != nil {
		return err
	} else if changed {
		return s.checkoutForm(w, r, c, refusal{text: p.T("web.checkout_changed"), status: http.StatusConflict})
	}
	o, err := db.Do(r.Context(), s.DB, func(tx *db.Tx) (order.Order, error) { return order.Place(r.Context(), tx, s.Desk, request) })
	if err != nil {
		why, err := refused(w, p, err, "statement_accepted")
		if err != nil {
			return err
		}
		return s.checkoutForm(w, r, c, why)
	}
	return s.pay(w, r, o)
}

func (s *Server) changed(q order.Request, seal string) (bool, error) {
	k, err := s.Catalog.Pack(q.Item)
	if err != nil {
		return false, err
	}
	amount, err := s.Catalog.Price(k, 1, q.Currency, s.DB.Clock().Now())
	return seal != s.seal(q.Lang, amount), err
}

// pay leads to the processor's page. When it does not open, the order stays
// and its page says so.
func (s *Server) pay(w http.ResponseWriter, r *http.Request, o order.Order) error {
	page, err := payment.Open(r.Context(), s.DB, s.Processor, o.Session)
	if err == nil {
		return serve.SeeOther(w, r, page)
	}
	if key, known := unopened(err); known {
		s.Log.WarnContext(r.Context(), "no payment page opened", "order", o.Number, "error", err)
		s.say(w, key)
		return serve.SeeOther(w, r, orderPath(o.ID))
	}
	return err
}
