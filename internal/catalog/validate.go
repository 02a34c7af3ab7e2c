package catalog

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"safelight/internal/i18n"
	"safelight/internal/money"
	"safelight/internal/shop"
)

// A checker collects what is wrong, each with its place: "passes.week.prices[1]".
type checker struct {
	shop *shop.Shop
	ids  map[string]bool
	errs []error
}

func (k *checker) wrong(bad bool, place, why string) {
	if bad {
		k.errs = append(k.errs, fmt.Errorf("%s: %s", place, why))
	}
}

func (c *Catalog) validate(s *shop.Shop) error {
	k := &checker{shop: s, ids: map[string]bool{}}
	for i, p := range c.Packs {
		at := k.item("packs", i, p.ID, p.Names, p.Prices)
		k.wrong(p.Credits <= 0 || p.Credits > maxCredits, at+".credits", fmt.Sprintf("1 to %d", maxCredits))
		k.wrong(p.Bonus < 0 || p.Bonus > maxCredits-p.Credits, at+".bonus", fmt.Sprintf("0 to %d with the credits", maxCredits))
		k.wrong(p.Lasts < 0, at+".lasts", "zero or more")
	}
	for i, p := range c.Passes {
		at := k.item("passes", i, p.ID, p.Names, p.Prices)
		k.wrong(p.Lasts <= 0, at+".lasts", "more than zero")
	}
	for i, p := range c.Plans {
		at := k.item("plans", i, p.ID, p.Names, p.Prices)
		k.wrong(p.Period != Month && p.Period != Year, at+".period", "month or year")
		k.wrong(p.Credits <= 0 || p.Credits > maxCredits, at+".credits", fmt.Sprintf("1 to %d", maxCredits))
	}
	for i, w := range c.Commissions {
		k.commission(k.item("commissions", i, w.ID, w.Names, w.Prices), w)
	}
	for i, p := range c.Prints {
		at := k.item("prints", i, p.ID, p.Names, p.Prices)
		k.wrong(p.Width < 10 || p.Width > 5000, at+".width_mm", "10 to 5000")
		k.wrong(p.Height < 10 || p.Height > 5000, at+".height_mm", "10 to 5000")
		k.text(at+".paper", p.Paper)
	}
	k.tokens(c)
	for i, o := range c.Operations {
		k.operation(k.id("operations", i, o.ID), o)
	}
	return errors.Join(k.errs...)
}

// ids are also parts of addresses.
var ids = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// id checks an entry's id and returns its place.
func (k *checker) id(list string, i int, id string) string {
	at := fmt.Sprintf("%s[%d]", list, i)
	if !ids.MatchString(id) {
		k.wrong(true, at+".id", "lower-case letters, digits and dashes")
		return at
	}
	k.wrong(k.ids[id], at+".id", fmt.Sprintf("%q is used twice", id))
	k.ids[id] = true
	return list + "." + id
}

// item checks what everything has that is sold for money.
func (k *checker) item(list string, i int, id string, names Text, prices []Price) string {
	at := k.id(list, i, id)
	k.text(at+".names", names)
	k.prices(at+".prices", prices, func(place, text string, c money.Currency) {
		a, err := money.Parse(text, c)
		k.wrong(err != nil, place, fmt.Sprintf("%q is not an amount in %s", text, c))
		k.wrong(err == nil && (a.Minor <= 0 || a.Minor > money.Max/maxQuantity), place, fmt.Sprintf("%s is out of range", a))
	})
	return at
}

// text is there in the shop's languages and in no other.
func (k *checker) text(at string, t Text) {
	for _, l := range k.shop.Languages {
		k.wrong(t[l] == "", at, fmt.Sprintf("%s is missing", l))
	}
	for l := range t {
		k.wrong(!slices.Contains(i18n.Languages, l), at, fmt.Sprintf("%q is not one of %v", l, i18n.Languages))
	}
}

// prices are there from a first moment on, in all the shop's currencies.
func (k *checker) prices(at string, all []Price, check func(place, text string, c money.Currency)) {
	k.started(at, len(all), func(i int) time.Time { return all[i].From })
	for i, p := range all {
		for _, c := range k.shop.Currencies {
			check(fmt.Sprintf("%s[%d].amounts.%s", at, i, c), p.Amounts[c], c)
		}
		for c := range p.Amounts {
			k.wrong(!slices.Contains(k.shop.Currencies, c), fmt.Sprintf("%s[%d].amounts", at, i), fmt.Sprintf("the shop does not take %q", c))
		}
	}
}

// started checks that there is a first entry and that each starts after the
// one before.
func (k *checker) started(at string, n int, from func(int) time.Time) {
	k.wrong(n == 0, at, "at least one")
	for i := range n {
		place := fmt.Sprintf("%s[%d].from", at, i)
		k.wrong(from(i).IsZero(), place, "is missing")
		k.wrong(i > 0 && !from(i).After(from(max(0, i-1))), place, "must be after the one before")
	}
}

func (k *checker) commission(at string, w Commission) {
	k.text(at+".about", w.About)
	k.wrong(w.Days < 1 || w.Days > 250, at+".days", "1 to 250")
	k.wrong(w.Revisions.Rounds < 0 || w.Revisions.Rounds > 20, at+".revisions.rounds", "0 to 20")
	k.wrong((w.Revisions.Rounds > 0) != (w.Revisions.Within > 0), at+".revisions.within", "a period where there are rounds, and none where there are not")
	last := -1
	for _, s := range w.Stages {
		i := slices.Index(Stages, s)
		k.wrong(i < 0, at+".stages", fmt.Sprintf("%q is not one of %v", s, Stages))
		k.wrong(i >= 0 && i <= last, at+".stages", fmt.Sprintf("%s is out of its order", s))
		last = max(i, last)
	}
	for _, s := range []Stage{Ordered, FinalDelivery, Approved} {
		k.wrong(!slices.Contains(w.Stages, s), at+".stages", fmt.Sprintf("%s is missing", s))
	}
	for _, s := range []Stage{FirstDelivery, Revising} {
		k.wrong(slices.Contains(w.Stages, s) != (w.Revisions.Rounds > 0), at+".stages", fmt.Sprintf("%s where there are rounds of revision, and only there", s))
	}
}

var tokenPrice = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?$`)

// tokens checks the price of one token. Whoever sells passes needs it: it is
// what a generation is counted at.
func (k *checker) tokens(c *Catalog) {
	if len(c.TokenPrices) == 0 {
		k.wrong(len(c.Passes) > 0, "token_prices", "is needed where there are passes")
		return
	}
	k.prices("token_prices", c.TokenPrices, func(place, text string, _ money.Currency) {
		nothing := regexp.MustCompile(`^[0.]*$`).MatchString(text)
		k.wrong(nothing || !tokenPrice.MatchString(text), place, fmt.Sprintf("%q is not a price with up to six decimals", text))
	})
}

func (k *checker) operation(at string, o Operation) {
	k.started(at+".rates", len(o.Rates), func(i int) time.Time { return o.Rates[i].From })
	for i, r := range o.Rates {
		place := fmt.Sprintf("%s.rates[%d]", at, i)
		k.wrong(r.PerMegapixels <= 0 || r.PerMegapixels > maxCredits, place+".per_megapixels", fmt.Sprintf("1 to %d", maxCredits))
		k.wrong(len(r.Credits) == 0, place+".credits", "at least one model")
		for model, n := range r.Credits {
			k.wrong(n <= 0 || n > 1000, place+".credits."+model, "1 to 1000")
		}
	}
}
