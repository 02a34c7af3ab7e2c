package account

import (
	"context"
	"net/url"
	"sync"
	"testing"

	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/i18n"
)

const (
	good    = "brass lantern over quiet tide"
	another = "seven copper kites in autumn"
	ana     = "Ana@example.com"
)

var here = Client{IP: "203.0.113.7", UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}

var documents = []Document{
	{Name: "terms", Version: "2026-02-20", Hash: "aa11", Prevailing: "bb22"},
	{Name: "privacy", Version: "2026-02-20", Hash: "cc33", Prevailing: "dd44"},
}

// A house is the people of a shop with the letters that they got.
type house struct {
	*People
	t        *testing.T
	mu       sync.Mutex
	letters  map[string]Letter
	order    []string
	transfer string
}

func open(t *testing.T, d *db.DB) *house {
	t.Helper()
	h := &house{t: t, letters: map[string]Letter{}}
	p, err := New(Config{
		BaseURL: "https://photos.example.com", Shop: "Opendream", Hashers: 4, Cost: Cost{Memory: 64, Passes: 1, Lanes: 1},
		Letter: func(_ context.Context, _ *db.Tx, l Letter) error {
			h.mu.Lock()
			defer h.mu.Unlock()
			if _, twice := h.letters[l.Key]; !twice {
				h.order = append(h.order, l.Key)
			}
			h.letters[l.Key] = l
			return nil
		},
		Statements: func(_ context.Context, _ *db.Tx, lang i18n.Lang) ([]Statement, error) {
			return Statements(i18n.For(lang), documents, h.transfer), nil
		},
		OnVerified: func(ctx context.Context, tx *db.Tx, a Account) error { // kept in tx, for a closure may run again
			return Record(ctx, tx, "", What("told "+a.ID), here)
		},
	}, d)
	if err != nil {
		t.Fatal(err)
	}
	h.People = p
	return h
}

// run gives each test a house on either database.
func run(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	dbtest.Run(t, func(t *testing.T, d *db.DB) { test(t, open(t, d)) })
}

func allTicked() map[string]bool {
	return map[string]bool{ControlAdult: true, ControlTerms: true, ControlTransfer: true}
}

func (h *house) form(email string) SignUp {
	return SignUp{Email: email, Password: good, Lang: i18n.English, Ticked: allTicked(), Client: here}
}

func (h *house) do(fn func(tx *db.Tx) error) error { return h.db.InTx(h.t.Context(), fn) }

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) letterCount() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.order)
}

func (h *house) last() Letter {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.order) == 0 {
		h.t.Fatal("no letter was written")
	}
	return h.letters[h.order[len(h.order)-1]]
}

func (h *house) token() string {
	h.t.Helper()
	u, err := url.Parse(h.last().URL)
	h.must(err)
	return u.Query().Get("token")
}

func (h *house) verify(token string) (a Account, err error) {
	return db.Do(h.t.Context(), h.db, func(tx *db.Tx) (Account, error) { return h.Verify(h.t.Context(), tx, token, here) })
}

// member signs somebody up and proves the address.
func (h *house) member(email string) Account {
	h.t.Helper()
	h.must(h.SignUp(h.t.Context(), h.form(email)))
	a, err := h.verify(h.token())
	h.must(err)
	return a
}

func (h *house) enter(email, password string) (Session, error) {
	return h.SignIn(h.t.Context(), SignIn{Email: email, Password: password, Client: here})
}

func (h *house) session(email string) Session {
	h.t.Helper()
	s, err := h.enter(email, good)
	h.must(err)
	return s
}

func (h *house) ask(fn func(tx *db.Tx) error) error { return h.db.View(h.t.Context(), fn) }

// verified are the accounts of which the shop was told.
func (h *house) verified() []ID {
	all, err := db.Ask(h.t.Context(), h.db, func(tx *db.Tx) ([]ID, error) {
		return db.All(h.t.Context(), tx, db.One[ID], `SELECT SUBSTR(what, 6) FROM account_event WHERE what LIKE 'told %'`)
	})
	h.must(err)
	return all
}
