package api

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"safelight/internal/account"
	"safelight/internal/blob/disk"
	"safelight/internal/catalog"
	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/edition"
	"safelight/internal/engine"
	"safelight/internal/i18n"
	"safelight/internal/lab"
	"safelight/internal/ledger"
	"safelight/internal/mail"
	"safelight/internal/obs"
	"safelight/internal/order"
	"safelight/internal/payment/sandbox"
	"safelight/internal/payment/stripe"
	"safelight/internal/policy"
	"safelight/internal/queue"
	"safelight/internal/serve"
	"safelight/internal/shop"
)

const base = "http://127.0.0.1:8080"

// proof is a small engine of these tests: it gives back what it gets, doubled.
type proof struct{}

func (proof) Name() string { return "proof" }

func (proof) Supports(op engine.Operation) bool { return op == engine.Upscale }

func (proof) Render(_ context.Context, r engine.Request) (engine.Result, error) {
	b := r.Image.Bounds()
	w, h := r.Output(b.Dx(), b.Dy())
	return engine.Result{Image: image.NewNRGBA(image.Rect(0, 0, w, h)), Engine: "proof", Model: "proof/1"}, nil
}

// A rig is the shipped shop with its API behind all of the middleware, on the
// sandbox through the real adapter.
type rig struct {
	t       testing.TB
	d       *db.DB
	api     *API
	people  *account.People
	site    *serve.Site
	handler http.Handler
}

// each runs test in a shop on each database.
func each(t *testing.T, test func(t *testing.T, g *rig)) {
	t.Helper()
	dbtest.Run(t, func(t *testing.T, d *db.DB) { test(t, newRig(t, d)) })
}

func newRig(t *testing.T, d *db.DB) *rig {
	t.Helper()
	if err := queue.Migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	c := Config{DB: d, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))}
	c.Shop = must(shop.Load("../../shops/opendream"))(t)
	c.Shop.Lab.MaxBytes = 1_000_000
	c.Catalog = must(catalog.Load(c.Shop))(t)
	c.Site = must(serve.New(serve.Config{BaseURL: base, Languages: c.Shop.Languages}, c.Log, obs.NewMetrics(), serve.ProblemJSON))(t)
	box := must(sandbox.New(t.Context(), d, sandbox.Config{URL: base}))(t)
	c.Processor = must(stripe.New(stripe.Config{Key: box.Key(), Webhook: box.WebhookSecret(), URL: box.API(),
		Client: &http.Client{Transport: box.Transport()}}))(t)
	letters := mail.Shop{Name: c.Shop.Title, BaseURL: base}
	c.Refunds.Shelf = must(edition.Open(t.Context(), edition.Config{DB: d, Files: os.DirFS(filepath.Join(c.Shop.Dir, "policy")),
		Load: func(files fs.FS) (policy.Set, error) { return policy.LoadFS(c.Shop, files) }, Letters: letters, Log: slog.New(slog.DiscardHandler)}))(t)
	c.Desk = order.Desk{Shop: c.Shop, Catalog: c.Catalog, Policies: c.Refunds.Shelf.Now, Processor: c.Processor.Identity(), BaseURL: base, Letters: letters}
	blobs := must(disk.Open(t.TempDir()))(t)
	t.Cleanup(func() { _ = blobs.Close() })
	c.Lab = must(lab.New(lab.Config{DB: d, Blobs: blobs, Catalog: c.Catalog, Limits: c.Shop.Lab, Engines: []lab.Offer{{Engine: proof{}}},
		Fetch: serve.NewOutboundClient(false), Spool: t.TempDir(), Log: c.Log}))(t)
	g := &rig{t: t, d: d, site: c.Site, api: New(c)}
	g.people = must(account.New(account.Config{BaseURL: base, Shop: c.Shop.Title, Cost: account.Cost{Memory: 64, Passes: 1, Lanes: 1},
		Letter:     func(context.Context, *db.Tx, account.Letter) error { return nil },
		Statements: func(context.Context, *db.Tx, i18n.Lang) ([]account.Statement, error) { return nil, nil }}, d))(t)
	g.handler = c.Site.Wrap(g.people.Identify(c.Site)(g.api.Handler()))
	return g
}

// must returns what a constructor made, or ends the test.
func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// A caller is a program with a token, or without.
type caller struct {
	*rig
	account account.Account
	token   string
}

