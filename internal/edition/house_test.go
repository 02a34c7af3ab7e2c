package edition

import (
	"bytes"
	"context"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"safelight/internal/account"
	"safelight/internal/clock"
	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/i18n"
	"safelight/internal/mail"
	"safelight/internal/policy"
	"safelight/internal/queue/queuetest"
	"safelight/internal/shop"
)

var here = account.Client{IP: "203.0.113.7", UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}

// A house is a shop with its folder, its shelf and its people.
type house struct {
	*Shelf
	t      *testing.T
	shop   string
	d      *db.DB
	clock  *clock.Manual
	files  fstest.MapFS
	people *account.People
	log    bytes.Buffer
}

// run gives each test a house on either database.
func run(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	runAs(t, "opendream", test)
}

// runAs is run for another shop.
func runAs(t *testing.T, name string, test func(t *testing.T, h *house)) {
	t.Helper()
	queuetest.Run(t, func(t *testing.T, d *db.DB) {
		h := &house{t: t, d: d, shop: name, clock: dbtest.Clock(d), files: preset(t, name)}
		h.people = people(t, d)
		h.Shelf = h.open()
		test(t, h)
	})
}

func preset(t *testing.T, name string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	found, err := filepath.Glob("../../shops/" + name + "/policy/*.md")
	if err != nil || len(found) < 3 {
		t.Fatal(found, err)
	}
	for _, f := range found {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(f)] = &fstest.MapFile{Data: data}
	}
	return files
}

func people(t *testing.T, d *db.DB) *account.People {
	t.Helper()
	p, err := account.New(account.Config{BaseURL: "https://photos.example.com", Shop: "Opendream", Hashers: 2,
		Cost:       account.Cost{Memory: 64, Passes: 1, Lanes: 1},
		Letter:     func(context.Context, *db.Tx, account.Letter) error { return nil },
		Statements: func(context.Context, *db.Tx, i18n.Lang) ([]account.Statement, error) { return nil, nil }}, d)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// load reads a folder for the shop.
func load(t *testing.T, name string) Load {
	t.Helper()
	s, err := shop.Load("../../shops/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return func(files fs.FS) (policy.Set, error) { return policy.LoadFS(s, files) }
}

// open gives a shelf as another process would have it.
func (h *house) open() *Shelf {
	h.t.Helper()
	s, err := Open(h.t.Context(), Config{DB: h.d, Files: h.files, Load: load(h.t, h.shop),
		Letters: mail.Shop{Name: "Opendream", Contact: "support@example.com", BaseURL: "https://photos.example.com"},
		Log:     slog.New(slog.NewTextHandler(&h.log, nil))})
	h.must(err)
	return s
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) do(fn func(tx *db.Tx) error) error { return h.d.InTx(h.t.Context(), fn) }

var (
	versionLine   = regexp.MustCompile(`(?m)^version: .*$`)
	effectiveLine = regexp.MustCompile(`(?m)^effective: .*$`)
)

// revise writes another version of a document into the folder.
func (h *house) revise(name, version, sentence string) {
	h.t.Helper()
	for file, f := range maps.Clone(h.files) {
		if !strings.HasPrefix(file, name+".") {
			continue
		}
		text := versionLine.ReplaceAll(f.Data, []byte(`version: "`+version+`"`))
		text = effectiveLine.ReplaceAll(text, []byte("effective: "+version))
		h.files[file] = &fstest.MapFile{Data: append(bytes.Clone(text), []byte("\n"+sentence+"\n")...)}
	}
}

func (h *house) draft() Draft {
	h.t.Helper()
	d, err := Read(h.files, load(h.t, h.shop))
	h.must(err)
	return d
}

// publish publishes the folder, and has the shelf know it.
func (h *house) publish(how How) ([]Edition, error) {
	h.t.Helper()
	d := h.draft()
	all, err := db.Do(h.t.Context(), h.d, func(tx *db.Tx) ([]Edition, error) { return Publish(h.t.Context(), tx, d, how) })
	h.must(h.Refresh(h.t.Context()))
	return all, err
}

// post revises and publishes a document.
func (h *house) post(name, version string, material bool) Edition {
	h.t.Helper()
	h.revise(name, version, "This is the text of "+version+".")
	all, err := h.publish(How{Material: material, Note: "We have made it shorter.", By: "the operator"})
	h.must(err)
	if len(all) != 1 {
		h.t.Fatalf("%d editions, want one: %+v", len(all), all)
	}
	return all[0]
}

func (h *house) person(name string, l i18n.Lang) account.Account {
	h.t.Helper()
	a, _, err := h.people.Create(h.t.Context(), account.Create{Email: name + "@example.com", Password: "brass lantern over quiet tide", Lang: l})
	h.must(err)
	return a
}

func (h *house) consents(who account.ID) []account.Consent {
	h.t.Helper()
	all, err := db.Ask(h.t.Context(), h.d, func(tx *db.Tx) ([]account.Consent, error) { return account.Consents(h.t.Context(), tx, who) })
	h.must(err)
	return all
}

func (h *house) current(name string) *policy.Document {
	h.t.Helper()
	set, err := h.Current(h.t.Context())
	h.must(err)
	return set[name]
}

const day = 24 * time.Hour
