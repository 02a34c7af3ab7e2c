package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/fault"
	"safelight/internal/i18n"
	"safelight/internal/lab"
	"safelight/internal/order"
	"safelight/internal/serve"
)

// The pace of a stream.
const (
	lookMoving = 400 * time.Millisecond // while something moves
	lookStill  = time.Second
	heartbeat  = 15 * time.Second
)

// streamsEach is how many streams an account has in one process. A browser
// opens six connections to a site over HTTP/1.1: two are left for everything
// else. A page beyond that asks now and then instead.
const streamsEach = 4

// open streams are counted by account.
type openStreams struct {
	mu sync.Mutex
	n  map[account.ID]int
}

func (o *openStreams) enter(who account.ID) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.n[who] == streamsEach {
		return false
	}
	o.n[who]++
	return true
}

func (o *openStreams) leave(who account.ID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.n[who]--; o.n[who] == 0 {
		delete(o.n, who)
	}
}

func (s *Server) liveRoutes() {
	open := &openStreams{n: map[account.ID]int{}}
	s.get("/live", func(w http.ResponseWriter, r *http.Request) error {
		who := account.Who(r.Context())
		if err := who.RequireSession(); err != nil {
			return err
		}
		if !open.enter(who.Account.ID) {
			return serve.TooMany(heartbeat)
		}
		defer open.leave(who.Account.ID)
		return s.live(w, r)
	})
}

// liveAt is the stream of the page at a path.
func liveAt(path string) string { return "/live?" + url.Values{"at": {path}}.Encode() }

// live tells a page what has moved, until its reader leaves, is signed out, or
// the process ends. Everything is read from the database, so that the work may
// be done by another process; nothing is held between two looks.
func (s *Server) live(w http.ResponseWriter, r *http.Request) error {
	st := s.stream(r)
	beat, look := time.NewTicker(heartbeat), time.NewTimer(0)
	defer beat.Stop()
	defer look.Stop()
	for begun := false; ; {
		var text string
		select {
		case <-r.Context().Done():
			return nil
		case <-serve.Closing(r.Context()):
			return nil
		case <-beat.C:
			text = ": still here\n\n"
		case <-look.C:
			seen, err := db.Ask(r.Context(), s.DB, func(tx *db.Tx) (sight, error) { return st.look(r.Context(), tx) })
			if err != nil && begun && errors.Is(err, account.ErrSignIn) {
				return nil
			}
			if err != nil {
				return err
			}
			if text, err = st.tell(r.Context(), seen); err != nil {
				return err
			}
			look.Reset(seen.pace())
		}
		if !begun {
			begun = true
			w.Header().Set("Content-Type", "text/event-stream")
			w.Header().Set("Cache-Control", "no-store")
			w.Header().Set("X-Accel-Buffering", "no")
			text = "retry: 2000\n\n" + text
		}
		if err := send(w, text); err != nil {
			return nil //nolint:nilerr // the reader is gone
		}
	}
}

func send(w http.ResponseWriter, text string) error {
	if text == "" {
		return nil
	}
	if _, err := w.Write([]byte(text)); err != nil {
		return err
	}
	return http.NewResponseController(w).Flush()
}

// A stream is what one page has been told.
type stream struct {
	*Server
	p          *i18n.Printer
	credential serve.Credential
	parts      func(ctx context.Context, tx *db.Tx, who account.ID) ([]part, error)
	told       map[string]string // the mark of each part
}

// A part of a page moves by itself. It is drawn when its mark is another than
// the one told last; drawing may ask the database. A part that is nil then is
// gone.
type part struct {
	id, mark string
	draw     func(ctx context.Context, tx *db.Tx) (templ.Component, error)
}

// A sight is what one look at the database saw.
type sight struct {
	marks  map[string]string
	fresh  []templ.Component
	moving bool
}

func (s sight) pace() time.Duration {
	if s.moving {
		return lookMoving
	}
	return lookStill
}

// stream finds out what the page at the address ?at= has on it.
func (s *Server) stream(r *http.Request) *stream {
	st := &stream{Server: s, p: serve.Printer(r.Context())}
	st.credential, _ = s.site.Credential(r)
	at, err := url.Parse(r.URL.Query().Get("at"))
	if err != nil {
		at = &url.URL{}
	}
	kind, id, _ := strings.Cut(strings.TrimPrefix(at.Path, "/"), "/")
	switch id, _, _ = strings.Cut(id, "/"); {
	case kind == "lab" || kind == "":
		st.parts = st.bench
	case kind == "images" && id != "":
		st.parts = func(ctx context.Context, tx *db.Tx, who account.ID) ([]part, error) {
			return st.photo(ctx, tx, who, lab.ImageID(id))
		}
	case kind == "jobs" && id != "":
		st.parts = func(ctx context.Context, tx *db.Tx, who account.ID) ([]part, error) {
			return st.job(ctx, tx, who, lab.JobID(id))
		}
	case kind == "orders" && id != "":
		st.parts = func(ctx context.Context, tx *db.Tx, who account.ID) ([]part, error) {
			return st.order(ctx, tx, who, order.ID(id))
		}
	default:
		st.parts = func(context.Context, *db.Tx, account.ID) ([]part, error) { return nil, nil }
	}
	return st
}

