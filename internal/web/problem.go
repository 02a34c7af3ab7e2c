package web

import (
	"net/http"
	"strconv"
	"time"

	"safelight/internal/fault"
	"safelight/internal/i18n"
	"safelight/internal/serve"
)

var errNoPage = fault.New(fault.NotFound, "fault.not_found", "There is nothing at this address, or it is not yours to see.")

// Problem is the page of an error: what happened, in a sentence, and what to
// do next. When the fault is ours it asks nothing of the database.
func (s *Server) Problem(w http.ResponseWriter, r *http.Request, p serve.Problem) {
	page := s.blank(r, p.Title, "")
	if p.Status < http.StatusInternalServerError {
		if known, err := s.page(r, p.Title, ""); err == nil {
			page = known
		}
	}
	page.Path = "/"
	v := TroubleView{Page: page, Heading: heading(page.P, p.Status), Text: p.Detail, Request: p.RequestID, Next: next(page.P, r, p.Status)}
	v.Title = v.Heading
	if p.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(p.RetryAfter/time.Second)))
	}
	if err := s.render(w, r, p.Status, Trouble(v)); err != nil {
		s.Log.DebugContext(r.Context(), "an error page was not sent", "error", err)
	}
}

// heading names the kinds of trouble that have a heading of their own.
func heading(p *i18n.Printer, status int) string {
	switch status {
	case http.StatusNotFound, http.StatusGone:
		return p.T("web.trouble_404")
	case http.StatusForbidden:
		return p.T("web.trouble_403")
	case http.StatusTooManyRequests:
		return p.T("web.trouble_429")
	case http.StatusServiceUnavailable:
		return p.T("web.trouble_503")
	case http.StatusInternalServerError:
		return p.T("web.trouble_500")
	}
	return p.T("web.trouble_other")
}

func next(p *i18n.Printer, r *http.Request, status int) []Link {
	home := Link{p.T("web.trouble_home"), "/"}
	if status == http.StatusUnauthorized {
		return []Link{{p.T("web.sign_in"), withNext("/sign-in", serve.LocalPath(r.URL.RequestURI(), "/"))}, home}
	}
	return []Link{home}
}
