package web

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"safelight/internal/account"
	"safelight/internal/blob/disk"
	"safelight/internal/catalog"
	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/edition"
	"safelight/internal/engine/onboard"
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

const (
	base         = "http://127.0.0.1:8080"
	sandboxToken = "let me in"
	secret       = "four small wooden bowls"
)

// A rig is the shipped shop with its pages, on the sandbox through the real
// adapter.
type rig struct {
	t       *testing.T
	d       *db.DB
	pages   *Server
	people  *account.People
	box     *sandbox.Server
	handler http.Handler
}

// each runs test in a shop on each database.
func each(t *testing.T, test func(t *testing.T, g *rig)) {
	t.Helper()
	dbtest.Run(t, func(t *testing.T, d *db.DB) { test(t, newRig(t, d)) })
}

func newRig(t *testing.T, d *db.DB) *rig { t.Helper(); return openRig(t, d, "opendream") }

// openRig is a rig of one of the shipped shops.
func openRig(t *testing.T, d *db.DB, name string) *rig {
	t.Helper()
	if err := queue.Migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	g := &rig{t: t, d: d}
	c := Config{DB: d, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})), Uploads: "/api/v1/uploads/",
		Describe: func() ([]byte, error) { return []byte(description), nil }}
	c.Shop = must(shop.Load("../../shops/" + name))(t)
	c.Catalog = must(catalog.Load(c.Shop))(t)
	c.Shelf = shelf(t, d, c.Shop)
	c.Site = must(serve.New(serve.Config{BaseURL: base, Languages: c.Shop.Languages}, c.Log, obs.NewMetrics(),
		func(w http.ResponseWriter, r *http.Request, p serve.Problem) { g.pages.Problem(w, r, p) }))(t)
	g.box = must(sandbox.New(t.Context(), d, sandbox.Config{URL: base, Token: sandboxToken}))(t)
	c.Processor = must(stripe.New(stripe.Config{Key: g.box.Key(), Webhook: g.box.WebhookSecret(), URL: g.box.API(),
		Client: &http.Client{Transport: g.box.Transport()}}))(t)
	letters := mail.Shop{Name: c.Shop.Title, Contact: c.Shop.Contact.Support, BaseURL: base, Accent: c.Shop.Look.Accent}
	c.Desk = order.Desk{Shop: c.Shop, Catalog: c.Catalog, Policies: c.Shelf.Now, Processor: c.Processor.Identity(), BaseURL: base, Letters: letters}
	c.Settle = order.Settle(c.Desk)
	c.People = must(account.New(account.Config{BaseURL: base, Shop: c.Shop.Title, Letter: writer(letters), Statements: statements,
		OnVerified: g.welcome, Cost: account.Cost{Memory: 64, Passes: 1, Lanes: 1}}, d))(t)
	engine := must(onboard.New(onboard.Config{Threads: 1}))(t)
	c.Lab = must(lab.New(lab.Config{DB: d, Blobs: must(disk.Open(t.TempDir()))(t), Catalog: c.Catalog, Limits: c.Shop.Lab,
		Engines: []lab.Offer{{Engine: engine}}, Log: c.Log}))(t)
	g.people, g.pages = c.People, New(c)
	mux := http.NewServeMux()
	mux.Handle("/sandbox/", g.box)
	mux.Handle("GET /sandbox/mail", g.pages.Mailbox(sandboxToken))
	mux.Handle("GET /sandbox/mail/", g.pages.Mailbox(sandboxToken))
	mux.Handle("/", c.People.Identify(c.Site)(g.pages))
	g.handler = c.Site.Wrap(mux)
	return g
}

// shelf publishes what the shop's folder says.
func shelf(t *testing.T, d *db.DB, s *shop.Shop) *edition.Shelf {
	t.Helper()
	return must(edition.Open(t.Context(), edition.Config{DB: d, Files: os.DirFS(filepath.Join(s.Dir, "policy")),
		Load: func(files fs.FS) (policy.Set, error) { return policy.LoadFS(s, files) }, Letters: mail.Shop{Name: s.Title, BaseURL: base},
		Log: slog.New(slog.DiscardHandler)}))(t)
}

