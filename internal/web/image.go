package web

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"safelight/internal/account"
	"safelight/internal/blob"
	"safelight/internal/db"
	"safelight/internal/engine"
	"safelight/internal/fault"
	"safelight/internal/i18n"
	"safelight/internal/id"
	"safelight/internal/lab"
	"safelight/internal/ledger"
	"safelight/internal/picture"
	"safelight/internal/serve"
)

func (s *Server) imageRoutes() {
	s.own("/images/{id}", s.image)
	s.own("/images/{id}/quote", s.quote)
	s.act("/images/{id}/jobs", s.startJob)
	s.own("/images/{id}/delete", s.askDelete)
	s.act("/images/{id}/delete", s.delete)
	for path, rendition := range map[string]lab.Rendition{"file": lab.File, "thumb": lab.Thumbnail, "preview": lab.Preview} {
		s.own("/images/{id}/"+path, func(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
			return s.bytes(w, r, who, rendition)
		})
	}
}

func imagePath(id lab.ImageID) string { return "/images/" + string(id) }

func (s *Server) findImage(r *http.Request, who account.Visitor) (lab.Image, error) {
	return db.Ask(r.Context(), s.DB, func(tx *db.Tx) (lab.Image, error) {
		return s.Lab.Find(r.Context(), tx, who.Account.ID, lab.ImageID(r.PathValue("id")))
	})
}

// perhaps finds an image that may be gone: nil then.
func (s *Server) perhaps(ctx context.Context, tx *db.Tx, who account.ID, id lab.ImageID) (*lab.Image, error) {
	if id == "" {
		return nil, nil
	}
	i, err := s.Lab.Find(ctx, tx, who, id)
	if errors.Is(err, lab.ErrNoImage) {
		return nil, nil
	}
	return &i, err
}

// bytes serves one of an image's files. They never change, so that a browser
// keeps them and asks only whether they are still there and still its reader's.
func (s *Server) bytes(w http.ResponseWriter, r *http.Request, who account.Visitor, rendition lab.Rendition) error {
	i, err := s.findImage(r, who)
	if err != nil {
		return err
	}
	content, c, err := s.Lab.Open(r.Context(), i, rendition)
	if errors.Is(err, blob.ErrNotFound) {
		return lab.ErrNoImage.Because(err)
	}
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	disposition := "inline"
	if rendition == lab.File {
		disposition = "attachment"
	}
	h := w.Header()
	h.Set("Content-Type", c.MediaType)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": c.Name}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Vary", "Cookie")
	h.Set("ETag", `"`+string(i.ID)+"-"+string(rendition)+`"`)
	http.ServeContent(w, r, "", c.Modified, content)
	return nil
}

// image shows a photo and what can be done to it.
func (s *Server) image(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	return s.showImage(w, r, who, http.StatusOK, r.URL.Query(), nil)
}

// showImage shows the page of a photo with what was chosen on it. Refused is
// why the work was not begun.
func (s *Server) showImage(w http.ResponseWriter, r *http.Request, who account.Visitor, status int, chosen url.Values, refused error) error {
	page, err := s.page(r, "", SectionLab)
	if err != nil {
		return err
	}
	v, err := db.Ask(r.Context(), s.DB, func(tx *db.Tx) (ImageView, error) {
		return s.imageView(r.Context(), tx, page, who, r.PathValue("id"), chosen)
	})
	if err != nil {
		return err
	}
	switch problem := page.P.Error(refused); {
	case errors.Is(refused, lab.ErrPriceChanged):
		v.Problem = page.T("web.quote_changed")
	case refused != nil && problem != v.Quote.Problem && !errors.Is(refused, ledger.ErrShortfall):
		v.Problem = problem
	}
	v.Path = imagePath(lab.ImageID(v.ID))
	return s.render(w, r, status, Image(v))
}

const doneShown = 12

func (s *Server) imageView(ctx context.Context, tx *db.Tx, page Page, who account.Visitor, image string, chosen url.Values) (ImageView, error) {
	p := page.P
	i, err := s.Lab.Find(ctx, tx, who.Account.ID, lab.ImageID(image))
	if err != nil {
		return ImageView{}, err
	}
	v := ImageView{Page: page, ID: string(i.ID), Once: id.Secret(), Name: i.Name, Preview: imagePath(i.ID) + "/preview", Width: i.Width, Height: i.Height,
		Facts:  p.T("web.size_both", i18n.Args{"size": px(p, i.Width, i.Height), "bytes": p.Bytes(i.Bytes)}),
		Expiry: p.T("web.expires", args("when", p.DateTime(i.Expires)))}
	v.Title = v.Name
	offered := s.Lab.Choices(tx.Now())
	c := choiceOf(chosen, offered, i)
	choose(&v, c, offered.Models[engine.Upscale])
	v.Operations = slices.DeleteFunc(v.Operations, func(o Option) bool { return !slices.Contains(offered.Operations, engine.Operation(o.Value)) })
	if v.Quote, err = s.quoteOf(ctx, tx, p, who, i.ID, c.wish(offered)); err != nil {
		return v, err
	}
	v.Done, err = s.doneTo(ctx, tx, p, i)
	for _, d := range v.Done {
		if d.Percent >= 0 {
			v.Refresh = 10
		}
	}
	return v, err
}

