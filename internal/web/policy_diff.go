package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"safelight/internal/diff"
	"safelight/internal/edition"
	"safelight/internal/policy"
	"safelight/internal/serve"
)

func diffPath(name, old, new string) string { return "/" + name + "/diff/" + old + ".." + new }

// policyDiffAsked leads from the form with two versions to their difference.
func (s *Server) policyDiffAsked(w http.ResponseWriter, r *http.Request, name string) error {
	from, err := s.Shelf.Find(name, r.URL.Query().Get("from"))
	if err != nil {
		return err
	}
	to, err := s.Shelf.Find(name, r.URL.Query().Get("to"))
	if err != nil {
		return err
	}
	return serve.SeeOther(w, r, diffPath(name, from.Version, to.Version))
}

// policyDiff shows what is different between two versions, "OLD..NEW".
func (s *Server) policyDiff(w http.ResponseWriter, r *http.Request, name string) error {
	old, new, ok := strings.Cut(r.PathValue("versions"), "..")
	if !ok {
		return policy.ErrUnknown
	}
	before, err := s.Shelf.Find(name, old)
	if err != nil {
		return err
	}
	after, err := s.Shelf.Find(name, new)
	if err != nil {
		return err
	}
	p := serve.Printer(r.Context())
	page, err := s.page(r, p.T("page.diff"), "")
	if err != nil {
		return err
	}
	v := DiffView{Page: page, Heading: after.Title(p.Lang), Lede: p.T("page.diff_text", map[string]any{"old": old, "new": new}), Action: "/" + name + "/diff"}
	v.Title = v.Heading + ": " + p.T("page.diff")
	if err := s.versions(&v, r, before, after); err != nil {
		return err
	}
	switch err := s.changes(&v, r, before, after); {
	case errors.Is(err, edition.ErrUnreadable):
		v.Problem = p.T("page.diff_unreadable")
	case err != nil:
		return err
	}
	return s.render(w, r, http.StatusOK, Difference(v))
}

func (s *Server) versions(v *DiffView, r *http.Request, before, after edition.Edition) error {
	all, err := s.Shelf.All(r.Context(), before.Name)
	if err != nil {
		return err
	}
	for _, e := range all {
		v.From = append(v.From, Option{Value: e.Version, Label: e.Version, Checked: e.Hash == before.Hash})
		v.To = append(v.To, Option{Value: e.Version, Label: e.Version, Checked: e.Hash == after.Hash})
	}
	return nil
}

// changes fills in the differences.
func (s *Server) changes(v *DiffView, r *http.Request, before, after edition.Edition) error {
	old, err := s.Shelf.Version(r.Context(), before.Name, before.Version)
	if err != nil {
		return err
	}
	new, err := s.Shelf.Version(r.Context(), after.Name, after.Version)
	if err != nil {
		return err
	}
	if text := new.In(v.P.Lang); text.Lang != v.P.Lang {
		v.Lang = string(text.Lang)
	}
	for _, c := range diff.Versions(old, new, v.P.Lang) {
		one := ChangeView{Heading: c.Heading(v.P), Lines: cutLines(c.Marks)}
		if c.What == diff.OfClause {
			where := after
			if c.Kind == diff.Removed {
				where = before
			}
			one.Read = Link{v.T("page.diff_read"), where.Path() + "#c-" + c.ID}
		}
		v.Changes = append(v.Changes, one)
	}
	return nil
}

// cutLines cuts stretches at the ends of paragraphs.
func cutLines(marks []diff.Stretch) [][]Mark {
	all := [][]Mark{{}}
	for _, m := range marks {
		for i, text := range strings.Split(m.Text, "\n") {
			if i > 0 {
				all = append(all, nil)
			}
			if text != "" {
				all[len(all)-1] = append(all[len(all)-1], Mark{m.Edit == diff.Deleted, m.Edit == diff.Inserted, text})
			}
		}
	}
	return slices.DeleteFunc(all, func(l []Mark) bool { return len(l) == 0 })
}