// customer is somebody with credits.
func (g *rig) customer(email string, credits int64) *caller {
	g.t.Helper()
	a, _, err := g.people.Create(g.t.Context(), account.Create{Email: email})
	if err != nil {
		g.t.Fatal(err)
	}
	c := &caller{rig: g, account: a}
	g.do(func(tx *db.Tx) (err error) {
		if _, c.token, err = account.IssueToken(g.t.Context(), tx, a.ID, "test"); err != nil || credits == 0 {
			return err
		}
		_, err = ledger.Issue(g.t.Context(), tx, ledger.Cause{Owner: ledger.Owner(a.ID), Key: "grant:" + email},
			ledger.Grant{Class: ledger.Goodwill, Credits: credits})
		return err
	})
	return c
}

func (g *rig) nobody() *caller { return &caller{rig: g} }

func (g *rig) do(f func(tx *db.Tx) error) {
	g.t.Helper()
	if err := g.d.InTx(g.t.Context(), f); err != nil {
		g.t.Fatal(err)
	}
}

func (g *rig) count(query string) (n int) {
	g.t.Helper()
	if err := g.d.View(g.t.Context(), func(tx *db.Tx) error { return tx.QueryRow(g.t.Context(), query).Scan(&n) }); err != nil {
		g.t.Fatal(err)
	}
	return n
}

// send makes one call. Pairs are headers.
func (c *caller) send(method, path, body string, pairs ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(c.t.Context(), method, "/", strings.NewReader(body))
	if body == "" {
		r = httptest.NewRequestWithContext(c.t.Context(), method, "/", http.NoBody)
	}
	r.URL.Path, r.URL.RawQuery, _ = strings.Cut(path, "?")
	r.RequestURI = path
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i < len(pairs); i += 2 {
		r.Header.Set(pairs[i], pairs[i+1])
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	return w
}

// get makes a call that must be answered so, and gives what it says.
func (c *caller) want(status int, method, path, body string, pairs ...string) map[string]any {
	c.t.Helper()
	w := c.send(method, path, body, pairs...)
	if w.Code != status {
		c.t.Fatalf("%s %s: %d, want %d: %s", method, path, w.Code, status, w.Body)
	}
	if w.Body.Len() == 0 {
		return nil
	}
	var out map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		c.t.Fatalf("%s %s: %v in %s", method, path, err, w.Body)
	}
	return out
}

// refused makes a call that must be refused with this problem.
func (c *caller) refused(status int, code, method, path, body string, pairs ...string) map[string]any {
	c.t.Helper()
	w := c.send(method, path, body, pairs...)
	p := problemIn(c.t, method+" "+path, w)
	if w.Code != status || p["code"] != code {
		c.t.Errorf("%s %s: %d %v, want %d %s: %s", method, path, w.Code, p["code"], status, code, w.Body)
	}
	return p
}

func problemIn(t testing.TB, what string, w *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	var p map[string]any
	if w.Header().Get("Content-Type") != "application/problem+json" || json.Unmarshal(w.Body.Bytes(), &p) != nil {
		t.Errorf("%s: %d is no problem: %s: %.200s", what, w.Code, w.Header().Get("Content-Type"), w.Body)
		return nil
	}
	for _, name := range []string{"type", "title", "detail", "code", "request_id"} {
		if s, _ := p[name].(string); s == "" {
			t.Errorf("%s: the problem has no %s: %s", what, name, w.Body)
		}
	}
	if p["status"] != float64(w.Code) {
		t.Errorf("%s: the problem says %v, the answer %d", what, p["status"], w.Code)
	}
	return p
}

// upload sends a small picture and gives its id.
func (c *caller) upload() string {
	c.t.Helper()
	body, media := form("file", picture(c.t))
	return c.want(http.StatusCreated, "POST", "/api/v1/images", body, "Content-Type", media)["id"].(string)
}

func form(field string, data []byte) (body, media string) {
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	w, _ := m.CreateFormFile(field, "photo.png")
	_, _ = w.Write(data)
	_ = m.Close()
	return b.String(), m.FormDataContentType()
}

func picture(t testing.TB) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 12, 8))
	for i := range 96 {
		m.Set(i%12, i/12, color.NRGBA{uint8(i), uint8(2 * i), 90, 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func wish(image string) string {
	return `{"image_id":"` + image + `","operation":"upscale","scale":2,"model":"fast"}`
}
