package edition

import (
	"bytes"
	"errors"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"safelight/internal/db"
	"safelight/internal/i18n"
	"safelight/internal/policy"
)

func (h *house) count(table string) (n int) {
	h.t.Helper()
	h.must(h.d.View(h.t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(h.t.Context(), `SELECT count(*) FROM `+table).Scan(&n)
	}))
	return n
}

func TestAVersionIsOneTextForEver(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		before := h.current(policy.Refund)
		if all, err := h.publish(How{Material: true}); err != nil || len(all) != 0 {
			t.Errorf("an unchanged folder: %v, %v", all, err)
		}
		h.revise(policy.Refund, before.Version, "One more sentence.")
		if _, err := h.publish(How{}); !errors.Is(err, ErrVersionTaken) || !strings.Contains(i18n.For(i18n.English).Error(err), before.Version) {
			t.Errorf("other bytes under the same version: %v", err)
		}
		if h.count("edition") != 3 || h.count("edition_publication") != 1 || h.current(policy.Refund).Hash != before.Hash {
			t.Error("a refused text left something")
		}
	})
}

func TestAnOlderVersionIsNotPublished(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		h.post(policy.Terms, "2026-06-01", false)
		h.revise(policy.Terms, "2026-05-31", "Back again.")
		h.revise(policy.Refund, "2026-06-01", "And this one is new.")
		if _, err := h.publish(How{}); !errors.Is(err, ErrOlder) {
			t.Errorf("an older version: %v", err)
		}
		if h.count("edition") != 4 {
			t.Error("half of it was published")
		}
	})
}

func TestManyProcessesPublishTheFirstEditionsOnce(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		for _, table := range []string{"edition_page", "edition_file", "edition", "edition_publication", "edition_head"} {
			h.must(h.do(func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), `DELETE FROM `+table)
				return err
			}))
		}
		d := h.draft()
		var all sync.WaitGroup
		wrong := make(chan error, 8)
		for range 8 {
			all.Go(func() {
				_, err := db.Do(t.Context(), h.d, func(tx *db.Tx) ([]Edition, error) { return First(t.Context(), tx, d, "first start") })
				wrong <- err
			})
		}
		all.Wait()
		close(wrong)
		for err := range wrong {
			h.must(err)
		}
		if h.count("edition") != 3 || h.count("edition_publication") != 1 || h.count("edition_mailing") != 0 {
			t.Errorf("%d editions of %d publications", h.count("edition"), h.count("edition_publication"))
		}
	})
}

func TestOD_R_6_AChangeTakesEffectWhenItIsPosted(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		before := h.current(policy.Refund)
		h.revise(policy.Refund, "2026-02-28", "This is new.")
		other := h.open()
		if set, err := other.Current(t.Context()); err != nil || set[policy.Refund].Hash != before.Hash {
			t.Errorf("a text that nobody posted is in force: %v", err)
		}
		if !strings.Contains(h.log.String(), "safelight policy publish") || !strings.Contains(h.log.String(), "folder=2026-02-28") {
			t.Errorf("nobody is told: %s", h.log.String())
		}
		h.clock.Advance(time.Hour)
		all, err := h.publish(How{By: "the operator"})
		if err != nil || len(all) != 1 || !all[0].InForce.Equal(h.clock.Now()) {
			t.Fatalf("%+v, %v", all, err)
		}
		h.must(other.Refresh(t.Context()))
		set, err := other.Current(t.Context())
		if err != nil || set[policy.Refund].Version != "2026-02-28" || set[policy.Refund].Hash != all[0].Hash {
			t.Errorf("what was posted is not in force in another process: %v", err)
		}
		if was, err := h.At(t.Context(), policy.Refund, h.clock.Now().Add(-time.Microsecond)); err != nil || was.Hash != before.Hash {
			t.Errorf("a moment before: %v", err)
		}
	})
}

