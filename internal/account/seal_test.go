package account

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"safelight/internal/db"
	"safelight/internal/i18n"
)

// accept writes n proofs of the account.
func (h *house) accept(a ID, n int) {
	h.t.Helper()
	for i := range n {
		h.must(h.do(func(tx *db.Tx) error {
			return Accept(h.t.Context(), tx, Consent{Account: a, Control: ControlCheckbox, Document: documents[0], Lang: i18n.English,
				Text: fmt.Sprintf("I agree, for the %d. time.", i), About: "ord_1", Client: here})
		}))
	}
}

func (h *house) sealAll() { h.t.Helper(); h.must(SealAllConsents(h.t.Context(), h.db)) }

func (h *house) verifies() ConsentReport {
	h.t.Helper()
	r, err := VerifyConsents(h.t.Context(), h.db)
	h.must(err)
	return r
}

func (h *house) someone(name string) ID {
	h.t.Helper()
	a, _, err := h.Create(h.t.Context(), Create{Email: name + "@example.com", Password: good})
	h.must(err)
	return a.ID
}

func TestAProofThatWasTouchedIsFound(t *testing.T) {
	one := `(SELECT id FROM account_consent WHERE block = 2 ORDER BY id LIMIT 1)`
	touched := []struct{ name, statement, names string }{
		{"another text", `UPDATE account_consent SET text = 'I agree to everything.' WHERE id = ` + one, "not as it was written"},
		{"another hash of the prevailing text", `UPDATE account_consent SET prevailing_hash = 'ee' WHERE id = ` + one, "not as it was written"},
		{"another time", `UPDATE account_consent SET at = at + 1 WHERE id = ` + one, "not as it was written"},
		{"another text before it is sealed", `UPDATE account_consent SET text = 'I agree to everything.' WHERE block = 0`, "not as it was written"},
		{"no digest", `UPDATE account_consent SET digest = '' WHERE id = ` + one, "not as it was written"},
		{"one removed", `DELETE FROM account_consent WHERE id = ` + one, "account_consent_block 2: it sealed 3 proofs, 2 are there"},
		{"a block's proofs removed", `DELETE FROM account_consent WHERE block = 2`, "account_consent_block 2: it sealed 3 proofs, 0 are there"},
		{"the last block cut off", `DELETE FROM account_consent_block WHERE block = 2`, "there is no block 2"},
		{"a block in the middle cut out", `DELETE FROM account_consent_block WHERE block = 1`, "account_consent_block 1: missing"},
		{"one moved to the other block", `UPDATE account_consent SET block = 1 WHERE id = ` + one, "account_consent_block 1: it sealed 3 proofs, 4 are there"},
		{"the blocks' order turned", `UPDATE account_consent SET block = 3 - block WHERE block > 0`, "account_consent_block 1: its proofs are not those"},
		{"an old one slipped in", `UPDATE account_consent SET block = 2 WHERE block = 0`, "account_consent_block 2: it sealed 3 proofs, 4 are there"},
		{"the end forgotten", `UPDATE account_consent_chain SET block = 1`, "account_consent_chain"},
	}
	run(t, func(t *testing.T, h *house) {
		a := h.someone("ana")
		for range 2 {
			h.accept(a, 3)
			h.sealAll()
		}
		h.accept(a, 1)
		if r := h.verifies(); r != (ConsentReport{Consents: 7, Blocks: 2, Unsealed: 1}) {
			t.Fatalf("%+v", r)
		}
		for _, c := range touched {
			var found error
			undo := errors.New("undo")
			err := h.do(func(tx *db.Tx) error {
				if _, err := tx.Exec(t.Context(), c.statement); err != nil {
					return err
				}
				_, found = (&consentVerifier{}).run(t.Context(), tx)
				return undo
			})
			if !errors.Is(err, undo) || !errors.Is(found, ErrConsents) || !strings.Contains(found.Error(), c.names) {
				t.Errorf("%s: got %v, want one that says %q (%v)", c.name, found, c.names, err)
			}
		}
	})
}

func TestProofsFromBeforeTheChainAreSealedToo(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		h.accept(h.someone("ana"), 2)
		h.must(h.do(func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE account_consent SET digest = ''`)
			return err
		}))
		h.verifies()
		h.sealAll()
		if r := h.verifies(); r.Unsealed != 0 || r.Blocks != 1 {
			t.Errorf("%+v", r)
		}
	})
}

func TestAHundredWhoAcceptAtOnceAreAllInTheChain(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		people := make([]ID, 10)
		for i := range people {
			people[i] = h.someone(fmt.Sprint("p", i))
		}
		var all sync.WaitGroup
		wrong := make(chan error, 200)
		for i := range 100 {
			all.Go(func() {
				wrong <- h.do(func(tx *db.Tx) error {
					return Accept(t.Context(), tx, Consent{Account: people[i%10], Control: ControlAPI, Document: documents[1], Text: "I agree.", Client: here})
				})
				if i%5 == 0 {
					wrong <- SealAllConsents(t.Context(), h.db)
				}
			})
		}
		all.Wait()
		close(wrong)
		for err := range wrong {
			h.must(err)
		}
		h.sealAll()
		if r := h.verifies(); r.Consents != 100 || r.Unsealed != 0 {
			t.Errorf("%+v", r)
		}
	})
}

func TestNoTwoProofsShareADigest(t *testing.T) {
	texts := rapid.StringMatching(`[a" \\0-9]{0,6}`)
	draw := rapid.Custom(func(t *rapid.T) Consent {
		return Consent{ID: texts.Draw(t, "id"), Control: texts.Draw(t, "control"), Text: texts.Draw(t, "text"), About: texts.Draw(t, "about"),
			Document: Document{Name: texts.Draw(t, "name"), Hash: texts.Draw(t, "hash"), PrevailingHash: texts.Draw(t, "prevailing hash")}}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw.Draw(t, "a"), draw.Draw(t, "b")
		if (a == b) != (a.digest() == b.digest()) {
			t.Fatalf("%+v and %+v", a, b)
		}
	})
}
