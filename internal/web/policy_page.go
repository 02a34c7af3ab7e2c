package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"safelight/internal/edition"
	"safelight/internal/i18n"
	"safelight/internal/policy"
	"safelight/internal/serve"
)

func (s *Server) policyRoutes() {
	for _, name := range policy.Names {
		show := func(w http.ResponseWriter, r *http.Request) error { return s.policy(w, r, name) }
		s.get("/"+name, show)
		s.get("/"+name+".pdf", show)
		s.get("/"+name+"/{version}", show)
		s.get("/"+name+"/diff", func(w http.ResponseWriter, r *http.Request) error { return s.policyDiffAsked(w, r, name) })
		s.get("/"+name+"/diff/{versions}", func(w http.ResponseWriter, r *http.Request) error { return s.policyDiff(w, r, name) })
	}
	s.act("/notices/seen", s.noticeSeen)
}

// policy shows a version of a document, by itself the one in force, in the
// reader's language or the one asked for; as PDF under the address that ends so.
func (s *Server) policy(w http.ResponseWriter, r *http.Request, name string) error {
	now, err := s.Shelf.InForce(name, s.DB.Clock().Now())
	if err != nil {
		return err
	}
	shown, version, pdf := now, strings.TrimSuffix(r.PathValue("version"), ".pdf"), strings.HasSuffix(r.URL.Path, ".pdf")
	if version != "" {
		if shown, err = s.Shelf.Find(name, version); err != nil {
			return err
		}
	}
	d, err := s.Shelf.Version(r.Context(), name, shown.Version)
	switch {
	case errors.Is(err, edition.ErrUnreadable) && !pdf:
		return s.storedPolicy(w, r, shown, now)
	case err != nil:
		return err
	case pdf:
		return s.policyPDF(w, r, d)
	}
	v, err := s.policyView(r, shown, now)
	if err != nil {
		return err
	}
	if err := s.policyText(&v, r, d); err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, Policy(v))
}

// policyView is what is known of an edition without its text.
func (s *Server) policyView(r *http.Request, shown, now edition.Edition) (PolicyView, error) {
	title := shown.Title(serve.Lang(r.Context()))
	page, err := s.page(r, title, "")
	if err != nil {
		return PolicyView{}, err
	}
	p := page.P
	v := PolicyView{Page: page, Heading: title, Hash: shown.Hash, PDF: shown.Path() + ".pdf",
		Dated: p.T("page.version", args("version", shown.Version)) + " · " + p.T("page.effective", args("date", p.Date(shown.InForce)))}
	if shown.Hash != now.Hash {
		v.Standing, v.InForce = Notice{Warn, p.T("page.old")}, "/"+shown.Name
		if shown.InForce.After(s.DB.Clock().Now()) {
			v.Standing.Text = p.T("page.future")
		}
	}
	all, err := s.Shelf.All(r.Context(), shown.Name)
	if err != nil {
		return v, err
	}
	v.Comparing = len(all) > 1
	for i, e := range all {
		line := VersionLine{Link: Link{e.Version, e.Path()}, Shown: e.Hash == shown.Hash}
		if e.Hash == now.Hash {
			line.Note = p.T("page.now")
		}
		if i+1 < len(all) {
			line.Compare = Link{p.T("page.compare", args("version", all[i+1].Version)), diffPath(shown.Name, all[i+1].Version, e.Version)}
		}
		v.Versions = append(v.Versions, line)
	}
	if shown.Name == policy.Refund {
		v.Try = "/decide"
	}
	return v, nil
}

// policyText fills in the text, in the language that the address or the reader
// asks for.
func (s *Server) policyText(v *PolicyView, r *http.Request, d *policy.Document) error {
	lang, asked := serve.Lang(r.Context()), r.URL.Query().Get("text")
	if d.Texts[i18n.Lang(asked)] != nil {
		lang = i18n.Lang(asked)
	}
	t, p := d.In(lang), v.P
	chosen := string(t.Lang)
	var beside *policy.Text
	if asked == both && len(d.Texts) > 1 {
		beside, chosen = d.Texts[d.Prevailing], both
		if t.Lang == d.Prevailing { // read from the prevailing side: beside it stands the first translation
			t = d.Texts[translations(d)[0]]
		}
	}
	v.Heading, v.Note = t.Title, prevailing(p, d, t.Lang)
	v.Dated += " · " + p.T("page.updated", args("date", p.Date(d.Updated)))
	if t.Lang != p.Lang {
		v.Lang = string(t.Lang)
	}
	v.Texts = texts(p, strings.TrimSuffix(r.URL.Path, "/"), chosen, languagesOf(d))
	v.PDF += "?text=" + string(t.Lang)
	law, lawLang := d.Law(t.Lang)
	if v.Law = law; lawLang != p.Lang {
		v.LawLang = string(lawLang)
	}
	b := clauseBuilder{doc: d, text: t, beside: beside, p: p}
	var err error
	intro, _ := t.Clause("0")
	if v.Intro, err = b.clause(intro); err != nil {
		return err
	}
	for _, c := range t.Clauses {
		one, err := b.clause(c)
		if err != nil {
			return err
		}
		v.Clauses = append(v.Clauses, one)
		if c.Level == 2 {
			v.Contents = append(v.Contents, Link{c.Number() + " " + c.Title, "#" + c.Anchor()})
		}
	}
	return nil
}

// languagesOf are those that the document is written in, the prevailing one
// first.
func languagesOf(d *policy.Document) []i18n.Lang {
	return append([]i18n.Lang{d.Prevailing}, translations(d)...)
}

func translations(d *policy.Document) (all []i18n.Lang) {
	for _, l := range i18n.Languages {
		if d.Texts[l] != nil && l != d.Prevailing {
			all = append(all, l)
		}
	}
	return all
}

// prevailing says which language counts, to who reads another or would like to.
func prevailing(p *i18n.Printer, d *policy.Document, shown i18n.Lang) string {
	switch {
	case shown != d.Prevailing:
		return p.T("page.translation_" + string(d.Prevailing))
	case d.Texts[p.Lang] == nil:
		return p.T("web.untranslated_" + string(d.Prevailing))
	case len(d.Texts) > 1:
		return p.T("page.prevailing_" + string(d.Prevailing))
	}
	return ""
}

// storedPolicy shows a version that this program can no longer read as it was
// rendered when it was published.
func (s *Server) storedPolicy(w http.ResponseWriter, r *http.Request, shown, now edition.Edition) error {
	stored, err := s.Shelf.Page(r.Context(), shown.Name, shown.Version, serve.Lang(r.Context()))
	if err != nil {
		return err
	}
	v, err := s.policyView(r, shown, now)
	if err != nil {
		return err
	}
	v.Stored, v.Note, v.PDF = stored.HTML, v.T("page.stored"), ""
	if stored.Lang != v.P.Lang {
		v.Lang = string(stored.Lang)
	}
	return s.render(w, r, http.StatusOK, Policy(v))
}

func (s *Server) policyPDF(w http.ResponseWriter, r *http.Request, d *policy.Document) error {
	lang := serve.Lang(r.Context())
	if asked := i18n.Lang(r.URL.Query().Get("text")); slices.Contains(languagesOf(d), asked) {
		lang = asked
	}
	pdf, err := d.PDF(lang)
	if err != nil {
		return err
	}
	download(w, "application/pdf", s.Shop.Name+"-"+d.Name+"-"+d.Version+"-"+string(d.In(lang).Lang)+".pdf", len(pdf))
	_, _ = w.Write(pdf) // a client that left asks again
	return nil
}
