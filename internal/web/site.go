package web

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"time"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/i18n"
	"safelight/internal/policy"
	"safelight/internal/serve"
)

func (s *Server) siteRoutes() {
	s.get("/{$}", s.landing)
	s.policyRoutes()
	s.get("/contact", s.contact)
	s.get("/colophon", s.colophon)
	s.get("/api", s.reference)
	s.post("/preferences", s.preferences)
}

// prevails says which language of a document counts, to who reads another or
// would like to.
func prevails(p *i18n.Printer, d *policy.Document) string {
	switch shown := d.In(p.Lang).Lang; {
	case shown != p.Lang:
		return p.T("web.untranslated_" + string(d.Prevailing))
	case shown != d.Prevailing:
		return p.T("web.prevails_" + string(d.Prevailing))
	}
	return ""
}

// numbers is what an order's number looks like: nothing else is written into
// a letter for the reader.
var numbers = regexp.MustCompile(`^[0-9A-Za-z-]{1,40}$`)

func (s *Server) contact(w http.ResponseWriter, r *http.Request) error {
	p := serve.Printer(r.Context())
	page, err := s.page(r, p.T("web.contact"), "")
	if err != nil {
		return err
	}
	v := ContactView{Page: page}
	if number := r.URL.Query().Get("order"); numbers.MatchString(number) {
		v.Order = number
		v.Title = p.T("web.contact_order", args("number", number))
	}
	to := s.Shop.Contact
	v.Topics = []Topic{
		{p.T("web.contact_billing"), p.T("web.contact_billing_text"), to.Billing, s.mailto(p, to.Billing, v.Order)},
		{p.T("web.contact_support"), p.T("web.contact_support_text"), to.Support, s.mailto(p, to.Support, v.Order)},
		{p.T("web.contact_privacy"), p.T("web.contact_privacy_text"), to.Privacy, s.mailto(p, to.Privacy, "")}}
	return s.render(w, r, http.StatusOK, Contact(v))
}

// mailto begins a letter; with an order's number its subject and first line
// are written.
func (s *Server) mailto(p *i18n.Printer, to, number string) string {
	u := "mailto:" + to
	if number == "" {
		return u
	}
	subject := p.T("web.order", args("number", number))
	body := subject + "\n" + s.site.Base() + "/orders\n\n"
	return u + "?subject=" + url.PathEscape(subject) + "&body=" + url.PathEscape(body)
}

func (s *Server) colophon(w http.ResponseWriter, r *http.Request) error {
	page, err := s.page(r, serve.Printer(r.Context()).T("web.colophon"), "")
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, Colophon(ColophonView{Page: page, Photos: s.photos(page.P), Software: software()}))
}

// preferences keeps the language or the look that was chosen, and goes back.
func (s *Server) preferences(w http.ResponseWriter, r *http.Request) error {
	f, err := serve.ReadForm(r)
	if err != nil {
		return err
	}
	if l := i18n.Lang(f.Get("lang")); slices.Contains(s.Shop.Languages, l) {
		if err := s.chooseLang(w, r, l); err != nil {
			return err
		}
	}
	if theme := f.Get("theme"); slices.Contains([]string{"dark", "light", "auto"}, theme) {
		s.site.SetCookie(w, themeCookie, theme, 365*24*time.Hour)
	}
	return serve.SeeOther(w, r, serve.LocalPath(f.Get("back"), "/"))
}

// chooseLang keeps the language on this device, and with the account for its
// letters.
func (s *Server) chooseLang(w http.ResponseWriter, r *http.Request, l i18n.Lang) error {
	s.site.RememberLang(w, l)
	who := account.Who(r.Context())
	if !who.SignedIn() {
		return nil
	}
	return s.DB.InTx(r.Context(), func(tx *db.Tx) error { return account.SetLocale(r.Context(), tx, who.Account.ID, l) })
}
