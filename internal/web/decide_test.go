package web

import (
	"net/url"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"safelight/internal/clock"
	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/fact"
	"safelight/internal/i18n"
)

// shops are all that ship.
var shops = []string{"opendream", "winno", "aijet", "neiroset"}

// ofShop is the rig of a shop on SQLite alone: for pages that ask little of the
// database.
func ofShop(t *testing.T, name string) *rig {
	t.Helper()
	return openRig(t, dbtest.Open(t, db.SQLite, clock.NewManual(dbtest.Start)), name)
}

func TestAnybodyTriesACaseStepByStepWithoutScripts(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		p := g.stranger()
		first := p.get("/decide").is(200).has("form[method=get][action='/decide#verdict'] select[name=item]").has("select[name=ground]").has("input[name=paid]").
			lacks("select[name=charges]").says("#verdict", "The decision appears here")
		first.has("option[value=duplicate_charge]")
		// The next step asks what the rules for the ground use.
		next := p.get("/decide?item=pack-100&paid=2026-03-01T10:00&at=2026-03-04T09:00&ground=duplicate_charge").is(200)
		next.has("select[name=charges] option[value='2'][selected]").has("input[name='given.transaction_id'][type=checkbox]").lacks("[name='pack.used']").
			lacks("[name='outage.from']").says("#verdict .state", "Incomplete").has("input[name=paid][value='2026-03-01T10:00']")
		full := p.get("/decide?item=pack-100&paid=2026-03-01T10:00&at=2026-03-04T09:00&ground=duplicate_charge&charges=2&given.transaction_id=yes").is(200)
		full.says("#verdict .state", "For review").says("#verdict .facts", "$14.90").says("#verdict .quoted", "3.1").
			has("#verdict .quoted a[href='/refund/2026-02-20#c-3.1']").has("input[name='given.transaction_id'][checked]").has("#verdict details")
		late := p.get("/decide?item=pack-100&paid=2026-03-01T10:00&at=2026-03-08T10:02:01&ground=duplicate_charge&charges=2&given.transaction_id=yes").is(200)
		late.says("#verdict .state", "Denied").says("#verdict h2", "Nothing would be paid back")
		p.get("/decide?item=pack-100&currency=MXN&paid=2026-03-01T10:00&at=2026-03-04T09:00&ground=duplicate_charge&charges=2&given.transaction_id=yes").is(200).
			says("#verdict h2", "MX$269.00").has("select[name=currency] option[value=MXN][selected]")
		once := p.get("/decide?item=pack-100&paid=2026-03-01T10:00&at=2026-03-04T09:00&ground=duplicate_charge&charges=1").is(200)
		once.says("#verdict .state", "Denied")
	})
}

func TestAWrongAnswerIsMarkedAndNothingIsLost(t *testing.T) {
	g := ofShop(t, "neiroset")
	p := g.stranger()
	p.header.Set("Accept-Language", "en")
	base := "/decide?item=pack-200&paid=2026-03-01T10:00&at=2026-03-04T09:00&ground=outage&outage.from=2026-03-02T00:00&outage.to=2026-03-03T06:00&outage.complete=yes&given.access_attempts=3"
	p.get(base+"&pack.used=80&pack.expired=0").is(200).says("#verdict h2", "492.00").says("#verdict .state", "Granted").has("#verdict .sums li")
	for _, c := range []struct{ query, field, says string }{
		{"&pack.used=many", "pack.used", "whole number"},
		{"&pack.used=201", "pack.used", "more than there were"},
		{"&outage.to=yesterday", "outage.to", "date and a time"},
		{"&outage.to=2026-03-01T23:00", "outage.to", "before it began"},
		{"&outage.complete=perhaps", "outage.complete", "one of the answers"},
		{"&at=2026-02-01T10:00", "at", "before the payment"},
		{"&paid=2019-01-01T10:00", "paid", "not on sale"},
		{"&item=pack-9000", "item", "what was bought"},
		{"&ground=whim", "ground", "what happened"},
	} {
		q, _ := url.ParseQuery(base[len("/decide?"):])
		extra, _ := url.ParseQuery(c.query[1:])
		for name, all := range extra {
			q[name] = all
		}
		a := p.get("/decide?" + q.Encode()).is(422)
		a.has(".notice[role=alert]").has("[name='"+c.field+"'][aria-invalid=true]").says("p[id='"+c.field+"-wrong']", c.says)
		if c.field != "ground" && c.field != "item" {
			a.has("input[name='given.access_attempts'][value='3']")
		}
	}
}

func TestEveryShopAnswersEveryGroundForEverythingItSells(t *testing.T) {
	for _, name := range shops {
		t.Run(name, func(t *testing.T) {
			g := ofShop(t, name)
			p := g.stranger()
			kinds := []string{}
			for _, i := range g.pages.Catalog.Items() {
				if slices.Contains(kinds, string(i.Kind)) {
					continue
				}
				kinds = append(kinds, string(i.Kind))
				for n, ground := range fact.Grounds {
					p.header.Set("Accept-Language", string(g.pages.Shop.Languages[n%len(g.pages.Shop.Languages)]))
					p.get("/decide?" + url.Values{"item": {i.ID}, "ground": {string(ground)}, "paid": {"2026-03-02T10:00"}, "at": {"2026-03-03T10:00"}}.Encode()).
						is(200).has("#verdict h2.headline").has("#verdict .quoted")
				}
			}
		})
	}
}

func TestNoQuestionOfTheFormIsWithoutWords(t *testing.T) {
	for _, l := range i18n.Languages {
		for _, f := range fact.Fields {
			if key := "decide.ask_" + f.Name; !settled(f.Name) && !i18n.For(l).Has(key) {
				t.Errorf("%s: %s is missing", l, key)
			}
		}
	}
}

func TestNoQueryBreaksTheForm(t *testing.T) {
	g := ofShop(t, "neiroset")
	p := g.stranger()
	names := []string{"item", "ground", "paid", "at", "charges", "charged", "last", "work.from", "work.to", "work.announced", "lang", "x"}
	for _, f := range fact.Fields {
		names = append(names, f.Name)
	}
	grounds := []string{"", "whim"}
	for _, ground := range fact.Grounds {
		grounds = append(grounds, string(ground))
	}
	values := rapid.OneOf(rapid.SampledFrom([]string{"", "yes", "no", "0", "1", "2", "3", "-1", "999999999999999", "1e9", "0.5", "19.00", "19,00", "0x1", "NaN",
		"2026-03-01T10:00", "2026-03-01T10:00:01", "2026-13-01T10:00", "9999-01-01T00:00", "0001-01-01T00:00", "success", "approved", "pack-200", "pass-week", "fraudulent",
		"\xff\xfe", "<script>", "{{.x}}", "null", "🙂"}), rapid.String(), rapid.SampledFrom(grounds))
	rapid.Check(t, func(t *rapid.T) {
		q := url.Values{}
		for _, name := range rapid.SliceOfN(rapid.SampledFrom(names), 0, 12).Draw(t, "names") {
			q.Add(name, values.Draw(t, name))
		}
		if rapid.Bool().Draw(t, "a known ground") {
			q.Set("ground", rapid.SampledFrom(grounds).Draw(t, "ground"))
		}
		// Bytes that are no text are refused by the site itself.
		if a := p.get("/decide?" + q.Encode()); a.Code != 200 && a.Code != 422 && a.Code != 400 {
			t.Fatalf("%s: %d", q.Encode(), a.Code)
		}
	})
}
