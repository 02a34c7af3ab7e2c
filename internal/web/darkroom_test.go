package web

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"safelight/internal/account"
	"safelight/internal/blob/disk"
	"safelight/internal/catalog"
	"safelight/internal/db"
	"safelight/internal/engine"
	"safelight/internal/engine/onboard"
	"safelight/internal/i18n"
	"safelight/internal/lab"
	"safelight/internal/ledger"
	"safelight/internal/obs"
	"safelight/internal/picture"
	"safelight/internal/queue/queuetest"
	"safelight/internal/serve"
	"safelight/internal/shop"
)

// A darkroom is the pages of the lab with a real lab behind them.
type darkroom struct {
	*Server
	t     *testing.T
	store *disk.Store
	front http.Handler
	ana   *member
	boris *member
}

// A member has signed in.
type member struct {
	account.Session
	d      *darkroom
	accept string // languages
}

// inDarkroom runs a test on both databases, with two people who have ten
// credits each.
func inDarkroom(t *testing.T, test func(t *testing.T, d *darkroom)) {
	t.Helper()
	queuetest.Run(t, func(t *testing.T, on *db.DB) {
		d := openDarkroom(t, on)
		d.ana, d.boris = d.member("ana@example.com", 10), d.member("boris@example.com", 10)
		test(t, d)
	})
}

func openDarkroom(t *testing.T, on *db.DB) *darkroom {
	t.Helper()
	preset, err := shop.Load("../../shops/opendream")
	fine(t, err)
	prices, err := catalog.Load(preset)
	fine(t, err)
	store, err := disk.Open(t.TempDir())
	fine(t, err)
	t.Cleanup(func() { _ = store.Close() })
	onBoard, err := onboard.New(onboard.Config{})
	fine(t, err)
	preset.Lab.MaxBytes, preset.Lab.MaxPixels, preset.Lab.MaxOutputPixels = 1_000_000, 4_000_000, 16_000_000
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	bench, err := lab.New(lab.Config{DB: on, Blobs: store, Catalog: prices, Limits: preset.Lab, Engines: []lab.Offer{{Engine: onBoard}},
		Budget: picture.NewBudget(512 << 20), Spool: t.TempDir(), Log: log})
	fine(t, err)
	people, err := account.New(account.Config{BaseURL: "http://localhost:8080", Shop: preset.Title, Cost: account.Cost{Memory: 64, Passes: 1, Lanes: 1},
		Letter:     func(context.Context, *db.Tx, account.Letter) error { return nil },
		Statements: func(context.Context, *db.Tx, i18n.Lang) ([]account.Statement, error) { return nil, nil }}, on)
	fine(t, err)
	d := &darkroom{t: t, store: store}
	site, err := serve.New(serve.Config{BaseURL: "http://localhost:8080"}, log, obs.NewMetrics(),
		func(w http.ResponseWriter, r *http.Request, p serve.Problem) { d.Problem(w, r, p) })
	fine(t, err)
	d.Server = New(Config{DB: on, Site: site, Shop: preset, Catalog: prices, Shelf: shelf(t, on, preset), People: people, Lab: bench, Uploads: "/api/v1/uploads/", Log: log})
	d.front = site.Wrap(people.Identify(site)(d.Server))
	return d
}

