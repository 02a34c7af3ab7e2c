package web

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/a-h/templ"

	"safelight/internal/account"
	"safelight/internal/catalog"
	"safelight/internal/db"
	"safelight/internal/edition"
	"safelight/internal/i18n"
	"safelight/internal/lab"
	"safelight/internal/ledger"
	"safelight/internal/order"
	"safelight/internal/payment"
	"safelight/internal/refund"
	"safelight/internal/serve"
	"safelight/internal/shop"
)

// Config is what the pages call.
type Config struct {
	DB        *db.DB
	Site      *serve.Site
	Shop      *shop.Shop
	Catalog   *catalog.Catalog
	Shelf     *edition.Shelf // all that is published
	People    *account.People
	Lab       *lab.Lab
	Desk      order.Desk
	Processor payment.Processor
	Settle    payment.Settle
	Uploads   string // address for resumable uploads
	// Describe gives the API's OpenAPI document, for its page; nil when there
	// is none.
	Describe func() ([]byte, error)
	Log      *slog.Logger
}

// A Server answers with pages.
type Server struct {
	Config
	site    *serve.Site
	mux     *http.ServeMux
	look    look
	shop    Shop
	refunds refund.Desk
}

// New wires all pages.
func New(c Config) *Server {
	s := &Server{Config: c, mux: http.NewServeMux(), refunds: refund.Desk{Shelf: c.Shelf}}
	s.site = c.Site.With(s.Problem)
	s.mux.Handle("GET /static/", Static())
	s.lookRoutes()
	s.siteRoutes()
	s.get("/decide", s.decide)
	s.peopleRoutes()
	s.shopRoutes()
	s.labRoutes()
	s.liveRoutes()
	s.get("/", func(http.ResponseWriter, *http.Request) error { return errNoPage })
	return s
}

// ServeHTTP answers a request. [account.People.Identify] must be around it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// get and post register a handler for everybody.
func (s *Server) get(pattern string, h serve.Handler) { s.mux.Handle("GET "+pattern, s.site.Handle(h)) }
func (s *Server) post(pattern string, h serve.Handler) {
	s.mux.Handle("POST "+pattern, s.site.Handle(h))
}

// A private handler is called for people who have signed in.
type private func(w http.ResponseWriter, r *http.Request, who account.Visitor) error

// own registers a page for people who have signed in; others are led to the
// sign-in page and come back.
func (s *Server) own(pattern string, h private) {
	s.get(pattern, func(w http.ResponseWriter, r *http.Request) error {
		who := account.Who(r.Context())
		if !who.SignedIn() {
			return serve.SeeOther(w, r, withNext("/sign-in", r.URL.RequestURI()))
		}
		if err := who.RequireSession(); err != nil {
			return err
		}
		return h(w, r, who)
	})
}

// act registers a form's receiver for people who have signed in.
func (s *Server) act(pattern string, h private) {
	s.post(pattern, func(w http.ResponseWriter, r *http.Request) error {
		who := account.Who(r.Context())
		if err := who.RequireSession(); err != nil {
			return err
		}
		return h(w, r, who)
	})
}

// page is what every page knows; title is already in the reader's language.
func (s *Server) page(r *http.Request, title, section string) (Page, error) {
	p := s.blank(r, title, section)
	who := account.Who(r.Context())
	if !who.SignedIn() {
		return p, nil
	}
	err := s.DB.View(r.Context(), func(tx *db.Tx) (err error) {
		if p.Viewer, err = s.viewer(r.Context(), tx, p.P, who); err != nil {
			return err
		}
		p.Changed, err = s.unseen(r.Context(), tx, p.P, who.Account)
		return err
	})
	return p, err
}

// blank is a page that asks nothing of the database.
func (s *Server) blank(r *http.Request, title, section string) Page {
	return Page{P: serve.Printer(r.Context()), Title: title, Shop: s.shop, Path: r.URL.RequestURI(), Section: section,
		Theme: s.theme(r), Sandbox: s.Shop.Mode == shop.Sandbox}
}

func (s *Server) viewer(ctx context.Context, tx *db.Tx, p *i18n.Printer, who account.Visitor) (*Viewer, error) {
	b, err := ledger.BalanceOf(ctx, tx, ledger.Owner(who.Account.ID))
	if err != nil {
		return nil, err
	}
	return &Viewer{Email: who.Account.Email, Balance: p.N("web.credits_n", int(b.Spendable)), Working: b.Held > 0}, nil
}

const themeCookie = "theme"

// theme is the reader's choice, or the shop's until there is one; empty where
// the reader's system decides.
func (s *Server) theme(r *http.Request) string {
	chosen := s.site.Cookie(r, themeCookie)
	if chosen == "" {
		chosen = string(s.Shop.Look.Theme)
	}
	switch chosen {
	case "light":
		return chosen
	case "auto":
		return ""
	}
	return "dark"
}

// render sends a page.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "private, no-store")
	w.WriteHeader(status)
	return page.Render(r.Context(), w)
}
