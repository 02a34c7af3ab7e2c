package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/ledger"
	"safelight/internal/order"
)

// place orders a pack as a browser does, and returns where it is paid and its
// own page.
func (p *person) place(item string) (pay, page string) {
	p.t.Helper()
	form := p.get("/checkout/" + item).is(200).filled("main form")
	form.Set("statement", "yes")
	pay = p.post("/checkout/"+item, form).is(303).Header().Get("Location")
	if !strings.HasPrefix(pay, base+"/sandbox/pay/") {
		p.t.Fatalf("the checkout leads to %s", pay)
	}
	return pay, p.get("/orders").is(200).at("main tbody a", "href")
}

// settles has the card paid at the processor's page.
func (p *person) settles(pay, card string) {
	p.t.Helper()
	body, err := json.Marshal(map[string]string{"session": path.Base(pay), "card": card})
	if err != nil {
		p.t.Fatal(err)
	}
	q := p.stranger()
	q.header = http.Header{"Content-Type": {"application/json"}}
	q.send(http.MethodPost, "/sandbox/control/pay", strings.NewReader(string(body))).is(200)
}

func TestCreditsAreBoughtWithoutScripts(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		p := g.customer(luz)
		prices := p.get("/pricing?currency=MXN").is(200).says(".packs", "25 credits", "100 credits", "5 credits more as a bonus", "500 credits")
		if href := prices.at(".packs a.main", "href"); href != "/checkout/pack-100?currency=MXN" {
			t.Errorf("the main pack leads to %s", href)
		}
		pay, page := p.place("pack-100")
		p.get(page).is(200).says(".state", "Waiting for payment").has("a[href='"+page+"/pay']").says("blockquote", "I understand that the AI is imperfect").
			has("a[href^='/contact?order=']")
		p.get(page + "/pay").leads(pay)
		p.get(page+"?back=cancelled").is(200).says(".notice[role=status]", "Nothing was charged")
		p.get(page + "?back=paid").is(200).has(".notice.lit").has("noscript")
		p.get(page + "/invoice.pdf").is(404)

		dbtest.Clock(g.d).Advance(2 * time.Second)
		p.settles(pay, "4242424242424242")
		p.get(page + "?back=paid").leads(page) // no webhook has come
		p.get(page).is(200).says(".state", "Paid").says(".notice.good", "The credits are on your account").says("#balance", "105 credits").
			says("main", "Visa ···· 4242", "Credits delivered").lacks("a[href$='/pay']")
		p.get(page).is(200).lacks(".notice.good")
		p.get(page + "?back=cancelled").is(200).lacks(".notice[role=status]")
		p.get(page + "/pay").leads(page)
		pdf := p.get(page + "/invoice.pdf").is(200)
		if !strings.HasPrefix(pdf.Body.String(), "%PDF-") || !strings.Contains(pdf.Header().Get("Content-Disposition"), "attachment") {
			t.Errorf("the invoice is %v", pdf.Header())
		}
		p.get("/credits").is(200).says(".figure", "105").says("main", "Bought: Order", "+105", "100 of 100", "5 of 5", "Does not expire").has("tbody a[href='" + page + "']")
		p.get("/orders").is(200).says("tbody", "105 credits", "$14.90", "Paid")

		id := order.ID(strings.TrimPrefix(page, "/orders/"))
		if err := order.SendReceipt(t.Context(), g.d, g.pages.Desk, id); err != nil { // as the worker does
			t.Fatal(err)
		}
		letter := g.mails(luz)[0]
		if len(letter.Attachments) != 1 || !strings.HasPrefix(letter.Subject, "Receipt") {
			t.Fatalf("the newest letter is %q", letter.Subject)
		}
		a := p.get("/sandbox/mail").is(200).at("#"+letter.ID+" a[download]", "href")
		if got := p.get(a).is(200).Body.String(); got != pdf.Body.String() {
			t.Error("the letter's invoice is another than the page's")
		}
	})
}

func TestNoOrderWithoutTheStatementThatWasShown(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		p := g.customer(luz)
		form := p.get("/checkout/pack-25?currency=MXN").is(200).says("main", "MX$89.00").lacks("#statement[checked]").filled("main form")
		a := p.post("/checkout/pack-25", form).is(422).has("#statement[aria-invalid]").has("#statement-wrong").lacks("#statement[checked]")
		if a.at("input[name=currency]", "value") != "MXN" {
			t.Error("the currency is forgotten")
		}
		form.Set("statement", "yes")
		for name, value := range map[string]string{"seal": "another", "currency": "USD"} {
			other := url.Values{"statement": {"yes"}, "seal": form["seal"], "currency": form["currency"]}
			other.Set(name, value)
			p.post("/checkout/pack-25", other).is(409).says(".notice.bad", "has changed").lacks("#statement[checked]")
		}
		p.header.Set("Accept-Language", "es")
		p.post("/preferences", url.Values{"lang": {"es"}, "back": {"/checkout/pack-25"}}).leads("/checkout/pack-25")
		p.post("/checkout/pack-25", form).is(409) // another sentence would be kept than was read
		p.get("/checkout/nothing").is(404)
		p.post("/checkout/nothing", form).is(404)
		p.get("/orders").is(200).has(".empty")
	})
}