// doneTo lists what was asked to be done to an image, the newest first.
func (s *Server) doneTo(ctx context.Context, tx *db.Tx, p *i18n.Printer, i lab.Image) ([]BenchItem, error) {
	jobs, err := s.Lab.JobsOf(ctx, tx, i.Account, i.ID, doneShown)
	if err != nil {
		return nil, err
	}
	items := make([]BenchItem, len(jobs))
	for n, j := range jobs {
		ahead, err := s.Lab.Position(ctx, tx, j)
		if err != nil {
			return nil, err
		}
		result, err := s.perhaps(ctx, tx, i.Account, j.Result)
		if err != nil {
			return nil, err
		}
		items[n] = doing(p, i, j, ahead, result)
	}
	return items, nil
}

// doing is a job as it stands on the page of its photo.
func doing(p *i18n.Printer, i lab.Image, j lab.Job, ahead int, result *lab.Image) BenchItem {
	v := BenchItem{ID: string(j.ID), URL: jobPath(j.ID), Name: work(p, j), Thumb: imagePath(i.ID) + "/thumb",
		Facts: px(p, j.Width, j.Height) + ", " + formatName(j.Format)}
	if result != nil {
		v.Thumb = imagePath(result.ID) + "/thumb"
	}
	v.State, v.Percent, v.Note = standing(p, j, ahead)
	return v
}

// choiceOf reads what is chosen; what is not is what most people want.
func choiceOf(chosen url.Values, offered lab.Choices, i lab.Image) Choice {
	c := Choice{Operation: chosen.Get("operation"), Scale: or(chosen.Get("scale"), "2"), Strength: or(chosen.Get("strength"), "auto"),
		Model: or(chosen.Get("model"), engine.Quality), Format: chosen.Get("format")}
	if c.Operation == "" && len(offered.Operations) > 0 {
		c.Operation = string(offered.Operations[0])
	}
	if c.Format == "" {
		c.Format = string(picture.JPEG)
		if i.Format.Writable() {
			c.Format = string(i.Format)
		}
	}
	return c
}

// wish is the choice for the lab. What does not belong to the operation is
// left out; what makes no sense is for the lab to refuse.
func (c Choice) wish(offered lab.Choices) lab.Wish {
	w := lab.Wish{Operation: engine.Operation(c.Operation), Format: c.Format}
	if w.Operation == engine.Upscale || slices.Contains(offered.Models[w.Operation], c.Model) {
		w.Model = c.Model
	}
	if w.Operation == engine.Upscale {
		if w.Scale, _ = strconv.Atoi(c.Scale); w.Scale == 0 {
			w.Scale = -1
		}
	}
	if w.Operation == engine.Denoise && c.Strength != "auto" {
		strength, err := strconv.ParseFloat(c.Strength, 64)
		if err != nil || strength < 0 {
			strength = 2 // out of range
		}
		w.Strength = &strength
	}
	return w
}

// quote answers the page's question after each choice.
func (s *Server) quote(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	if r.Header.Get("HX-Request") == "" {
		return serve.SeeOther(w, r, imagePath(lab.ImageID(r.PathValue("id")))+"?"+r.URL.RawQuery)
	}
	p := serve.Printer(r.Context())
	q, err := db.Ask(r.Context(), s.DB, func(tx *db.Tx) (Quote, error) {
		i, err := s.Lab.Find(r.Context(), tx, who.Account.ID, lab.ImageID(r.PathValue("id")))
		if err != nil {
			return Quote{}, err
		}
		offered := s.Lab.Choices(tx.Now())
		return s.quoteOf(r.Context(), tx, p, who, i.ID, choiceOf(r.URL.Query(), offered, i).wish(offered))
	})
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, QuoteLive(Page{P: p}, r.PathValue("id"), q))
}

