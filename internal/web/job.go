package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/engine"
	"safelight/internal/i18n"
	"safelight/internal/lab"
	"safelight/internal/picture"
	"safelight/internal/serve"
)

func (s *Server) jobRoutes() {
	s.own("/jobs/{id}", s.job)
	s.act("/jobs/{id}/cancel", s.cancelJob)
}

func jobPath(id lab.JobID) string { return "/jobs/" + string(id) }

// A deed is a job with what its page shows besides.
type deed struct {
	lab.Job
	ahead         int
	photo, result *lab.Image // nil when gone, or not there yet
}

func (s *Server) deed(ctx context.Context, tx *db.Tx, who account.ID, id lab.JobID) (d deed, err error) {
	if d.Job, err = s.Lab.FindJob(ctx, tx, who, id); err != nil {
		return d, err
	}
	if d.ahead, err = s.Lab.Position(ctx, tx, d.Job); err != nil {
		return d, err
	}
	if d.photo, err = s.perhaps(ctx, tx, who, d.Image); err != nil {
		return d, err
	}
	d.result, err = s.perhaps(ctx, tx, who, d.Result)
	return d, err
}

func (s *Server) job(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	page, err := s.page(r, "", SectionLab)
	if err != nil {
		return err
	}
	d, err := db.Ask(r.Context(), s.DB, func(tx *db.Tx) (deed, error) {
		return s.deed(r.Context(), tx, who.Account.ID, lab.JobID(r.PathValue("id")))
	})
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, Job(d.view(page)))
}

// cancelJob stops a job. One that has ended meanwhile shows how.
func (s *Server) cancelJob(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	id := lab.JobID(r.PathValue("id"))
	_, err := db.Do(r.Context(), s.DB, func(tx *db.Tx) (lab.Job, error) { return s.Lab.Cancel(r.Context(), tx, who.Account.ID, id) })
	if err != nil && !errors.Is(err, lab.ErrEnded) {
		return err
	}
	return serve.SeeOther(w, r, jobPath(id))
}

// view is the job as people see it. The part that moves by itself needs no
// more of page than its printer.
func (d deed) view(page Page) JobView {
	p := page.P
	v := JobView{Page: page, ID: string(d.ID), Name: work(p, d.Job), Facts: d.facts(p)}
	v.State, v.Percent, v.Line = standing(p, d.Job, d.ahead)
	if d.photo != nil {
		v.Name, v.Image, v.Again, v.Delete = d.photo.Name, imagePath(d.photo.ID)+"/preview", imagePath(d.photo.ID), imagePath(d.photo.ID)+"/delete"
	} else if d.result != nil {
		v.Name, v.Image, v.Delete = d.result.Name, imagePath(d.result.ID)+"/preview", imagePath(d.result.ID)+"/delete"
	}
	v.Title, v.Alt = v.Name, v.Name
	switch d.Status {
	case lab.Queued, lab.Running:
		v.Cancel, v.Delete, v.Again, v.Refresh = true, "", "", 5
		if d.Status == lab.Running {
			v.Line = p.T("web.job_percent", args("percent", d.Progress))
		}
	case lab.Success:
		v.Line = p.T("web.job_gone")
		d.delivered(&v)
	case lab.Failed:
		v.Line = d.reason(p)
	}
	return v
}

// reason says why the job failed, and that its credits are back. The lab's own
// sentences say so themselves.
func (d deed) reason(p *i18n.Printer) string {
	said := p.Error(d.Failure.Err())
	if strings.HasPrefix(d.Failure.Code, "lab.") {
		return said
	}
	return said + " " + p.N("web.job_returned", int(d.Cost))
}

// delivered adds the result, as far as it is still here.
func (d deed) delivered(v *JobView) {
	r := d.result
	if r == nil {
		return
	}
	p := v.P
	v.Line, v.Image = "", imagePath(r.ID)+"/preview"
	v.Download = imagePath(r.ID) + "/file"
	v.Format = p.T("web.job_download", i18n.Args{"format": formatName(r.Format), "bytes": p.Bytes(r.Bytes)})
	v.Expiry = p.T("web.expires", args("when", p.DateTime(r.Expires)))
	if d.photo != nil {
		v.Compare = d.compare(p)
	}
}

// zoomPixels is up to how many pixels of a result a browser can well hold
// beside the picture before; a larger one is compared by the previews, without
// the zoom, which would show no pixel of it.
const zoomPixels = 64_000_000

// compare lays the result over the photo. At pixel level the files themselves
// are shown: a preview is compressed anew and would flatter the result.
func (d deed) compare(p *i18n.Printer) *Compare {
	c := &Compare{ID: "compare-" + string(d.ID), Before: imagePath(d.photo.ID) + "/preview", After: imagePath(d.result.ID) + "/preview",
		BeforeLabel: p.T("web.before") + ", " + px(p, d.photo.Width, d.photo.Height), AfterLabel: p.T("web.after") + ", " + px(p, d.result.Width, d.result.Height),
		Alt: d.photo.Name, Width: d.result.Width, Height: d.result.Height}
	if d.result.Pixels() > zoomPixels {
		return c
	}
	c.After, c.Zooms = imagePath(d.result.ID)+"/file", true
	switch d.photo.Format {
	case picture.JPEG, picture.PNG, picture.AVIF: // that every browser shows upright
		c.Before = imagePath(d.photo.ID) + "/file"
	}
	return c
}

func (d deed) facts(p *i18n.Printer) []Fact {
	all := []Fact{{Term: p.T("web.job_work"), Value: work(p, d.Job)}}
	switch d.Operation {
	case engine.Upscale:
		all = append(all, Fact{Term: p.T("web.model"), Value: p.T("web.model_" + d.Model)})
	case engine.Denoise:
		all = append(all, Fact{Term: p.T("web.strength"), Value: strengthName(p, d.Strength)})
	}
	all = append(all, Fact{Term: p.T("web.quote_output"), Value: px(p, d.Width, d.Height) + ", " + formatName(d.Format)})
	if d.Status == lab.Success {
		all = append(all, Fact{Term: p.T("web.job_time"), Value: took(p, d.Ended.Sub(d.Started))})
	}
	term, credits := "web.job_cost_held", d.Cost
	if d.Status.Ended() {
		term, credits = "web.job_cost", d.Charged
	}
	return append(all, Fact{Term: p.T(term), Value: p.N("web.credits_n", int(credits)), Sum: true})
}

func took(p *i18n.Printer, d time.Duration) string {
	return p.N("web.seconds", max(int(d.Round(time.Second)/time.Second), 1))
}

// work names what is done to a photo.
func work(p *i18n.Printer, j lab.Job) string {
	if j.Operation == engine.Upscale {
		return p.T("web.op_upscaled", args("scale", j.Scale))
	}
	return p.T("web.op_" + string(j.Operation))
}

// strengthName is a strength in thousandths as the strip calls it.
func strengthName(p *i18n.Printer, thousandths int) string {
	names := map[int]string{lab.Auto: "web.strength_auto", 330: "web.strength_low", 670: "web.strength_medium", 1000: "web.strength_high"}
	if name, ok := names[thousandths]; ok {
		return p.T(name)
	}
	return strconv.Itoa((thousandths+5)/10) + " %"
}

func formatName(f picture.Format) string {
	if f == picture.WebP {
		return "WebP"
	}
	return strings.ToUpper(string(f))
}
