package web

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/i18n"
	"safelight/internal/lab"
	"safelight/internal/serve"
)

func (s *Server) labRoutes() {
	s.own("/lab", s.lab)
	s.own("/lab/delete", s.askDeleteAll)
	s.act("/lab/delete", s.deleteAll)
	s.own("/images", func(w http.ResponseWriter, r *http.Request, _ account.Visitor) error {
		return serve.SeeOther(w, r, "/lab")
	})
	s.act("/images", s.upload)
	s.imageRoutes()
	s.jobRoutes()
}

// lab shows the bench.
func (s *Server) lab(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	return s.showLab(w, r, who, http.StatusOK, nil)
}

func (s *Server) showLab(w http.ResponseWriter, r *http.Request, who account.Visitor, status int, notices []Notice) error {
	page, err := s.page(r, serve.Printer(r.Context()).T("web.lab"), SectionLab)
	if err != nil {
		return err
	}
	if r.Method == http.MethodPost {
		page.Path = "/lab"
	}
	page.Notices = append(s.said(w, r, page.P), notices...)
	v := LabView{Page: page, Drop: s.drop(page.P), KeptFor: keptFor(page.P, time.Duration(s.Shop.Lab.KeepOriginals))}
	b, err := db.Ask(r.Context(), s.DB, func(tx *db.Tx) (bench, error) {
		return s.bench(r.Context(), tx, who.Account.ID, lab.ImageID(r.URL.Query().Get("before")))
	})
	if err != nil {
		return err
	}
	for _, l := range b.laid {
		v.Items = append(v.Items, l.item(page.P))
		if l.job != nil && !l.job.Status.Ended() {
			v.Refresh = 5
		}
	}
	if b.older != "" {
		v.Older = "/lab?" + url.Values{"before": {string(b.older)}}.Encode()
	}
	return s.render(w, r, status, Lab(v))
}

// hours is a duration in whole ones, for people.
func hours(d time.Duration) int { return int(d / time.Hour) }

func (s *Server) drop(p *i18n.Printer) Drop {
	l := s.Shop.Lab
	return Drop{Accept: "image/jpeg,image/png,image/webp,image/avif,image/heic,.heic,.heif", Bytes: l.MaxBytes, Tus: s.Uploads,
		Limits: p.T("web.drop_limits", i18n.Args{"formats": "JPEG, PNG, WebP, AVIF, HEIC", "bytes": p.Bytes(l.MaxBytes),
			"megapixels": p.Number(l.MaxPixels / 1_000_000)})}
}

// A laid photo is one on the bench, with the last that was done to it. A
// result lies there by itself only when its original is gone.
type laid struct {
	image lab.Image
	job   *lab.Job // nil if there was none
	ahead int      // see lab.Lab.Position
}

// A bench is one page of what lies there, the newest first.
type bench struct {
	laid  []laid
	older lab.ImageID // where the next page goes on; empty at the end
}

const benchPage = 24

// bench gives what lies there, from before the image given.
func (s *Server) bench(ctx context.Context, tx *db.Tx, who account.ID, before lab.ImageID) (b bench, err error) {
	const some = 200
	here := map[lab.ImageID]bool{}
	for {
		images, err := s.Lab.List(ctx, tx, who, lab.Page{Before: string(before), Limit: some})
		if err != nil {
			return b, err
		}
		for _, i := range images {
			before = i.ID
			alone, err := s.alone(ctx, tx, i, here)
			if err != nil {
				return b, err
			}
			if !alone {
				continue
			}
			if len(b.laid) == benchPage {
				b.older = b.laid[benchPage-1].image.ID
				return b, nil
			}
			l, err := s.lay(ctx, tx, i)
			if err != nil {
				return b, err
			}
			b.laid = append(b.laid, l)
		}
		if len(images) < some {
			return b, nil
		}
	}
}

// alone reports whether an image has a place of its own. Here remembers which
// originals are there.
func (s *Server) alone(ctx context.Context, tx *db.Tx, i lab.Image, here map[lab.ImageID]bool) (bool, error) {
	if i.Role == lab.Original {
		return true, nil
	}
	there, known := here[i.Source]
	if !known {
		source, err := s.perhaps(ctx, tx, i.Account, i.Source)
		if err != nil {
			return false, err
		}
		there = source != nil
		here[i.Source] = there
	}
	return !there, nil
}

// lay finds the last that was done to an image.
func (s *Server) lay(ctx context.Context, tx *db.Tx, i lab.Image) (laid, error) {
	l := laid{image: i}
	last, err := s.Lab.JobsOf(ctx, tx, i.Account, i.ID, 1)
	if err != nil {
		return l, err
	}
	if len(last) == 0 && i.Role == lab.Made {
		j, err := s.Lab.FindJob(ctx, tx, i.Account, i.Job)
		if err != nil {
			return l, err
		}
		last = []lab.Job{j}
	}
	if len(last) == 1 {
		l.job = &last[0]
		l.ahead, err = s.Lab.Position(ctx, tx, last[0])
	}
	return l, err
}

// item is a photo on the bench as people see it.
func (l laid) item(p *i18n.Printer) BenchItem {
	i := l.image
	v := BenchItem{ID: string(i.ID), URL: imagePath(i.ID), Name: i.Name, Thumb: imagePath(i.ID) + "/thumb", Percent: -1,
		Facts: p.T("web.size_both", i18n.Args{"size": px(p, i.Width, i.Height), "bytes": p.Bytes(i.Bytes)}),
		State: State{Plain, p.T("web.state_ready")}}
	if l.job != nil {
		v.URL = jobPath(l.job.ID)
		v.State, v.Percent, v.Note = standing(p, *l.job, l.ahead)
	}
	return v
}

func px(p *i18n.Printer, width, height int) string {
	return p.T("web.size_px", i18n.Args{"width": p.Number(int64(width)), "height": p.Number(int64(height))})
}

// standing says where a job stands: its state, the percent to show, or -1,
// and a short note.
func standing(p *i18n.Printer, j lab.Job, ahead int) (State, int, string) {
	cost := int(j.Cost)
	text := p.T("web.state_" + string(j.Status))
	switch j.Status {
	case lab.Queued:
		return State{Plain, text}, 0, waiting(p, ahead)
	case lab.Running:
		return State{Lit, text}, j.Progress, p.N("web.credits_n", cost)
	case lab.Success:
		return State{Good, text}, -1, p.N("web.credits_n", int(j.Charged))
	case lab.Failed:
		return State{Bad, text}, -1, p.N("web.job_returned", cost)
	}
	return State{Plain, text}, -1, p.N("web.job_returned", cost)
}

func waiting(p *i18n.Printer, ahead int) string {
	if ahead == 0 {
		return p.T("web.job_next")
	}
	return p.N("web.job_ahead", ahead)
}

func (s *Server) askDeleteAll(w http.ResponseWriter, r *http.Request, _ account.Visitor) error {
	p := serve.Printer(r.Context())
	page, err := s.page(r, p.T("web.delete_all_ask"), SectionLab)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, Confirm(ConfirmView{Page: page, Heading: page.Title, Text: p.T("web.delete_all_text"),
		Points: []string{p.T("web.delete_all_jobs"), p.T("web.delete_all_orders")}, Action: "/lab/delete", Button: p.T("web.delete_all_do"), Back: "/lab"}))
}

func (s *Server) deleteAll(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	if _, err := s.Lab.DeleteAll(r.Context(), who.Account.ID); err != nil {
		return err
	}
	s.say(w, "web.deleted_all")
	return serve.SeeOther(w, r, "/lab")
}