// quoteOf says what a wish costs and leaves, or why it is not possible.
func (s *Server) quoteOf(ctx context.Context, tx *db.Tx, p *i18n.Printer, who account.Visitor, id lab.ImageID, w lab.Wish) (Quote, error) {
	q, err := s.Lab.Quote(ctx, tx, who.Account.ID, id, w)
	if err != nil {
		if k := fault.Of(err).Kind; k == fault.Internal || k == fault.NotFound {
			return Quote{}, err
		}
		return Quote{Problem: p.Error(err)}, nil
	}
	b, err := ledger.BalanceOf(ctx, tx, ledger.Owner(who.Account.ID))
	if err != nil {
		return Quote{}, err
	}
	v := Quote{Cost: p.N("web.credits_n", int(q.Cost)), Credits: q.Cost, Where: where(p, q), Confirm: p.N("web.quote_confirm", int(q.Cost)),
		Facts: []Fact{{Term: p.T("web.quote_output"), Value: px(p, q.Width, q.Height)}}}
	if short := q.Cost - b.Spendable; short > 0 {
		v.Problem, v.Buy = p.N("web.quote_short", int(short)), "/pricing"
		v.Facts = append(v.Facts, Fact{Term: p.T("web.quote_cost"), Value: v.Cost}, Fact{Term: p.T("web.quote_have"), Value: p.N("web.credits_n", int(b.Spendable))})
		return v, nil
	}
	v.Facts = append(v.Facts, Fact{Term: p.T("web.quote_after"), Value: p.N("web.credits_n", int(b.Spendable-q.Cost))})
	return v, nil
}

// where says whose machine does the work, and whose terms apply.
func where(p *i18n.Printer, q lab.Quote) string {
	switch {
	case !q.Remote:
		return p.T("web.quote_local")
	case q.TermsURL == "":
		return p.T("web.quote_remote", args("engine", q.Engine))
	}
	return p.T("web.quote_remote_terms", i18n.Args{"engine": q.Engine, "terms": q.TermsURL})
}

// startJob begins the work that the form describes, at the cost that it shows.
func (s *Server) startJob(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	f, err := serve.ReadForm(r)
	if err != nil {
		return err
	}
	chosen := url.Values{}
	for _, name := range []string{"operation", "scale", "strength", "model", "format"} {
		chosen.Set(name, f.Get(name))
	}
	agreed, err := strconv.ParseInt(f.Get("quoted"), 10, 64)
	if err != nil {
		agreed = 0 // to nothing: every work costs something
	}
	j, err := db.Do(r.Context(), s.DB, func(tx *db.Tx) (lab.Job, error) {
		i, err := s.Lab.Find(r.Context(), tx, who.Account.ID, lab.ImageID(r.PathValue("id")))
		if err != nil {
			return lab.Job{}, err
		}
		offered := s.Lab.Choices(tx.Now())
		return s.Lab.Start(r.Context(), tx, who.Account.ID, lab.Request{Image: i.ID, Wish: choiceOf(chosen, offered, i).wish(offered),
			Agreed: &agreed, Key: onceKey(f, string(i.ID), chosen.Encode()), Client: account.ClientOf(r)})
	})
	switch k := fault.Of(err).Kind; {
	case err == nil:
		return serve.SeeOther(w, r, jobPath(j.ID))
	case k == fault.Internal || k == fault.Unavailable || k == fault.NotFound:
		return err
	}
	return s.showImage(w, r, who, http.StatusUnprocessableEntity, chosen, err)
}

func (s *Server) askDelete(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	i, err := s.findImage(r, who)
	if err != nil {
		return err
	}
	p := serve.Printer(r.Context())
	page, err := s.page(r, p.T("web.delete_one_ask", args("name", i.Name)), SectionLab)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, Confirm(ConfirmView{Page: page, Heading: page.Title, Text: p.T("web.delete_one_text"),
		Action: imagePath(i.ID) + "/delete", Button: p.T("web.delete_one_do"), Back: imagePath(i.ID)}))
}

// delete removes a photo and everything made of it: the results first, so that
// whatever is left after a failure is still on the bench.
func (s *Server) delete(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	i, err := s.findImage(r, who)
	if err != nil {
		return err
	}
	results, err := db.Ask(r.Context(), s.DB, func(tx *db.Tx) ([]lab.ImageID, error) { return s.madeOf(r.Context(), tx, i) })
	if err != nil {
		return err
	}
	for _, id := range append(results, i.ID) {
		if err := s.Lab.Delete(r.Context(), who.Account.ID, id); err != nil && !errors.Is(err, lab.ErrNoImage) {
			return err
		}
	}
	s.say(w, "web.deleted_one")
	return serve.SeeOther(w, r, "/lab")
}

// madeOf gives every result of an image.
func (s *Server) madeOf(ctx context.Context, tx *db.Tx, source lab.Image) (all []lab.ImageID, err error) {
	p := lab.Page{Role: lab.Made, Limit: 200}
	for {
		images, err := s.Lab.List(ctx, tx, source.Account, p)
		if err != nil {
			return nil, err
		}
		for _, i := range images {
			if i.Source == source.ID {
				all = append(all, i.ID)
			}
			p.Before = string(i.ID)
		}
		if len(images) < p.Limit {
			return all, nil
		}
	}
}
