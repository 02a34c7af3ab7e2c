package refund_test

import (
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/edition"
	"safelight/internal/fact"
	"safelight/internal/mail"
	"safelight/internal/money"
	"safelight/internal/policy"
	"safelight/internal/refund"
	"safelight/internal/shop"
)

func preset(t *testing.T) (*shop.Shop, fstest.MapFS) {
	t.Helper()
	s, err := shop.Load("../../shops/neiroset")
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	found, _ := filepath.Glob(filepath.Join(s.Dir, "policy", "*.md"))
	for _, f := range found {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(f)] = &fstest.MapFile{Data: data}
	}
	return s, files
}

// edit replaces a text that stands in the file.
func edit(t *testing.T, files fstest.MapFS, file, old, new string) {
	t.Helper()
	text := string(files[file].Data)
	if !strings.Contains(text, old) {
		t.Fatalf("%q is not in %s", old, file)
	}
	files[file] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(text, old, new))}
}

// pass is bought at a moment and reported after two dark days.
func pass(t *testing.T, paid, at time.Time) *fact.Case {
	t.Helper()
	amount, ground, kind, rub, complete, tries, made := money.Of(100000, "RUB"), "outage", "pass", "RUB", true, int64(3), int64(10)
	from, to := at.Add(-50*time.Hour), at.Add(-2*time.Hour)
	c := &fact.Case{At: &at, Ground: &ground}
	c.Order = fact.Order{Kind: &kind, Currency: &rub, Amount: &amount, PaidAt: &paid, Captured: []fact.Capture{{ID: "ch_1", Amount: amount, At: paid}}}
	c.Outage = fact.Outage{From: &from, To: &to, Complete: &complete}
	c.Given.AccessAttempts, c.Pass.Generations = &tries, &made
	price, err := fact.Parse([]byte(`{"at":"2026-01-01T00:00:00Z","ground":"other","order":{"currency":"RUB"},"pass":{"token_price_now":"5.5"}}`))
	if err != nil {
		t.Fatal(err)
	}
	c.Pass.TokenPriceNow = price.Pass.TokenPriceNow
	return c
}

func TestTheVersionAtThePurchaseDecides(t *testing.T) {
	for _, later := range []string{"purchase", "better"} {
		t.Run(later, func(t *testing.T) {
			dbtest.Run(t, func(t *testing.T, d *db.DB) {
				s, files := preset(t)
				setting := settingOf(t, files, "pass_period")
				edit(t, files, "refund.md", settingOf(t, files, "later_version"), "later_version: "+later)
				load := func(f fs.FS) (policy.Set, error) { return policy.LoadFS(s, f) }
				shelf, err := edition.Open(t.Context(), edition.Config{DB: d, Files: files, Load: load,
					Letters: mail.Shop{Name: "x", Contact: "support@example.com", BaseURL: "https://photos.example.com"}, Log: slog.New(slog.DiscardHandler)})
				if err != nil {
					t.Fatal(err)
				}
				clock := dbtest.Clock(d)
				paid := clock.Now()
				clock.Advance(10 * 24 * time.Hour)
				// The shop becomes generous: a pass may be claimed for much longer.
				for _, f := range []string{"refund.md", "refund.en.md"} {
					data := string(files[f].Data)
					_, rest, _ := strings.Cut(data, `version: "`)
					edit(t, files, f, `version: "`+rest[:10]+`"`, `version: "2031-01-01"`)
				}
				edit(t, files, "refund.md", setting, "pass_period: 3000 days")
				edit(t, files, "refund.md", "\n## 5 ", latePass+"\n## 5 ")
				draft, err := edition.Read(dropExamples(files), load)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := db.Do(t.Context(), d, func(tx *db.Tx) ([]edition.Edition, error) {
					return edition.Publish(t.Context(), tx, draft, edition.How{By: "test"})
				}); err != nil {
					t.Fatal(err)
				}
				if err := shelf.Refresh(t.Context()); err != nil {
					t.Fatal(err)
				}
				clock.Advance(400 * 24 * time.Hour)
				got, err := refund.Desk{Shelf: shelf}.Decide(t.Context(), pass(t, paid, clock.Now()))
				if err != nil {
					t.Fatal(err)
				}
				want := map[string]policy.Outcome{"purchase": policy.Deny, "better": policy.Grant}[later]
				if got.Outcome != want || (got.Version == "2031-01-01") != (later == "better") {
					t.Errorf("%s by version %s, want %s", got.Outcome, got.Version, want)
				}
			})
		})
	}
}

// latePass shows that a pass of ten years ago is too late.
const latePass = "\n```case" + `
title: {ru: "Десять лет спустя"}
facts:
  at: 2036-03-04T09:00:00Z
  ground: outage
  order: {kind: pass, currency: RUB, amount: "1500.00", paid_at: 2026-03-01T10:00:00Z, captured: [{id: ch_1, amount: "1500.00", at: 2026-03-01T10:00:00Z}]}
  pass: {generations: 40, token_price_now: "12.50"}
  outage: {from: 2036-03-02T00:00:00Z, to: 2036-03-03T06:00:00Z, complete: true}
` + "```\n"