// look sees what has changed since what was told. It changes nothing of the
// stream: a transaction may run twice.
func (st *stream) look(ctx context.Context, tx *db.Tx) (sight, error) {
	who, err := account.Authenticate(ctx, tx, st.credential)
	if err != nil {
		return sight{}, err
	}
	viewer, err := st.viewer(ctx, tx, st.p, who)
	if err != nil {
		return sight{}, err
	}
	parts, err := st.parts(ctx, tx, who.Account.ID)
	if err != nil {
		return sight{}, err
	}
	parts = append(parts, whole("balance", viewer.Balance, Balance(viewer.Balance)), whole("lamp", boolean(viewer.Working), Lamp(viewer.Working)))
	seen := sight{marks: make(map[string]string, len(parts)), moving: viewer.Working}
	for _, p := range parts {
		seen.marks[p.id] = p.mark
		if mark, known := st.told[p.id]; known && mark == p.mark {
			continue
		}
		c, err := p.draw(ctx, tx)
		if err != nil {
			return sight{}, err
		}
		if c != nil {
			seen.fresh = append(seen.fresh, c)
		}
	}
	return seen, nil
}

// whole is a part that asks nothing more.
func whole(id, mark string, c templ.Component) part {
	return part{id, mark, func(context.Context, *db.Tx) (templ.Component, error) { return c, nil }}
}

// tell writes the event of what is fresh, and remembers it as told.
func (st *stream) tell(ctx context.Context, seen sight) (string, error) {
	st.told = seen.marks
	if len(seen.fresh) == 0 {
		return "", nil
	}
	var html bytes.Buffer
	for _, c := range seen.fresh {
		if err := c.Render(ctx, &html); err != nil {
			return "", err
		}
	}
	lines := strings.NewReplacer("\r\n", "\ndata: ", "\r", "\ndata: ", "\n", "\ndata: ")
	return "event: fragment\ndata: " + lines.Replace(html.String()) + "\n\n", nil
}

// stands is the mark of a job.
func stands(j lab.Job, ahead int) string { return fmt.Sprint(j.ID, j.Status, j.Progress, ahead) }

// bench is what moves on the page of all photos.
func (st *stream) bench(ctx context.Context, tx *db.Tx, who account.ID) ([]part, error) {
	now, err := st.Lab.Snapshot(ctx, tx, who)
	if err != nil {
		return nil, err
	}
	marks, last := map[lab.ImageID]string{}, map[lab.ImageID]lab.JobID{}
	see := func(j lab.Job, ahead int) {
		if j.ID > last[j.Image] { // ids grow: of several jobs on a photo the newest shows
			last[j.Image], marks[j.Image] = j.ID, stands(j, ahead)
		}
	}
	for _, j := range now.Active {
		see(j.Job, j.Ahead)
	}
	for _, j := range now.Ended {
		see(j, 0)
	}
	parts := make([]part, 0, len(marks))
	for id, mark := range marks {
		parts = append(parts, part{"item-" + string(id), mark, func(ctx context.Context, tx *db.Tx) (templ.Component, error) {
			i, err := st.perhaps(ctx, tx, who, id)
			if i == nil || err != nil {
				return nil, err
			}
			l, err := st.lay(ctx, tx, *i)
			return Item(l.item(st.p)), err
		}})
	}
	return parts, nil
}

// photo is what moves on the page of one.
func (st *stream) photo(ctx context.Context, tx *db.Tx, who account.ID, id lab.ImageID) ([]part, error) {
	i, err := st.perhaps(ctx, tx, who, id)
	if i == nil || err != nil {
		return nil, err
	}
	jobs, err := st.Lab.JobsOf(ctx, tx, who, id, doneShown)
	if err != nil {
		return nil, err
	}
	parts := make([]part, len(jobs))
	for n, j := range jobs {
		ahead, err := st.Lab.Position(ctx, tx, j)
		if err != nil {
			return nil, err
		}
		parts[n] = part{"item-" + string(j.ID), stands(j, ahead), func(ctx context.Context, tx *db.Tx) (templ.Component, error) {
			result, err := st.perhaps(ctx, tx, who, j.Result)
			return Item(doing(st.p, *i, j, ahead, result)), err
		}}
	}
	return parts, nil
}

// job is what moves on the page of one.
func (st *stream) job(ctx context.Context, tx *db.Tx, who account.ID, id lab.JobID) ([]part, error) {
	d, err := st.deed(ctx, tx, who, id)
	if errors.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	mark := stands(d.Job, d.ahead) + boolean(d.photo != nil) + boolean(d.result != nil)
	return []part{whole("job-"+string(d.ID), mark, JobLive(d.view(Page{P: st.p})))}, nil
}

// order is what moves on the page of one.
func (st *stream) order(ctx context.Context, tx *db.Tx, who account.ID, id order.ID) ([]part, error) {
	o, err := order.Find(ctx, tx, who, id)
	if errors.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	v, err := st.orderView(ctx, tx, Page{P: st.p}, o)
	if err != nil {
		return nil, err
	}
	return []part{whole("order-"+string(o.ID), string(o.State)+v.Pay, OrderLive(v))}, nil
}
