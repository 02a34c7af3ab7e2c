package web

import (
	"bytes"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/edition"
	"safelight/internal/fact"
	"safelight/internal/i18n"
	"safelight/internal/policy"
)

// post publishes the refund policy once more as another version, with the
// replacements.
func (g *rig) post(version string, material bool, replace ...string) {
	g.t.Helper()
	dir := g.t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(g.pages.Shop.Dir, "policy"))); err != nil {
		g.t.Fatal(err)
	}
	for _, file := range must(filepath.Glob(filepath.Join(dir, "refund*.md")))(g.t) {
		text := must(os.ReadFile(file))(g.t)
		for i := 0; i < len(replace); i += 2 {
			text = bytes.ReplaceAll(text, []byte(replace[i]), []byte(replace[i+1]))
		}
		if err := os.WriteFile(file, text, 0o600); err != nil {
			g.t.Fatal(err)
		}
	}
	draft := must(edition.Read(os.DirFS(dir), g.pages.Shelf.Load))(g.t)
	must(db.Do(g.t.Context(), g.d, func(tx *db.Tx) ([]edition.Edition, error) {
		return edition.Publish(g.t.Context(), tx, draft, edition.How{Material: material, Note: "Reviews take longer.", By: "ana"})
	}))(g.t)
	if err := g.pages.Shelf.Refresh(g.t.Context()); err != nil {
		g.t.Fatal(err)
	}
	if s := must(g.pages.Shelf.Find(policy.Refund, version))(g.t); s.Version != version {
		g.t.Fatalf("%s was not published", version)
	}
}

func newer(g *rig, material bool) {
	g.t.Helper()
	g.post("2026-02-25", material, "2026-02-20", "2026-02-25", "review_within: 3 business days", "review_within: 5 business days",
		"Credits are added to your account the moment your payment completes.", "Credits are added to your account within a minute.")
}

func TestNS_10_TheCurrentTextIsAtOneAddressAndEachOlderOneAtItsOwn(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		newer(g, false)
		p := g.stranger()
		p.get("/refund").is(200).says(".title", "Version 2026-02-25", "effective 1 March 2026", "last updated").lacks(".notice.warn").
			says("#c-1\\.1", "within a minute").has("#versions a[href='/refund/2026-02-20']").has("#versions a[href='/refund/diff/2026-02-20..2026-02-25']")
		old := p.get("/refund/2026-02-20").is(200).says(".title", "Version 2026-02-20").says(".notice.warn", "earlier version").has(".notice.warn a[href='/refund']").
			says("#c-1\\.1", "the moment your payment").has("#versions a[aria-current=page][href='/refund/2026-02-20']")
		old.says(".imprint code", must(g.pages.Shelf.Find(policy.Refund, "2026-02-20"))(t).Hash)
		p.get("/refund/2026-02-24").is(404)
		for path, page := range map[string]string{"/refund.pdf": "2026-02-25", "/refund/2026-02-20.pdf": "2026-02-20", "/privacy.pdf?text=es": "-es.pdf"} {
			a := p.get(path).is(200)
			if !bytes.HasPrefix(a.Body.Bytes(), []byte("%PDF-")) || !strings.Contains(a.Header().Get("Content-Disposition"), page) {
				t.Errorf("%s: %s", path, a.Header().Get("Content-Disposition"))
			}
		}
		p.get("/refund/2019-01-01.pdf").is(404)
	})
}

func TestTheDifferenceBetweenTwoVersionsIsReadable(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		newer(g, false)
		p := g.stranger()
		a := p.get("/refund/diff/2026-02-20..2026-02-25").is(200).says("main", "From version 2026-02-20 to version 2026-02-25", "Clause 1.1, “Delivery”, has changed")
		a.says(".change del", "the moment your payment completes.", "3 business days").says(".change ins", "within a minute.", "5 business days").
			has(".change a[href='/refund/2026-02-25#c-1.1']").says(".change .unseen", "removed:", "added:")
		p.get("/refund/diff/2026-02-25..2026-02-20").is(200).says(".change ins", "the moment your payment completes.")
		p.get("/refund/diff/2026-02-20..2026-02-20").is(200).says("main", "Word for word the same")
		p.get("/refund/diff?from=2026-02-20&to=2026-02-25").leads("/refund/diff/2026-02-20..2026-02-25")
		for _, path := range []string{"/refund/diff/2026-02-20", "/refund/diff/a..b", "/refund/diff?from=2026-02-20", "/refund/diff"} {
			p.get(path).is(404)
		}
		p.header.Set("Accept-Language", "es")
		p.get("/refund/diff/2026-02-20..2026-02-25").is(200).says("main", "3 días hábiles", "5 días hábiles").lacks(".change [lang=en] del")
	})
}

