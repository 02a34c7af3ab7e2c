package web

import (
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"safelight/internal/catalog"
	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/i18n"
	"safelight/internal/shop"
)

// presets are the names of the shipped shops.
func presets(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../shops/*/shop.yaml")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d shops, %v", len(files), err)
	}
	names := []string{}
	for _, f := range files {
		names = append(names, filepath.Base(filepath.Dir(f)))
	}
	return names
}

// everywhere runs test in each shipped shop.
func everywhere(t *testing.T, test func(t *testing.T, g *rig, s *shop.Shop)) {
	t.Helper()
	for _, name := range presets(t) {
		t.Run(name, func(t *testing.T) {
			dbtest.Run(t, func(t *testing.T, d *db.DB) {
				g := openRig(t, d, name)
				test(t, g, g.pages.Shop)
			})
		})
	}
}

func TestEachShopLooksLikeItself(t *testing.T) {
	everywhere(t, func(t *testing.T, g *rig, s *shop.Shop) {
		p := g.stranger()
		home := p.get("/").is(200).says("h1", s.Front[s.Languages[0]].Title).says("footer", s.Legal.Seller()...)
		sheet := home.at("link[rel=stylesheet][href^='/look/']", "href")
		css := p.get(sheet).is(200)
		if css.Header().Get("Content-Type") != "text/css; charset=utf-8" || !strings.Contains(css.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s is sent as %v", sheet, css.Header())
		}
		for _, dark := range []bool{false, true} {
			if tone := s.Look.Palette(dark).Mark.String(); !strings.Contains(css.Body.String(), tone) {
				t.Errorf("the accent %s is not in %s", tone, css.Body)
			}
		}
		for _, path := range regexp.MustCompile(`url\("([^"]+)"\)`).FindAllStringSubmatch(css.Body.String(), -1) {
			p.get(path[1]).is(200)
		}
		p.get(home.at("link[rel=icon]", "href")).is(200)
		for _, side := range []string{"before", "after"} {
			p.get(home.at("#hero ."+side+" img", "src")).is(200)
		}
		if again := p.get("/look/look.css"); again.Header().Get("Cache-Control") != "no-cache" {
			t.Error("without its version the look is kept for ever")
		}
		p.get("/look/shop.yaml").is(404)
		if len(s.Languages) == 1 {
			home.lacks("footer button[name=lang]")
		} else if n := len(all(home.root, "footer button[name=lang]")); n != len(s.Languages) {
			t.Errorf("%d languages to choose from, not %d", n, len(s.Languages))
		}
	})
}

func TestNoShopSpeaksOfAnother(t *testing.T) {
	everywhere(t, func(t *testing.T, g *rig, s *shop.Shop) {
		p := g.customer("ana@example.com")
		for _, lang := range s.Languages {
			p.post("/preferences", map[string][]string{"lang": {string(lang)}, "back": {"/"}}).leads("/")
			for _, path := range []string{"/", "/pricing", "/refund", "/privacy", "/terms", "/contact", "/colophon", "/api", "/credits", "/orders", "/lab", "/account"} {
				text := strings.ToLower(p.get(path).is(200).Body.String())
				for _, other := range presets(t) {
					if other != s.Name && strings.Contains(text, other) {
						t.Errorf("%s in %s speaks of %s", path, lang, other)
					}
				}
			}
		}
	})
}

func TestThePromisesOnTheFrontPageStandInThePolicy(t *testing.T) {
	everywhere(t, func(t *testing.T, g *rig, s *shop.Shop) {
		p := g.stranger()
		home := p.get("/").is(200)
		links := all(home.root, "#promises a[href^='/refund#']")
		if len(links) < 6 {
			t.Fatalf("%d promises", len(links))
		}
		text := p.get("/refund").is(200)
		for _, n := range links {
			if _, id, _ := strings.Cut(attr(n, "href"), "#"); len(all(text.root, "[id='"+id+"']")) != 1 {
				t.Errorf("no clause %s carries %q", id, textOf(n))
			}
		}
	})
}

func TestPricesListEverythingAndSellWhatCanBeSold(t *testing.T) {
	everywhere(t, func(t *testing.T, g *rig, s *shop.Shop) {
		p := g.customer("ana@example.com")
		page := p.get("/pricing").is(200)
		for _, i := range g.pages.Catalog.Items() {
			if i.Kind == catalog.KindPack {
				page.has("a[href='/checkout/" + i.ID + "']")
				p.get("/checkout/" + i.ID).is(200).has("#statement")
				continue
			}
			page.says("main", i.Names[i18n.English]).lacks("a[href='/checkout/" + i.ID + "']")
			p.get("/checkout/" + i.ID).is(404)
		}
		if closed, listed := len(all(page.root, ".part .notice")), len(all(page.root, ".offer")); closed != listed {
			t.Errorf("%d of %d lists say that they are closed", closed, listed)
		}
		pay, order := p.place(g.pages.Catalog.Packs[0].ID)
		p.settles(pay, "4242424242424242")
		p.get(order + "?back=paid").leads(order)
		p.get(order).is(200).has(".state.good")
	})
}

func TestTheThemeIsTheShopsUntilTheReaderChooses(t *testing.T) {
	everywhere(t, func(t *testing.T, g *rig, s *shop.Shop) {
		p := g.stranger()
		want := map[shop.Theme]string{shop.Dark: "dark", shop.Light: "light", shop.Auto: ""}[s.Look.Theme]
		if got := p.get("/").is(200).at("html", "data-theme"); got != want {
			t.Errorf("the theme is %q, not %q", got, want)
		}
		for _, chosen := range []string{"light", "auto", "dark"} {
			p.post("/preferences", map[string][]string{"theme": {chosen}, "back": {"/"}}).leads("/")
			if got := p.get("/").at("html", "data-theme"); got != strings.TrimPrefix(chosen, "auto") {
				t.Errorf("%s gives %q", chosen, got)
			}
		}
	})
}

// dressed serves the samples in each shop's look at /SHOP/NAME.
func dressed(t *testing.T) (pages http.Handler, names []string) {
	mux := http.NewServeMux()
	mux.Handle("/static/", Static())
	for _, name := range presets(t) {
		s, err := shop.Load("../../shops/" + name)
		if err != nil {
			t.Fatal(err)
		}
		l := newLook(s.Look, s.Hero)
		css := string(l["look.css"].body)
		mux.HandleFunc("GET /look/"+name, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/css")
			_, _ = w.Write([]byte(css))
		})
		for _, page := range (sampler{i18n.For(i18n.English), "dark", Shop{Name: s.Title, Look: "/look/" + name, Drawn: s.Look.Mark != "", Seller: s.Legal.Seller()}}).all() {
			if slices.Contains([]string{"landing", "pricing-studio", "sign-up-wrong", "order", "job-running", "policy", "account"}, page.name) {
				path := "/" + name + "/" + page.name
				names = append(names, path)
				mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Type", "text/html; charset=utf-8")
					_ = page.page.Render(r.Context(), w)
				})
			}
		}
	}
	return mux, names
}

func TestEveryLookCanBeRead(t *testing.T) {
	pages, paths := dressed(t)
	b := browseAt(t, pages)
	axe := axeSource(t)
	for _, path := range paths {
		if err := chromedp.Run(b.ctx, bypassPolicy(), chromedp.Navigate(b.url+path), still(), chromedp.Evaluate(axe+";true", nil)); err != nil {
			t.Fatal(path, err)
		}
		for _, theme := range []string{"dark", "light"} {
			for _, f := range b.audit(t, theme, 1280) {
				t.Errorf("%s, %s: %s: %s\n%s", path, theme, f.ID, f.Nodes[0].HTML, f.Nodes[0].FailureSummary)
			}
		}
	}
}
