package web

import (
	"context"
	"net/http"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/edition"
	"safelight/internal/i18n"
	"safelight/internal/serve"
)

// A Changed document is told on every page until its reader has seen it.
type Changed struct {
	Text    string
	Note    string // what changed, as the shop put it
	Hash    string
	Read    Link
	Compare Link
}

// unseen are the material changes that the reader has not seen.
func (s *Server) unseen(ctx context.Context, tx *db.Tx, p *i18n.Printer, who account.Account) ([]Changed, error) {
	notices, err := s.Shelf.Notices(ctx, tx, who)
	if err != nil {
		return nil, err
	}
	all := []Changed{}
	for _, n := range notices {
		all = append(all, Changed{Text: n.Text(p), Note: n.Note, Hash: n.Hash, Read: Link{p.T("edition.notice_read"), n.Path()},
			Compare: Link{p.T("edition.notice_changes"), diffPath(n.Name, n.Before, n.Version)}})
	}
	return all, nil
}

// noticeSeen dismisses a notice, and goes back.
func (s *Server) noticeSeen(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	f, err := serve.ReadForm(r)
	if err != nil {
		return err
	}
	err = s.DB.InTx(r.Context(), func(tx *db.Tx) error { return edition.Seen(r.Context(), tx, who.Account.ID, f.Get("hash")) })
	if err != nil {
		return err
	}
	return serve.SeeOther(w, r, serve.LocalPath(f.Get("back"), "/"))
}
