package web

import (
	"net/url"
	"strings"
	"testing"

	"safelight/internal/i18n"
)

func TestTheFrontPagePromisesWhatThePolicySays(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		for _, l := range i18n.Languages {
			p := g.stranger()
			p.post("/preferences", url.Values{"lang": {string(l)}, "back": {"/"}}).leads("/")
			front := p.get("/").is(200).has("html[lang=" + string(l) + "]").has("a.main[href='/sign-up']").has("#costs tbody tr")
			refund := p.get("/refund").is(200)
			links := all(front.root, "#promises li a")
			if len(links) != 6 {
				t.Errorf("%d promises", len(links))
			}
			for _, n := range links {
				_, anchor, _ := strings.Cut(attr(n, "href"), "#")
				refund.has("section.clause[id='" + anchor + "']")
			}
		}
		g.customer(luz).get("/").is(200).has("a.main[href='/lab']")
	})
}

func TestCostsAreThoseOfTheCatalog(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		g.stranger().get("/").is(200).says("#costs", "1,600 × 1,200 px → 3,200 × 2,400 px", "2 credits$0.24", "4,000 × 3,000 px → 8,000 × 6,000 px", "6 credits$0.71")
		g.stranger().get("/pricing").is(200).says(".packs", "$4.90", "$0.20 a credit", "$59.00", "$0.12 a credit").has("button[value=USD][aria-pressed=true]").
			says(".notes", "3 credits")
		g.stranger().get("/pricing?currency=XXX").is(200).has("button[value=USD][aria-pressed=true]")
	})
}

func TestAPolicySaysWhichLanguagePrevails(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		for lang, note := range map[string]string{"en": "This English text prevails", "es": "Prevalece la versión en inglés", "ru": "на английском языке"} {
			p := g.stranger()
			p.header.Set("Accept-Language", lang)
			for _, name := range []string{"refund", "privacy", "terms"} {
				a := p.get("/" + name).is(200).has("nav.contents a[href='#c-1']").has("section.clause[id='c-1']")
				if got := a.text("article .notice"); !strings.Contains(got, note) {
					t.Errorf("%s in %s says %q", name, lang, got)
				}
				if foreign := len(all(a.root, "article .prose[lang=en]")) == 1; foreign != (lang == "ru") {
					t.Errorf("%s in %s: the article's language is wrong", name, lang)
				}
			}
		}
		p := g.stranger()
		p.get("/refund/2026-02-20").is(200).says("h1", "Refund policy")
		p.get("/refund/2019-01-01").is(404)
		p.get("/nothing").is(404)
	})
}

func TestTheLanguageAndTheLookAreKept(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		p := g.customer(luz)
		p.post("/preferences", url.Values{"lang": {"ru"}, "back": {"/pricing"}}).leads("/pricing")
		p.post("/preferences", url.Values{"theme": {"light"}, "back": {"/pricing"}}).leads("/pricing")
		p.get("/pricing").is(200).has("html[lang=ru][data-theme=light]")
		p.post("/preferences", url.Values{"theme": {"auto"}}).leads("/")
		p.post("/preferences", url.Values{"lang": {"xx"}, "theme": {"pink"}}).leads("/")
		p.get("/").is(200).has("html[lang=ru]").lacks("html[data-theme]")
		again := g.stranger() // another device: the account knows the language
		again.post("/sign-in", url.Values{"email": {luz}, "password": {secret}}).leads("/lab")
		again.get("/account").is(200).has("html[lang=ru]")
	})
}

func TestALetterAboutAnOrderNamesIt(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		p := g.stranger()
		to := p.get("/contact?order=260301-4F7K2Q").is(200).says("h1", "260301-4F7K2Q").at("main a[href^='mailto:billing@']", "href")
		if to != "mailto:billing@example.com?subject=Order%20260301-4F7K2Q&body=Order%20260301-4F7K2Q%0Ahttp:%2F%2F127.0.0.1:8080%2Forders%0A%0A" {
			t.Error(to)
		}
		p.get("/contact?order=Call+0900+123").is(200).says("h1", "Contact")
		p.get("/contact").is(200).has("a[href='mailto:privacy@example.com']")
		p.get("/colophon").is(200).says("main", "CC BY 4.0", "htmx")
	})
}

func TestTheAPIsPageListsItsCalls(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		g.stranger().get("/api").is(200).says("main", "Account", "GET /api/v1/me", "POST /api/v1/checkout", "Takes an Idempotency-Key.", "curl").
			has("a[href='/api/openapi.json']")
	})
}