func TestWN_7_ATextThatNamesALaterDayTakesEffectOnIt(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		before := h.current(policy.Privacy).Hash
		later := h.post(policy.Privacy, "2026-03-11", true)
		if h.current(policy.Privacy).Hash != before {
			t.Error("it is in force before its day")
		}
		h.clock.Advance(9*day + 14*time.Hour - time.Microsecond)
		if h.current(policy.Privacy).Hash != before {
			t.Error("it is in force a moment before its day")
		}
		h.clock.Advance(time.Microsecond)
		if h.current(policy.Privacy).Hash != later.Hash {
			t.Error("it is not in force on its day")
		}
	})
}

func TestWhatWasInForceCanBeReadLater(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		first := h.current(policy.Refund)
		moments, hashes := []time.Time{h.clock.Now()}, []string{first.Hash}
		for _, version := range []string{"2026-02-25", "2026-02-26", "2026-02-27"} {
			h.clock.Advance(day)
			hashes = append(hashes, h.post(policy.Refund, version, false).Hash)
			moments = append(moments, h.clock.Now())
		}
		s := h.open() // a process that starts now has parsed the newest alone
		all, err := s.All(t.Context(), policy.Refund)
		if err != nil || len(all) != 4 || all[0].Version != "2026-02-27" || all[3].Hash != first.Hash {
			t.Fatalf("%+v, %v", all, err)
		}
		for i, at := range moments {
			d, err := s.At(t.Context(), policy.Refund, at.Add(time.Hour))
			if err != nil || d.Hash != hashes[i] {
				t.Errorf("at %s: %v", at, err)
			}
			same, err := s.ByHash(t.Context(), hashes[i])
			if err != nil || same.Version != d.Version || !same.Effective.Equal(d.Effective) {
				t.Errorf("by hash: %v", err)
			}
		}
		if d, err := s.At(t.Context(), policy.Refund, moments[0].Add(-100*day)); err != nil || d.Hash != first.Hash {
			t.Errorf("before there was one: %v", err)
		}
		if _, err := s.Version(t.Context(), policy.Refund, "2020-01-01"); !errors.Is(err, policy.ErrUnknown) {
			t.Errorf("a version that never was: %v", err)
		}
		if _, err := s.Page(t.Context(), "imprint", "2020-01-01", i18n.English); !errors.Is(err, policy.ErrUnknown) {
			t.Errorf("a document that never was: %v", err)
		}
		p, err := s.Page(t.Context(), policy.Refund, "2026-02-25", i18n.Spanish)
		if err != nil || p.Lang != i18n.Spanish || !strings.Contains(p.HTML, "This is the text of 2026-02-25.") || p.Hash != digest([]byte(p.HTML)) {
			t.Errorf("the page: %+v, %v", p, err)
		}
		bytesOf, err := s.Bytes(t.Context(), all[0])
		if err != nil || !bytes.Equal(bytesOf["refund.md"], h.files["refund.md"].Data) || digest(bytesOf["refund.md"]) != all[0].PrevailingHash {
			t.Errorf("the bytes are not those of the folder: %v", err)
		}
	})
}

