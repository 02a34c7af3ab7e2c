package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"

	"safelight/internal/account"
	"safelight/internal/fault"
	"safelight/internal/i18n"
	"safelight/internal/lab"
	"safelight/internal/serve"
)

// The errors of an upload by form.
var (
	errNoFiles      = fault.New(fault.Invalid, "web.upload_none", "Choose at least one photo.")
	errTooManyFiles = fault.New(fault.Invalid, "web.upload_many", "These are more photos than we take at a time. The rest was left out.")
)

// filesAtOnce is how many photos one form may bring.
const filesAtOnce = 20

// A parcel is what became of a form's files.
type parcel struct {
	kept    []lab.Image
	refused []Notice
}

// upload takes the photos of a form as they arrive. Those that are refused are
// named, with the reason, and the others are kept.
func (s *Server) upload(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	serve.AllowBody(r.Context(), filesAtOnce*s.Shop.Lab.MaxBytes+1<<20)
	p := serve.Printer(r.Context())
	parts, err := r.MultipartReader()
	if err != nil {
		return serve.ErrFormUnreadable.Because(err)
	}
	got, err := s.unpack(r, who, p, parts)
	switch {
	case err != nil:
		return err
	case len(got.refused) > 0:
		return s.showLab(w, r, who, http.StatusUnprocessableEntity, got.notices(p))
	case len(got.kept) == 1:
		return serve.SeeOther(w, r, imagePath(got.kept[0].ID))
	}
	return serve.SeeOther(w, r, "/lab")
}

func (g parcel) notices(p *i18n.Printer) []Notice {
	if len(g.kept) == 0 {
		return g.refused
	}
	return append(g.refused, Notice{Good, p.N("web.upload_kept", len(g.kept))})
}

// unpack takes the files one after another. An error of it is ours.
func (s *Server) unpack(r *http.Request, who account.Visitor, p *i18n.Printer, parts *multipart.Reader) (got parcel, err error) {
	for {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF) && len(got.kept)+len(got.refused) == 0:
			got.refused = []Notice{{Bad, p.Error(errNoFiles)}}
			return got, nil
		case errors.Is(err, io.EOF):
			return got, nil
		case err != nil && r.Context().Err() != nil:
			return got, r.Context().Err()
		case err != nil: // whatever comes after it is lost
			got.refused = append(got.refused, Notice{Bad, p.Error(unread(err))})
			return got, nil
		case part.FormName() != "file" || part.FileName() == "":
			continue
		case len(got.kept)+len(got.refused) == filesAtOnce:
			got.refused = append(got.refused, Notice{Bad, p.Error(errTooManyFiles)})
			return got, nil
		}
		i, err := s.Lab.Take(r.Context(), who.Account.ID, part.FileName(), part)
		if ours(err) {
			return got, err
		}
		if err != nil {
			why := i18n.Args{"name": part.FileName(), "why": p.Error(unread(err))}
			got.refused = append(got.refused, Notice{Bad, p.T("web.upload_refused", why)})
			continue
		}
		got.kept = append(got.kept, i)
	}
}

// ours reports whether the sender cannot do anything about err.
func ours(err error) bool {
	if err == nil {
		return false
	}
	k := fault.Of(err).Kind
	return k == fault.Internal || k == fault.Unavailable
}

// unread says why a form's body could not be read.
func unread(err error) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return serve.ErrTooLarge.Because(err)
	case fault.Of(err).Kind != fault.Internal:
		return err
	}
	return lab.ErrBrokenOff.Because(err)
}