// must returns what a constructor made, or ends the test.
func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func writer(letters mail.Shop) func(ctx context.Context, tx *db.Tx, l account.Letter) error {
	return func(ctx context.Context, tx *db.Tx, l account.Letter) error {
		text, page := mail.Compose(i18n.For(l.Lang), mail.Letter{Subject: l.Subject, Paragraphs: l.Text,
			Button: mail.Button{Label: l.Action, URL: l.URL}, Shop: letters})
		return mail.Send(ctx, tx, mail.Message{Key: l.Key, To: l.To, Class: mail.Transactional, Lang: l.Lang, Subject: l.Subject, Text: text, HTML: page})
	}
}

func statements(_ context.Context, _ *db.Tx, l i18n.Lang) ([]account.Statement, error) {
	return account.Statements(i18n.For(l), []account.Document{{Name: "terms"}, {Name: "privacy"}, {Name: "refund"}}, ""), nil
}

func (g *rig) welcome(ctx context.Context, tx *db.Tx, a account.Account) error {
	_, err := ledger.Issue(ctx, tx, ledger.Cause{Owner: ledger.Owner(a.ID), Key: "welcome:" + string(a.ID), Source: "registration"},
		ledger.Grant{Class: ledger.Promotional, Credits: 3, Expires: tx.Now().Add(30 * 24 * time.Hour)})
	return err
}

// A person is a browser without scripts: it keeps cookies and follows nothing
// by itself.
type person struct {
	*rig
	cookies map[string]string
	header  http.Header
	account account.Account
}

// stranger is somebody who has not signed in.
func (g *rig) stranger() *person {
	return &person{rig: g, cookies: map[string]string{}, header: http.Header{}}
}

// customer is somebody who has signed in.
func (g *rig) customer(email string) *person {
	g.t.Helper()
	a, _, err := g.people.Create(g.t.Context(), account.Create{Email: email, Password: secret, Lang: i18n.English})
	if err != nil {
		g.t.Fatal(err)
	}
	p := g.stranger()
	p.account = a
	p.post("/sign-in", url.Values{"email": {email}, "password": {secret}}).leads(startPath)
	return p
}

// An answer is what came back, as a tree when it is a page.
type answer struct {
	t    *testing.T
	path string
	*httptest.ResponseRecorder
	root *html.Node
}

func (p *person) get(path string) answer { p.t.Helper(); return p.send(http.MethodGet, path, nil) }

func (p *person) post(path string, f url.Values) answer {
	p.t.Helper()
	return p.send(http.MethodPost, path, strings.NewReader(f.Encode()))
}

func (p *person) send(method, path string, body io.Reader) answer {
	p.t.Helper()
	r := httptest.NewRequestWithContext(p.t.Context(), method, base+strings.TrimPrefix(path, base), body)
	r.RemoteAddr = "127.0.0.1:4711"
	for name, all := range p.header {
		r.Header[name] = all
	}
	if body != nil && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range p.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	a := answer{t: p.t, path: path, ResponseRecorder: httptest.NewRecorder()}
	p.handler.ServeHTTP(a, r)
	for _, c := range a.Result().Cookies() {
		p.cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(p.cookies, c.Name)
		}
	}
	if a.isPage() {
		a.isSound()
	}
	return a
}

// isPage reports whether it is one of our own.
func (a answer) isPage() bool {
	redirect := a.Code >= 300 && a.Code < 400
	letter := strings.HasPrefix(a.Header().Get("Content-Security-Policy"), "sandbox")
	return strings.HasPrefix(a.Header().Get("Content-Type"), "text/html") && !redirect && !letter
}