// settingOf is the line of a setting.
func settingOf(t *testing.T, files fstest.MapFS, name string) string {
	t.Helper()
	for _, line := range strings.Split(string(files["refund.md"].Data), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), name+":") {
			return strings.TrimSpace(line)
		}
	}
	t.Fatalf("there is no setting %s", name)
	return ""
}

// dropExamples leaves out what the examples expect: a draft may change it.
func dropExamples(files fstest.MapFS) fstest.MapFS {
	all := fstest.MapFS{}
	for name, f := range files {
		lines := slices.DeleteFunc(strings.Split(string(f.Data), "\n"), func(l string) bool { return strings.HasPrefix(l, "expect:") })
		all[name] = &fstest.MapFile{Data: []byte(strings.Join(lines, "\n"))}
	}
	return all
}

// recorded decides and records made-up cases, and returns the policy.
func recorded(t *testing.T, d *db.DB, n int) *policy.Document {
	t.Helper()
	set, err := policy.LoadShop("../../shops/neiroset")
	if err != nil {
		t.Fatal(err)
	}
	doc := set[policy.Refund]
	err = d.InTx(t.Context(), func(tx *db.Tx) error {
		for c := range doc.Sample(n, 5) {
			if _, err := refund.Record(t.Context(), tx, doc.Decide(c)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// draft is neiroset's refund policy, but a person looks at double charges.
func draft(t *testing.T) *policy.Document {
	t.Helper()
	s, files := preset(t)
	edit(t, files, "refund.md", "founded: excess > 0\ndecide: grant", "founded: excess > 0\ndecide: review")
	path := filepath.Join(t.TempDir(), "refund.md")
	if err := os.WriteFile(path, dropExamples(files)["refund.md"].Data, 0o600); err != nil {
		t.Fatal(err)
	}
	doc, _, err := policy.LoadDraft(s, policy.Refund, path)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestTheSameTextFlipsNothing(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		doc := recorded(t, d, 4321)
		r, err := refund.Replay(t.Context(), refund.Stored(t.Context(), d, time.Time{}), nil, doc, 10)
		if err != nil || r.Cases != 4321 || r.Flipped+r.Otherwise+r.Reworded+len(r.Changes) != 0 {
			t.Errorf("%v, %+v", err, r)
		}
	})
}

func TestAReplayComparesWithWhatWasDecided(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		doc := recorded(t, d, 3000)
		before := dbtest.Clock(d).Now()
		r, err := refund.Replay(t.Context(), refund.Stored(t.Context(), d, time.Time{}), nil, draft(t), 5)
		if err != nil || r.Flipped == 0 || len(r.Changes) != 5 || !r.Changes[0].Flips() {
			t.Fatalf("%v, %+v", err, r)
		}
		if r.Changes[0].Before.Outcome != policy.Grant || r.Changes[0].After.Outcome != policy.Review {
			t.Errorf("the draft turns %+v", r.Changes[0])
		}
		dbtest.Clock(d).Advance(time.Hour)
		none, err := refund.Replay(t.Context(), refund.Stored(t.Context(), d, before.Add(time.Minute)), nil, doc, 5)
		if err != nil || none.Cases != 0 {
			t.Errorf("%d cases since then, %v", none.Cases, err)
		}
	})
}

func TestTheSumsAreThoseOfTheCases(t *testing.T) {
	set, err := policy.LoadShop("../../shops/neiroset")
	if err != nil {
		t.Fatal(err)
	}
	now, new := set[policy.Refund], draft(t)
	cases := func(yield func(*fact.Case, error) bool) {
		for c := range now.Sample(5000, 9) {
			if !yield(c, nil) {
				return
			}
		}
	}
	r, err := refund.Replay(t.Context(), refund.Made(cases), now, new, 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	var before, after int64
	flipped := 0
	for c := range now.Sample(5000, 9) {
		x, y := now.Decide(c), new.Decide(c)
		if x.Outcome != y.Outcome {
			flipped++
		}
		if x.Outcome == policy.Grant && x.Amount != nil {
			before += x.Amount.Minor
		}
		if y.Outcome == policy.Grant && y.Amount != nil {
			after += y.Amount.Minor
		}
	}
	if m := r.Money["USD"]; m.Granted != before || m.GrantedAfter != after || r.Flipped != flipped || flipped == 0 || r.Cases != 5000 {
		t.Errorf("%+v %+v, the cases say %d to %d and %d flips", r, m, before, after, flipped)
	}
	if !slices.IsSortedFunc(r.Changes[:r.Flipped], func(a, b refund.Change) int { return strings.Compare(pad(a.ID), pad(b.ID)) }) {
		t.Error("the changes are not in the order of the cases")
	}
}

// pad makes "case 12" compare as a number.
func pad(id string) string { return strings.Repeat(" ", 20-len(id)) + id }