func fine(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (d *darkroom) member(email string, credits int64) *member {
	d.t.Helper()
	const password = "brass lantern over quiet tide"
	a, _, err := d.People.Create(d.t.Context(), account.Create{Email: email, Password: password, Lang: i18n.English})
	fine(d.t, err)
	fine(d.t, d.DB.InTx(d.t.Context(), func(tx *db.Tx) error {
		_, err := ledger.Issue(d.t.Context(), tx, ledger.Cause{Owner: ledger.Owner(a.ID), Key: "grant"}, ledger.Grant{Class: ledger.Goodwill, Credits: credits})
		return err
	}))
	s, err := d.People.SignIn(d.t.Context(), account.SignIn{Email: email, Password: password, Client: account.Client{IP: "192.0.2.1", UserAgent: "Test/1"}})
	fine(d.t, err)
	return &member{Session: s, d: d}
}

// work does the jobs until the test ends.
func (d *darkroom) work() { queuetest.Start(d.t, d.DB, d.Lab.Register, lab.RenderQueue) }

// stored counts the files in the storage.
func (d *darkroom) stored() (n int) {
	for _, err := range d.store.List(d.t.Context(), "") {
		fine(d.t, err)
		n++
	}
	return n
}

// A shown page is an answer as its reader gets it.
type shown struct {
	t      *testing.T
	status int
	header http.Header
	text   string
	root   *html.Node
}

// send asks as p, or as nobody.
func (d *darkroom) send(p *member, method, path, mediaType string, body io.Reader, headers ...string) shown {
	d.t.Helper()
	r := httptest.NewRequestWithContext(d.t.Context(), method, path, body)
	if mediaType != "" {
		r.Header.Set("Content-Type", mediaType)
	}
	if p != nil {
		r.AddCookie(&http.Cookie{Name: "session", Value: p.Token})
		if p.accept != "" {
			r.AddCookie(&http.Cookie{Name: "lang", Value: p.accept})
		}
	}
	for n := 0; n < len(headers); n += 2 {
		r.Header.Set(headers[n], headers[n+1])
	}
	w := httptest.NewRecorder()
	d.front.ServeHTTP(w, r)
	root, err := html.ParseWithOptions(bytes.NewReader(w.Body.Bytes()), html.ParseOptionEnableScripting(false))
	fine(d.t, err)
	return shown{d.t, w.Code, w.Header(), w.Body.String(), root}
}

func (p *member) get(path string, headers ...string) shown {
	p.d.t.Helper()
	return p.d.send(p, http.MethodGet, path, "", nil, headers...)
}

// post sends a form of names and values.
func (p *member) post(path string, fields ...string) shown {
	p.d.t.Helper()
	return p.d.send(p, http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(form(fields)))
}

func form(fields []string) string {
	v := url.Values{}
	for n := 0; n < len(fields); n += 2 {
		v.Add(fields[n], fields[n+1])
	}
	return v.Encode()
}

// upload sends files by the form: names and contents.
func (p *member) upload(files ...string) shown {
	p.d.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for n := 0; n < len(files); n += 2 {
		w, err := m.CreateFormFile("file", files[n])
		fine(p.d.t, err)
		_, _ = w.Write([]byte(files[n+1]))
	}
	fine(p.d.t, m.Close())
	return p.d.send(p, http.MethodPost, "/images", m.FormDataContentType(), &b)
}

// lay takes a photo without the page.
func (p *member) lay(name string) lab.Image {
	p.d.t.Helper()
	i, err := p.d.Lab.Take(p.d.t.Context(), p.Account.ID, name, strings.NewReader(jpegOf(p.d.t)))
	fine(p.d.t, err)
	return i
}

var faster = lab.Wish{Operation: engine.Upscale, Scale: 2, Model: engine.Fast}

func (p *member) start(i lab.Image) lab.Job {
	p.d.t.Helper()
	j, err := db.Do(p.d.t.Context(), p.d.DB, func(tx *db.Tx) (lab.Job, error) {
		return p.d.Lab.Start(p.d.t.Context(), tx, p.Account.ID, lab.Request{Image: i.ID, Wish: faster})
	})
	fine(p.d.t, err)
	return j
}

// ended waits until the job has.
func (p *member) ended(id lab.JobID) lab.Job {
	p.d.t.Helper()
	find := func() lab.Job {
		j, err := db.Ask(p.d.t.Context(), p.d.DB, func(tx *db.Tx) (lab.Job, error) { return p.d.Lab.FindJob(p.d.t.Context(), tx, p.Account.ID, id) })
		fine(p.d.t, err)
		return j
	}
	queuetest.Await(p.d.t, func() bool { return find().Status.Ended() }, func() any { return find() })
	return find()
}

func (p *member) wantCredits(spendable, held int64) {
	p.d.t.Helper()
	b, err := db.Ask(p.d.t.Context(), p.d.DB, func(tx *db.Tx) (ledger.Balance, error) {
		return ledger.BalanceOf(p.d.t.Context(), tx, ledger.Owner(p.Account.ID))
	})
	fine(p.d.t, err)
	if b.Spendable != spendable || b.Held != held {
		p.d.t.Errorf("%d credits and %d held, want %d and %d", b.Spendable, b.Held, spendable, held)
	}
}

func (s shown) want(status int) shown {
	s.t.Helper()
	if s.status != status {
		s.t.Fatalf("status %d, want %d: %.600s", s.status, status, s.text)
	}
	return s
}

// to is where the answer leads, after status 303.
func (s shown) to() string {
	s.t.Helper()
	s.want(http.StatusSeeOther)
	return s.header.Get("Location")
}

// one is the only element that matches, and its text.
func (s shown) one(selector string) (*html.Node, string) {
	s.t.Helper()
	found := all(s.root, selector)
	if len(found) != 1 {
		s.t.Fatalf("%d of %q in %s", len(found), selector, s.text)
	}
	return found[0], strings.Join(strings.Fields(words(found[0])), " ")
}

// says checks the text of the only element that matches.
func (s shown) says(selector, want string) {
	s.t.Helper()
	if _, got := s.one(selector); got != want {
		s.t.Errorf("%q says %q, want %q", selector, got, want)
	}
}

func (s shown) count(selector string, want int) {
	s.t.Helper()
	if n := len(all(s.root, selector)); n != want {
		s.t.Errorf("%d of %q, want %d", n, selector, want)
	}
}

func words(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := range n.ChildNodes() {
		b.WriteString(words(c))
	}
	return b.String()
}

func gradient(w, h int) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, color.NRGBA{uint8(x * 255 / w), uint8(y * 255 / h), 90, 255})
		}
	}
	return m
}

func jpegOf(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	fine(t, jpeg.Encode(&b, gradient(24, 16), &jpeg.Options{Quality: 85}))
	return b.String()
}

func pngOf(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	fine(t, png.Encode(&b, gradient(20, 30)))
	return b.String()
}