func TestAnEditionThatNoLongerParsesIsStillShown(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		h.post(policy.Refund, "2026-02-25", false)
		h.post(policy.Refund, "2026-02-26", false)
		c := h.Config
		c.Load = func(files fs.FS) (policy.Set, error) {
			if text, _ := fs.ReadFile(files, "refund.md"); strings.Contains(string(text), `version: "2026-02-25"`) {
				return nil, errors.New("refund.md:7: no longer understood")
			}
			return load(t, h.shop)(files)
		}
		s, err := Open(t.Context(), c)
		h.must(err)
		if _, err := s.Version(t.Context(), policy.Refund, "2026-02-25"); !errors.Is(err, ErrUnreadable) {
			t.Errorf("got %v", err)
		}
		p, err := s.Page(t.Context(), policy.Refund, "2026-02-25", i18n.Russian)
		if err != nil || !strings.Contains(p.HTML, "This is the text of 2026-02-25.") {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

func TestATextThatIsNoTextIsRefused(t *testing.T) {
	files := preset(t, "opendream")
	files["terms.md"] = &fstest.MapFile{Data: append(files["terms.md"].Data, 0xff)}
	if _, err := Read(files, load(t, "opendream")); !errors.Is(err, ErrText) {
		t.Errorf("got %v", err)
	}
}

func TestAChangedByteIsFound(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		h.clock.Advance(day)
		h.post(policy.Refund, "2026-02-25", true)
		if r, err := Verify(t.Context(), h.d); err != nil || r.Texts < 16 {
			t.Fatalf("%s, %v", r, err)
		}
		for _, c := range []struct{ name, statement, names string }{
			{"a word of a text", `UPDATE edition_file SET bytes = replace(bytes, 'agree', 'aggree') WHERE file = 'refund.md'`, "edition_file 2026-02-2"},
			{"a page", `UPDATE edition_page SET html = html || ' ' WHERE lang = 'es'`, "edition_page"},
			{"a page with its hash", `UPDATE edition_page SET html = '', hash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'`, "not as it was published"},
			{"a statement", `UPDATE edition_page SET statement = 'I give up all my rights.' WHERE statement <> ''`, "not as it was published"},
			{"when it took effect", `UPDATE edition SET in_force_at = in_force_at - 1 WHERE number = 2`, "edition refund 2026-02-25"},
			{"whether it mattered", `UPDATE edition_publication SET material = 0`, "not as it was published"},
			{"a language less", `DELETE FROM edition_file WHERE file = 'terms.es.md'`, "edition terms"},
			{"the newest forgotten", `UPDATE edition_head SET number = 1, seal = (SELECT seal FROM edition WHERE name = 'refund' AND number = 1) WHERE name = 'refund'`, "missing"},
		} {
			var found error
			undo := errors.New("undo")
			err := h.do(func(tx *db.Tx) error {
				if _, err := tx.Exec(t.Context(), c.statement); err != nil {
					return err
				}
				_, found = verifyTexts(t.Context(), tx)
				return undo
			})
			if !errors.Is(err, undo) || !errors.Is(found, ErrBroken) || !strings.Contains(found.Error(), c.names) {
				t.Errorf("%s: got %v, want one that says %q (%v)", c.name, found, c.names, err)
			}
		}
	})
}

func TestNS_10_EveryVersionKeepsItsAddress(t *testing.T) {
	runAs(t, "neiroset", func(t *testing.T, h *house) {
		first := h.current(policy.Refund)
		for _, version := range []string{"2026-02-25", "2026-02-26"} {
			h.clock.Advance(day)
			h.post(policy.Refund, version, false)
		}
		for _, version := range []string{first.Version, "2026-02-25", "2026-02-26"} {
			e, err := h.Find(policy.Refund, version)
			if err != nil || e.Path() != "/refund/"+version {
				t.Errorf("%s: %+v, %v", version, e, err)
			}
			if p, err := h.Page(t.Context(), policy.Refund, version, i18n.English); err != nil || p.Lang != i18n.English {
				t.Errorf("%s: %v", version, err)
			}
		}
		if h.current(policy.Refund).Version != "2026-02-26" {
			t.Error("the current one is not the newest")
		}
	})
}

func TestAFolderInMemoryIsAFileSystem(t *testing.T) {
	f := folder{"a.md": []byte("a"), "b.md": {}}
	if err := fstest.TestFS(f, "a.md", "b.md"); err != nil {
		t.Error(err)
	}
}

func TestTheNewestOfThoseWhoseDayHasComeCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		days := rapid.SliceOfN(rapid.IntRange(0, 20), 1, 8).Draw(t, "days")
		all := make([]Edition, len(days))
		for i, d := range days {
			all[len(days)-1-i] = Edition{Number: int64(i + 1), InForce: start.Add(time.Duration(d) * day)}
		}
		at := start.Add(time.Duration(rapid.IntRange(-1, 21).Draw(t, "at")) * day)
		want := int64(1)
		for i, d := range days {
			if !start.Add(time.Duration(d) * day).After(at) {
				want = int64(i + 1)
			}
		}
		if got, ok := inForce(all, at); !ok || got.Number != want {
			t.Fatalf("%d, want %d", got.Number, want)
		}
	})
}
