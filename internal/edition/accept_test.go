package edition

import (
	"strings"
	"sync"
	"testing"
	"time"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/i18n"
	"safelight/internal/policy"
)

func TestOD_R_0_TheFirstUseIsKept(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		ana := h.person("ana", i18n.Spanish)
		h.must(h.Continue(t.Context(), ana, here))
		got := h.consents(ana.ID)
		if len(got) != 3 {
			t.Fatalf("%d proofs, want one a document: %+v", len(got), got)
		}
		for _, c := range got {
			d := h.current(c.Document.Name)
			want := account.Document{Name: d.Name, Version: d.Version, Hash: d.Hash, Prevailing: string(d.Prevailing),
				PrevailingHash: digest(h.files[d.Name+".md"].Data)}
			if c.Document != want || c.Control != account.ControlContinuedUse || c.Client != here || c.Lang != i18n.Spanish ||
				!c.At.Equal(h.clock.Now()) || !strings.Contains(c.Text, "al seguir usando") || !strings.Contains(c.Text, d.In(i18n.Spanish).Title) {
				t.Errorf("%+v", c)
			}
		}
	})
}

func TestOD_R_6_GoingOnUsingTheServiceIsAcceptance(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		ana := h.person("ana", i18n.English)
		h.must(h.Continue(t.Context(), ana, here))
		changed := h.post(policy.Refund, "2026-02-25", true)
		other := h.open()
		var all sync.WaitGroup
		for i := range 20 {
			s := []*Shelf{h.Shelf, other}[i%2]
			all.Go(func() {
				if err := s.Continue(t.Context(), ana, here); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		got := h.consents(ana.ID)
		if len(got) != 4 || got[3].Document.Hash != changed.Hash {
			t.Fatalf("%d proofs, want one more: %+v", len(got), got)
		}
		h.clock.Advance(time.Hour)
		h.must(h.open().Continue(t.Context(), ana, here)) // a process that knows nobody
		if n := len(h.consents(ana.ID)); n != 4 {
			t.Errorf("%d proofs after a restart", n)
		}
		h.must(account.SealAllConsents(t.Context(), h.d))
		if r, err := Verify(t.Context(), h.d); err != nil || r.Consents != 4 || r.Unsealed != 0 {
			t.Errorf("%s, %v", r, err)
		}
	})
}

func TestOD_P_0_WhatWasAcceptedAtSignUpIsNotAskedAgain(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		ana := h.person("ana", i18n.English)
		for _, name := range []string{policy.Terms, policy.Privacy} {
			h.must(h.do(func(tx *db.Tx) error {
				return Accept(t.Context(), tx, ana.ID, h.current(name), account.Consent{Control: account.ControlTerms, Text: "I accept.", Lang: i18n.English, Client: here})
			}))
		}
		h.must(h.Continue(t.Context(), ana, here))
		controls := map[string]string{}
		for _, c := range h.consents(ana.ID) {
			controls[c.Document.Name] += c.Control
		}
		if len(controls) != 3 || controls[policy.Terms] != account.ControlTerms || controls[policy.Privacy] != account.ControlTerms ||
			controls[policy.Refund] != account.ControlContinuedUse {
			t.Errorf("%v", controls)
		}
	})
}

func TestWN_7_AcceptanceByUseIsNotAssumed(t *testing.T) {
	runAs(t, "winno", func(t *testing.T, h *house) {
		ana := h.person("ana", i18n.English)
		h.must(h.Continue(t.Context(), ana, here))
		h.clock.Advance(day)
		p := h.post(policy.Terms, "2026-02-25", true)
		h.must(h.Continue(t.Context(), ana, here))
		h.must(h.Tell(t.Context(), p.Publication))
		if got := h.consents(ana.ID); len(got) != 0 {
			t.Errorf("%+v", got)
		}
		letter := h.letters()["ana@example.com"][0].Text
		if strings.Contains(letter, "going on using") || !strings.Contains(letter, "from 2 March 2026") {
			t.Errorf("the letter says:\n%s", letter)
		}
	})
}

func TestNobodyAcceptsATextBeforeItIsInForce(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		ana := h.person("ana", i18n.English)
		later := h.post(policy.Terms, "2026-03-05", true)
		h.must(h.Continue(t.Context(), ana, here))
		for _, c := range h.consents(ana.ID) {
			if c.Document.Hash == later.Hash {
				t.Errorf("%+v", c)
			}
		}
		h.clock.Advance(10 * day)
		h.must(h.Continue(t.Context(), ana, here))
		if got := h.consents(ana.ID); len(got) != 4 || got[3].Document.Hash != later.Hash {
			t.Errorf("%+v", got)
		}
	})
}

func TestNS_0_TheProofOfATranslationNamesThePrevailingText(t *testing.T) {
	runAs(t, "neiroset", func(t *testing.T, h *house) {
		ana, d := h.person("ana", i18n.English), h.current(policy.Refund)
		shown := d.In(i18n.English)
		h.must(h.do(func(tx *db.Tx) error {
			return Accept(t.Context(), tx, ana.ID, d, account.Consent{Control: account.ControlCheckbox, Lang: shown.Lang,
				Text: shown.Statement, About: "ord_1", Client: here})
		}))
		got := h.consents(ana.ID)
		if len(got) != 1 || got[0].Lang != i18n.English || got[0].Text != shown.Statement || got[0].Document.Prevailing != "ru" ||
			got[0].Document.PrevailingHash != digest(h.files["refund.md"].Data) || got[0].Document.Hash != d.Hash {
			t.Errorf("%+v", got)
		}
	})
}

func (h *house) notices(who account.Account) []Notice {
	h.t.Helper()
	all, err := db.Ask(h.t.Context(), h.d, func(tx *db.Tx) ([]Notice, error) { return h.Notices(h.t.Context(), tx, who) })
	h.must(err)
	return all
}

func TestOD_P_8_ANoticeStandsUntilItIsSeen(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		ana := h.person("ana", i18n.Russian)
		was := h.current(policy.Privacy).Version
		h.clock.Advance(day)
		h.post(policy.Refund, "2026-02-25", false)
		if got := h.notices(ana); len(got) != 0 {
			t.Fatalf("a small change: %+v", got)
		}
		older := h.post(policy.Privacy, "2026-02-25", true)
		if got := h.notices(ana); len(got) != 1 || got[0].Hash != older.Hash || got[0].Before != was ||
			!strings.Contains(got[0].Text(i18n.For(i18n.Russian)), "действует с") {
			t.Fatalf("%+v", got)
		}
		h.clock.Advance(day)
		newer := h.post(policy.Privacy, "2026-02-26", true)
		if got := h.notices(ana); len(got) != 1 || got[0].Hash != newer.Hash {
			t.Fatalf("two changes of one document: %+v", got)
		}
		if got := h.notices(h.person("late", i18n.English)); len(got) != 0 {
			t.Errorf("a notice to who came after the change: %+v", got)
		}
		seen := func(hash string) error {
			return h.do(func(tx *db.Tx) error { return Seen(t.Context(), tx, ana.ID, hash) })
		}
		h.must(seen(newer.Hash))
		h.must(seen(older.Hash)) // an old tab
		if got := h.notices(ana); len(got) != 0 {
			t.Errorf("after it was seen: %+v", got)
		}
		if err := seen("nothing"); err == nil {
			t.Error("a text that does not exist was seen")
		}
	})
}