// isSound checks what every page must be.
func (a *answer) isSound() {
	a.t.Helper()
	var err error
	if a.root, err = html.ParseWithOptions(bytes.NewReader(a.Body.Bytes()), html.ParseOptionEnableScripting(false)); err != nil {
		a.t.Fatal(err)
	}
	wordsAreThere(a.t, a.Body.String(), a.root)
	nothingIsInline(a.t, a.root)
	headingsAreInOrder(a.t, a.root)
	controlsAreNamed(a.t, a.root)
	idsAreUnique(a.t, a.root)
}

func (a answer) is(status int) answer {
	a.t.Helper()
	if a.Code != status {
		a.t.Fatalf("%s: %d, not %d: %s", a.path, a.Code, status, a.text("main"))
	}
	return a
}

// leads checks that the answer leads on to path.
func (a answer) leads(path string) answer {
	a.t.Helper()
	a.is(http.StatusSeeOther)
	if got := a.Header().Get("Location"); got != path {
		a.t.Fatalf("%s leads to %s, not to %s", a.path, got, path)
	}
	return a
}

// text is that of all that the selector finds.
func (a answer) text(selector string) string {
	var b strings.Builder
	if a.root == nil {
		return a.Body.String()
	}
	for _, n := range all(a.root, selector) {
		for d := range n.Descendants() {
			if d.Type == html.TextNode {
				b.WriteString(d.Data)
			}
		}
		b.WriteString("\n")
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func (a answer) says(selector string, words ...string) answer {
	a.t.Helper()
	text := a.text(selector)
	for _, w := range words {
		if !strings.Contains(text, w) {
			a.t.Errorf("%s: %s does not say %q but %q", a.path, selector, w, text)
		}
	}
	return a
}

func (a answer) has(selector string) answer {
	a.t.Helper()
	if a.root == nil || len(all(a.root, selector)) == 0 {
		a.t.Fatalf("%s has no %s: %s", a.path, selector, a.text("main"))
	}
	return a
}

func (a answer) lacks(selector string) answer {
	a.t.Helper()
	if n := all(a.root, selector); len(n) > 0 {
		a.t.Errorf("%s has %s: %s", a.path, selector, a.text(selector))
	}
	return a
}

// at is an attribute of the first that the selector finds.
func (a answer) at(selector, name string) string {
	a.t.Helper()
	a.has(selector)
	return attr(all(a.root, selector)[0], name)
}

// filled is the form as a browser would send it: what stands in its fields.
func (a answer) filled(selector string) url.Values {
	a.t.Helper()
	a.has(selector)
	f := url.Values{}
	for _, n := range all(a.root, selector+" input[name]") {
		kind := attr(n, "type")
		if kind == "checkbox" || kind == "radio" {
			continue
		}
		f.Set(attr(n, "name"), attr(n, "value"))
	}
	return f
}

// mails are the letters to an address, the newest first.
func (g *rig) mails(to string) []letterFile {
	g.t.Helper()
	p := g.stranger()
	p.header.Set("Accept", "application/json")
	var all, own []letterFile
	if err := json.Unmarshal(p.get("/sandbox/mail").is(200).Body.Bytes(), &all); err != nil {
		g.t.Fatal(err)
	}
	for _, m := range all {
		if m.To == to {
			own = append(own, m)
		}
	}
	return own
}

// link is the address in the newest letter to somebody that leads to path.
func (g *rig) link(to, path string) string {
	g.t.Helper()
	for _, m := range g.mails(to) {
		for _, part := range paragraphs(m.Text) {
			for _, l := range part {
				if strings.HasPrefix(l.URL, base+path) {
					return strings.TrimPrefix(l.URL, base)
				}
			}
		}
	}
	g.t.Fatalf("no letter to %s has a link to %s", to, path)
	return ""
}

const description = `{"paths": {
	"/api/v1/me": {"get": {"tags": ["Account"], "summary": "Who the token belongs to"}},
	"/api/v1/orders": {"parameters": [], "get": {"tags": ["Orders"], "summary": "Your orders"}},
	"/api/v1/checkout": {"post": {"tags": ["Orders"], "summary": "Order a pack", "description": "Takes an Idempotency-Key."}}}}`