func TestOD_P_8_AMaterialChangeIsToldUntilItIsSeen(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		p := g.customer(luz)
		p.get("/lab").is(200).lacks(".changed")
		dbtest.Clock(g.d).Advance(time.Hour)
		newer(g, true)
		for _, path := range []string{"/lab", "/pricing", "/orders"} {
			p.get(path).is(200).says(".changed", "Reviews take longer.").has(".changed a[href='/refund/diff/2026-02-20..2026-02-25']")
		}
		g.stranger().get("/").is(200).lacks(".changed")
		f := p.get("/pricing?currency=MXN").filled(".changed form")
		p.post("/notices/seen", f).leads("/pricing?currency=MXN")
		p.get("/lab").is(200).lacks(".changed")
		p.post("/notices/seen", url.Values{"hash": {"none"}, "back": {"/"}}).is(404)
		g.stranger().post("/notices/seen", f).is(401)
		later := g.customer("new@example.com")
		later.get("/lab").is(200).lacks(".changed")
	})
}

func TestEachClauseSaysHowItIsApplied(t *testing.T) {
	for _, name := range shops {
		t.Run(name, func(t *testing.T) {
			g := ofShop(t, name)
			p := g.stranger()
			set := must(g.pages.Shelf.Current(t.Context()))(t)
			for _, lang := range g.pages.Shop.Languages {
				p.header.Set("Accept-Language", string(lang))
				for _, document := range policy.Names {
					a, d := p.get("/"+document).is(200), set[document]
					for _, c := range d.In(lang).Clauses {
						section := "section[id='" + c.Anchor() + "']"
						a.has(section + " a.anchor[href='#" + c.Anchor() + "']")
						ruled, prevailing := false, d.Texts[d.Prevailing]
						for _, r := range d.Rules {
							ruled = ruled || r.Clause == c.ID
						}
						if ruled {
							a.has(section + " details .rule li")
						}
						if old, _ := prevailing.Clause(c.ID); len(old.Examples) > 0 {
							a.says(section+" details .example", old.Examples[0].Title(d.In(lang).Lang, d.Prevailing))
						}
					}
				}
			}
		})
	}
}

func TestNS_0_BothLanguagesAreShownAndTheOneThatPrevailsIsNamed(t *testing.T) {
	g := ofShop(t, "neiroset")
	p := g.stranger()
	p.header.Set("Accept-Language", "en")
	a := p.get("/refund").is(200).says(".notice", "The Russian version prevails").has(".tools a[href='/refund?text=ru'][lang=ru]").has(".tools a[aria-current][lang=en]")
	a.says("h1", "Refund")
	p.get("/refund?text=ru").is(200).says(".notice", "This Russian text prevails").has(".prose[lang=ru]").says("h1", "Правила возврата")
	b := p.get("/refund?text=both").is(200).has("#c-1 .both [lang=ru]").says(".notice", "The Russian version prevails").says("#c-1 .both", "Russian", "Закон")
	b.has(".tools a[aria-current][href='/refund?text=both']")
	p.header.Set("Accept-Language", "ru")
	p.get("/refund?text=both").is(200).has("#c-1 .both [lang=ru]").has(".prose[lang=en]")
	p.get("/refund?text=xx").is(200).says("h1", "Правила возврата")
}

func TestAnOrderSaysWhatCanBeRefundedUntilWhen(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		p := g.customer(luz)
		pay, path := p.place("pack-100")
		p.get(path).is(200).lacks("th[scope=row]")
		p.settles(pay, "4242424242424242")
		p.get(path + "?back=paid").leads(path)
		a := p.get(path).is(200).says("section.block", "What can be refunded, until when", "version 2026-02-20", "Duplicate charge", "Change of mind", "Not refunded").
			has("section.block a[href='/refund/2026-02-20#c-2']").has("section.block a[href^='/decide?item=pack-100&paid=']").has("section.block a[href^='/contact?order=']")
		if n := len(all(a.root, "section.block tbody tr")); n != len(told["pack"]) {
			t.Errorf("%d lines", n)
		}
		p.get(a.at("section.block a[href^='/decide']", "href")).is(200).has("select[name=item] option[value=pack-100][selected]")
	})
}

func TestEveryGroundOnAnOrdersPageIsAGround(t *testing.T) {
	known := map[fact.Ground]bool{}
	for _, g := range fact.Grounds {
		known[g] = true
	}
	for _, lists := range []map[string][]fact.Ground{usual, told} {
		for kind, grounds := range lists {
			for _, g := range grounds {
				if !known[g] || i18n.For(i18n.Russian).T("policy.ground."+string(g)) == "" {
					t.Errorf("%s: %s", kind, g)
				}
			}
		}
	}
}
