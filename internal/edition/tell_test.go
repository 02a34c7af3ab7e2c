package edition

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/i18n"
	"safelight/internal/mail"
	"safelight/internal/policy"
	"safelight/internal/queue"
	"safelight/internal/queue/queuetest"
)

// letters are the messages by who got them.
func (h *house) letters() map[string][]mail.Sent {
	h.t.Helper()
	all, err := db.Ask(h.t.Context(), h.d, func(tx *db.Tx) ([]mail.Sent, error) {
		return mail.List(h.t.Context(), tx, mail.Filter{}, mail.Page{Limit: 1000})
	})
	h.must(err)
	by := map[string][]mail.Sent{}
	for _, m := range all {
		by[m.To] = append(by[m.To], m)
	}
	return by
}

func TestOD_P_8_AMaterialChangeIsMailedOnceToEveryActiveAccount(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		ids := make([]account.ID, 2*batch+7)
		for i := range ids {
			ids[i] = h.person(fmt.Sprint("p", i), i18n.Languages[i%3]).ID
		}
		h.must(h.do(func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE account SET verified_at = NULL WHERE id = $1`, ids[4])
			return errors.Join(err, account.Suspend(t.Context(), tx, ids[5], "a dispute"))
		}))
		h.clock.Advance(day)
		p := h.post(policy.Refund, "2026-02-25", true).Publication
		h.clock.Advance(day)
		h.person("late", i18n.English)

		// The first process writes some letters and is killed in the middle of
		// the next batch.
		texts, err := h.Shelf.letters(p)
		h.must(err)
		killed := errors.New("killed")
		for i := range 2 {
			err := h.do(func(tx *db.Tx) error {
				more, err := tellSome(t.Context(), tx, p, texts, h.Log)
				if err == nil && !more {
					t.Error("everybody was told at once")
				}
				if i == 1 {
					return killed
				}
				return err
			})
			if i == 1 && !errors.Is(err, killed) || i == 0 && err != nil {
				t.Fatal(err)
			}
		}
		if n := len(h.letters()); n != batch {
			t.Fatalf("%d letters before the restart", n)
		}

		other := h.open()
		queuetest.Start(t, h.d, other.Register)
		queuetest.Settle(t, h.d, tellKind)
		h.must(other.Tell(t.Context(), p)) // once more does nothing

		got := h.letters()
		if len(got) != len(ids)-2 {
			t.Errorf("%d people were told, want %d", len(got), len(ids)-2)
		}
		for to, all := range got {
			if len(all) != 1 || all[0].Class != mail.Transactional {
				t.Errorf("%s got %d letters, %s", to, len(all), all[0].Class)
			}
		}
		m := got["p1@example.com"][0]
		for _, want := range []string{"We have made it shorter.", "https://photos.example.com/refund/2026-02-25", "Lo que ya compraste", "al seguir usando"} {
			if m.Lang != i18n.Spanish || !strings.Contains(m.Text, want) {
				t.Errorf("%q is not in the letter:\n%s", want, m.Text)
			}
		}
		if strings.Contains(m.Subject+m.Text, "[edition.") {
			t.Error(m.Text)
		}
	})
}

func TestOD_P_5_2_WhoWantsNoNewsIsStillToldOfAChange(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		h.person("ana", i18n.English)
		h.must(h.do(func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO mail_suppression (address, reason, since) VALUES ('ana@example.com', 'unsubscribed', 0)`)
			return err
		}))
		h.clock.Advance(day)
		h.must(h.Tell(t.Context(), h.post(policy.Privacy, "2026-02-25", true).Publication))
		if m := h.letters()["ana@example.com"]; len(m) != 1 || m[0].Unsubscribe != "" {
			t.Errorf("%+v", m)
		}
	})
}

func TestTwoWorkersWhoTellTheSameTellItOnce(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		for i := range batch + 5 {
			h.person(fmt.Sprint("p", i), i18n.English)
		}
		h.clock.Advance(day)
		p := h.post(policy.Terms, "2026-02-25", true).Publication
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() { _ = h.Tell(t.Context(), p) }) // who comes second may fail, and is tried again
		}
		all.Wait()
		h.must(h.Tell(t.Context(), p))
		got := h.letters()
		for to, m := range got {
			if len(m) != 1 {
				t.Errorf("%s got %d letters", to, len(m))
			}
		}
		if len(got) != batch+5 {
			t.Errorf("%d people were told", len(got))
		}
	})
}

func TestAMailingThatWasGivenUpIsTakenUpAgain(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		h.person("ana", i18n.English)
		h.clock.Advance(day)
		h.post(policy.Terms, "2026-02-25", true)
		h.must(h.do(func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `DELETE FROM river_job`)
			return err
		}))
		queuetest.Start(t, h.d, func(q *queue.Queue) { h.Register(q) })
		queuetest.Await(t, func() bool { return len(h.letters()) == 1 }, func() any { return h.letters() })
	})
}

func TestASmallChangeIsMailedToNobody(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		h.person("ana", i18n.English)
		h.clock.Advance(day)
		h.post(policy.Terms, "2026-02-25", false)
		queuetest.Start(t, h.d, func(q *queue.Queue) { h.Register(q) })
		queuetest.Settle(t, h.d)
		if h.count("edition_mailing") != 0 || len(h.letters()) != 0 {
			t.Error("somebody was told")
		}
	})
}

func TestOneLetterTellsOfAllThatWasPublishedTogether(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		h.person("ana", i18n.Russian)
		h.clock.Advance(day)
		for _, name := range policy.Names {
			h.revise(name, "2026-04-01", "Новое.")
		}
		all, err := h.publish(How{Material: true})
		h.must(err)
		h.must(h.Tell(t.Context(), all[0].Publication))
		m := h.letters()["ana@example.com"]
		if len(m) != 1 || len(all) != 3 {
			t.Fatalf("%d letters of %d editions", len(m), len(all))
		}
		for _, e := range all {
			if !strings.Contains(m[0].Text, e.Path()) || !strings.Contains(m[0].Text, "с 1 апреля 2026") {
				t.Errorf("%s is not told:\n%s", e.Name, m[0].Text)
			}
		}
	})
}