func TestAStatementThatIsNotTranslatedSaysSo(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		p := g.customer(luz)
		p.post("/preferences", url.Values{"lang": {"ru"}, "back": {"/"}}).leads("/")
		p.get("/checkout/pack-25").is(200).says("label[for=statement][lang=en]", "I understand").says("main form", "на английском языке")
		_, page := p.place("pack-25")
		p.get(page).is(200).says("h1", "Заказ").says("blockquote", "I understand")
	})
}

func TestNobodySeesAnothersOrderPages(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		p, mallory := g.customer(luz), g.customer("mallory@example.com")
		pay, page := p.place("pack-25")
		p.settles(pay, "4242424242424242")
		p.get(page + "?back=paid").leads(page)
		for _, path := range []string{page, page + "?back=paid", page + "/pay", page + "/invoice.pdf", "/orders/ord_none"} {
			mallory.get(path).is(404)
			g.stranger().get(path).is(303)
		}
		mallory.get("/orders").is(200).has(".empty")
		mallory.get("/credits").is(200).says(".figure", "0")
	})
}

func TestAPaymentThatDoesNotOpenKeepsTheOrder(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		p := g.customer(luz)
		pay, page := p.place("pack-25")
		dbtest.Clock(g.d).Advance(3*time.Hour + time.Minute)
		p.get(page + "/pay").leads(page)
		p.get(page).is(200).has(".notice.warn").lacks("a[href$='/pay']")
		if err := g.d.InTx(t.Context(), func(tx *db.Tx) error { return order.Expire(t.Context(), tx) }); err != nil {
			t.Fatal(err)
		}
		p.get(page).is(200).says(".state", "Not paid in time").lacks("a[href='" + pay + "']")
	})
}

func TestEveryMovementIsOnTheStatement(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		p := g.customer(luz)
		owner := ledger.Owner(p.account.ID)
		do := func(verb func(tx *db.Tx) error) {
			t.Helper()
			if err := g.d.InTx(t.Context(), verb); err != nil {
				t.Fatal(err)
			}
			dbtest.Clock(g.d).Advance(time.Minute)
		}
		do(func(tx *db.Tx) error {
			_, err := ledger.Issue(t.Context(), tx, ledger.Cause{Owner: owner, Key: "gift", Source: "command line"},
				ledger.Grant{Class: ledger.Goodwill, Credits: 10, Expires: tx.Now().Add(24 * time.Hour)})
			return err
		})
		hold := func(key string, n int64, settle func(tx *db.Tx, h ledger.HoldID) error) {
			do(func(tx *db.Tx) error {
				r, err := ledger.Hold(t.Context(), tx, ledger.Cause{Owner: owner, Key: key, Source: "job:" + key}, n)
				if err != nil || settle == nil {
					return err
				}
				return settle(tx, r.ID)
			})
		}
		hold("job_a", 4, func(tx *db.Tx, h ledger.HoldID) error { _, err := ledger.Capture(t.Context(), tx, h, 4); return err })
		hold("job_b", 2, func(tx *db.Tx, h ledger.HoldID) error { _, err := ledger.Release(t.Context(), tx, h); return err })
		hold("job_c", 1, nil)
		a := p.get("/credits").is(200).says(".figure", "5").says(".title", "1 more is set aside").says("main", "Goodwill", "6 of 10", "Until 2 March 2026")
		rows := []string{}
		for _, n := range all(a.root, "section:last-of-type tbody tr") {
			row := answer{t: t, root: n}
			rows = append(rows, row.text("th")+" "+row.text("td.end:not(.soft)")+" "+row.text("td.end.soft"))
		}
		want := "Set aside −1 5|Returned +2 6|Set aside −2 4|The 4 credits set aside were used 0 6|Set aside −4 6|Goodwill +10 10"
		if got := strings.Join(rows, "|"); got != want {
			t.Errorf("the statement says\n%s, not\n%s", got, want)
		}
		dbtest.Clock(g.d).Advance(48 * time.Hour)
		p.get("/credits").is(200).says(".figure", "0").says("main", "Expired 2 March 2026")
	})
}

func TestALongStatementGoesOnUntilTheFirstMovement(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		p := g.customer(luz)
		err := g.d.InTx(t.Context(), func(tx *db.Tx) error {
			for n := range 120 {
				key := "gift " + string(rune('a'+n/26)) + string(rune('a'+n%26))
				if _, err := ledger.Issue(t.Context(), tx, ledger.Cause{Owner: ledger.Owner(p.account.ID), Key: key, Source: "command line"},
					ledger.Grant{Class: ledger.Goodwill, Credits: 1}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		seen, path := 0, "/credits"
		for path != "" {
			a := p.get(path).is(200)
			seen += len(all(a.root, "section:last-of-type tbody tr"))
			path = ""
			if len(all(a.root, "a[href^='/credits?before=']")) > 0 {
				path = a.at("a[href^='/credits?before=']", "href")
			}
		}
		if seen != 120 {
			t.Errorf("the statement has %d movements, not 120", seen)
		}
		p.get("/credits?before=x").is(200)
	})
}

func TestABuyButtonPressedTwicePlacesOneOrder(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		p := g.customer("ana@example.com")
		form := p.get("/checkout/pack-25").is(200).filled("main form")
		form.Set("statement", "yes")
		pay := p.post("/checkout/pack-25", form).is(303).Header().Get("Location")
		if again := p.post("/checkout/pack-25", form).is(303).Header().Get("Location"); again != pay {
			t.Errorf("the second press leads to %s, the first to %s", again, pay)
		}
		if other, _ := p.place("pack-25"); other == pay {
			t.Error("a form that was shown anew placed nothing")
		}
	})
}
