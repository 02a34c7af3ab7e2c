package ledger_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/fault"
	"safelight/internal/i18n"
	. "safelight/internal/ledger"
	"safelight/internal/money"
)

const ana, ben = Owner("acc_ana"), Owner("acc_ben")

// A desk says what a test does with the ledger, each act in a transaction of
// its own.
type desk struct {
	t *testing.T
	d *db.DB
	n int
}

func (k *desk) key() string {
	k.n++
	return fmt.Sprint("k", k.n)
}

func (k *desk) cause(o Owner) Cause { return Cause{Owner: o, Key: k.key(), Source: "test"} }

func (k *desk) must(fn func(tx *db.Tx) error) {
	k.t.Helper()
	if err := k.d.InTx(k.t.Context(), fn); err != nil {
		k.t.Fatal(err)
	}
}

func (k *desk) issue(o Owner, grants ...Grant) (lots []Lot) {
	k.t.Helper()
	c := k.cause(o)
	k.must(func(tx *db.Tx) (err error) { lots, err = Issue(k.t.Context(), tx, c, grants...); return err })
	return lots
}

func (k *desk) hold(o Owner, amount int64) (Reservation, error) {
	c := k.cause(o)
	return db.Do(k.t.Context(), k.d, func(tx *db.Tx) (Reservation, error) { return Hold(k.t.Context(), tx, c, amount) })
}

func (k *desk) mustHold(o Owner, amount int64) Reservation {
	k.t.Helper()
	r, err := k.hold(o, amount)
	if err != nil {
		k.t.Fatal(err)
	}
	return r
}

func (k *desk) capture(h HoldID, amount int64) (Reservation, error) {
	return db.Do(k.t.Context(), k.d, func(tx *db.Tx) (Reservation, error) { return Capture(k.t.Context(), tx, h, amount) })
}

func (k *desk) release(h HoldID) (Reservation, error) {
	return db.Do(k.t.Context(), k.d, func(tx *db.Tx) (Reservation, error) { return Release(k.t.Context(), tx, h) })
}

func (k *desk) restore(o Owner, h HoldID, amount int64) ([]Part, error) {
	c := k.cause(o)
	return db.Do(k.t.Context(), k.d, func(tx *db.Tx) ([]Part, error) { return Restore(k.t.Context(), tx, c, h, amount) })
}

func (k *desk) balance(o Owner) Balance {
	k.t.Helper()
	b, err := db.Ask(k.t.Context(), k.d, func(tx *db.Tx) (Balance, error) { return BalanceOf(k.t.Context(), tx, o) })
	if err != nil {
		k.t.Fatal(err)
	}
	return b
}

func (k *desk) wantBalance(o Owner, spendable, held int64) {
	k.t.Helper()
	if b := k.balance(o); b.Spendable != spendable || b.Held != held {
		k.t.Errorf("the balance is %+v, want %d spendable and %d held", b, spendable, held)
	}
}

func (k *desk) verify() Report {
	k.t.Helper()
	r, err := Verify(k.t.Context(), k.d)
	if err != nil {
		k.t.Fatal(err)
	}
	return r
}

func (k *desk) seal() {
	k.t.Helper()
	if err := SealAll(k.t.Context(), k.d); err != nil {
		k.t.Fatal(err)
	}
}

func run(t *testing.T, test func(t *testing.T, k *desk)) {
	t.Helper()
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := &desk{t: t, d: d}
		test(t, k)
		k.verify()
		k.seal()
		k.verify()
	})
}

func wantErr(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got error %v, want %v", err, want)
	}
}

func in(d time.Duration) time.Time { return dbtest.Start.Add(d) }

func TestCreditsAreSpentInThePublishedOrder(t *testing.T) {
	lot := func(name string, c Class, expires time.Time, priority int64) Grant {
		return Grant{Class: c, Credits: 1, Order: name, Expires: expires, Priority: priority}
	}
	day, year := in(24*time.Hour), in(8760*time.Hour)
	for _, c := range []struct {
		sentence string
		grants   []Grant
		want     string
	}{
		{"promotional before bonus before goodwill before paid",
			[]Grant{lot("paid", Paid, year, 0), lot("goodwill", Goodwill, year, 0), lot("bonus", Bonus, year, 0), lot("promo", Promotional, year, 0)},
			"promo bonus goodwill paid"},
		{"what expires earlier goes before any class",
			[]Grant{lot("promo", Promotional, year, 0), lot("paid", Paid, day, 0)}, "paid promo"},
		{"what never expires goes last",
			[]Grant{lot("never", Promotional, time.Time{}, 0), lot("year", Paid, year, 0)}, "year never"},
		{"priority goes before expiry",
			[]Grant{lot("day", Promotional, day, 1), lot("never", Paid, time.Time{}, 0)}, "never day"},
		{"the oldest of equals first",
			[]Grant{lot("a", Paid, year, 0), lot("b", Paid, year, 0), lot("c", Paid, year, 0), lot("d", Paid, year, 0), lot("e", Paid, year, 0)}, "a b c d e"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			run(t, func(t *testing.T, k *desk) {
				names := map[LotID]string{}
				for _, g := range c.grants {
					l := k.issue(ana, g)[0]
					names[l.ID] = l.Order
				}
				r := k.mustHold(ana, int64(len(c.grants)))
				got := []string{}
				for _, p := range r.Parts {
					got = append(got, names[p.Lot])
				}
				if s := strings.Join(got, " "); s != c.want {
					t.Errorf("spent %s, want %s", s, c.want)
				}
			})
		})
	}
}

func TestAHoldIsSettledOnce(t *testing.T) {
	run(t, func(t *testing.T, k *desk) {
		k.issue(ana, Grant{Class: Bonus, Credits: 3}, Grant{Class: Paid, Credits: 10})
		r := k.mustHold(ana, 8)
		k.wantBalance(ana, 5, 8)
		done, err := k.capture(r.ID, 4)
		if err != nil || done.State != WasCaptured || done.Captured != 4 || done.Released() != 4 {
			t.Fatalf("captured %+v, %v", done, err)
		}
		k.wantBalance(ana, 9, 0)
		again, err := k.capture(r.ID, 4)
		if err != nil || !reflect.DeepEqual(again, done) {
			t.Errorf("the same capture answered %+v, %v; first %+v", again, err, done)
		}
		_, err = k.capture(r.ID, 5)
		wantErr(t, err, ErrResolved)
		_, err = k.release(r.ID)
		wantErr(t, err, ErrResolved)
		k.wantBalance(ana, 9, 0)

		r = k.mustHold(ana, 9)
		_, err = k.capture(r.ID, 10)
		wantErr(t, err, ErrAmount)
		if _, err := k.release(r.ID); err != nil {
			t.Fatal(err)
		}
		if again, err := k.release(r.ID); err != nil || again.State != WasReleased || again.Released() != 9 {
			t.Errorf("the same release answered %+v, %v", again, err)
		}
		_, err = k.capture(r.ID, 9)
		wantErr(t, err, ErrResolved)
		_, err = k.capture("hold_nowhere", 9)
		wantErr(t, err, ErrNoHold)
		k.wantBalance(ana, 9, 0)
		if got := k.verify().String(); got != "ledger ok: 5 transactions, 2 lots, 0 open holds" {
			t.Error(got)
		}
	})
}

// Verbs leave nothing behind when they fail, even in a transaction that is
// committed.
func TestARefusedVerbLeavesNoTrace(t *testing.T) {
	run(t, func(t *testing.T, k *desk) {
		ctx := t.Context()
		k.issue(ana, Grant{Class: Paid, Credits: 5, Expires: in(time.Hour)}, Grant{Class: Paid, Credits: 5})
		r := k.mustHold(ana, 2)
		dbtest.Clock(k.d).Advance(2 * time.Hour)
		k.must(func(tx *db.Tx) error {
			_, err := Hold(ctx, tx, Cause{ana, "big", "job"}, 6) // 8 on the books, 5 spendable
			wantErr(t, err, ErrShortfall)
			if a := fault.Of(err).Args; a["need"] != int64(6) || a["have"] != int64(5) {
				t.Errorf("the shortfall says %v", a)
			}
			_, err = Hold(ctx, tx, Cause{ben, "big", "job"}, 6)
			wantErr(t, err, ErrShortfall)
			_, err = Capture(ctx, tx, r.ID, 3)
			wantErr(t, err, ErrAmount)
			_, err = Restore(ctx, tx, Cause{ana, "back", "job"}, r.ID, 1)
			wantErr(t, err, ErrRestore)
			_, err = Revoke(ctx, tx, Cause{ana, "take", "case"}, 0, "lot_nowhere")
			wantErr(t, err, ErrNoLot)
			return nil
		})
		if got := k.verify(); got.Transactions != 2 {
			t.Errorf("%d transactions", got.Transactions)
		}
		k.wantBalance(ana, 5, 2)
	})
}

func TestExpiredLotsAreNeverSpendable(t *testing.T) {
	run(t, func(t *testing.T, k *desk) {
		k.issue(ana, Grant{Class: Paid, Credits: 5, Expires: in(time.Hour)}, Grant{Class: Paid, Credits: 2},
			Grant{Class: Paid, Credits: 4, Effective: in(3 * time.Hour)})
		k.wantBalance(ana, 7, 0)
		dbtest.Clock(k.d).Advance(time.Hour) // the very moment
		k.wantBalance(ana, 2, 0)
		_, err := k.hold(ana, 3)
		wantErr(t, err, ErrShortfall)
		if r := k.mustHold(ana, 2); len(r.Parts) != 1 {
			t.Errorf("held %+v", r.Parts)
		}
		dbtest.Clock(k.d).Advance(2 * time.Hour) // the third lot takes effect
		k.wantBalance(ana, 4, 2)
		for _, want := range []int{1, 0} {
			n, err := db.Do(t.Context(), k.d, func(tx *db.Tx) (int, error) { return Expire(t.Context(), tx, 10) })
			if n != want || err != nil {
				t.Errorf("booked %d owners, %v; want %d", n, err, want)
			}
			k.wantBalance(ana, 4, 2)
		}
	})
}

func TestHoldsOutliveExpiry(t *testing.T) {
	run(t, func(t *testing.T, k *desk) {
		k.issue(ana, Grant{Class: Paid, Credits: 10, Expires: in(time.Hour)})
		kept, left := k.mustHold(ana, 4), k.mustHold(ana, 5)
		dbtest.Clock(k.d).Advance(time.Hour)
		if _, err := k.capture(kept.ID, 3); err != nil {
			t.Fatal(err)
		}
		if _, err := k.release(left.ID); err != nil {
			t.Fatal(err)
		}
		k.wantBalance(ana, 0, 0)
		_, err := k.hold(ana, 1)
		wantErr(t, err, ErrShortfall)
		k.must(func(tx *db.Tx) error { _, err := Expire(t.Context(), tx, 10); return err })
		lots, err := db.Ask(t.Context(), k.d, func(tx *db.Tx) ([]Lot, error) { return AllLots(t.Context(), tx, ana) })
		if err != nil || len(lots) != 1 || lots[0].Remaining != 0 || lots[0].Spent != 3 {
			t.Errorf("lots %+v, %v", lots, err)
		}
	})
}

func TestRestoreGoesBack(t *testing.T) {
	run(t, func(t *testing.T, k *desk) {
		lots := k.issue(ana, Grant{Class: Promotional, Credits: 2}, Grant{Class: Bonus, Credits: 3}, Grant{Class: Paid, Credits: 10})
		r := k.mustHold(ana, 9)
		if _, err := k.capture(r.ID, 7); err != nil { // 2 + 3 + 2
			t.Fatal(err)
		}
		parts, err := k.restore(ana, r.ID, 4)
		if want := []Part{{lots[2].ID, 2}, {lots[1].ID, 2}}; err != nil || !slices.Equal(parts, want) {
			t.Errorf("restored %v, %v; want %v", parts, err, want)
		}
		_, err = k.restore(ana, r.ID, 4)
		wantErr(t, err, ErrRestore)
		_, err = k.restore(ben, r.ID, 1)
		wantErr(t, err, ErrNoHold)
		parts, err = k.restore(ana, r.ID, 3)
		if want := []Part{{lots[1].ID, 1}, {lots[0].ID, 2}}; err != nil || !slices.Equal(parts, want) {
			t.Errorf("restored %v, %v; want %v", parts, err, want)
		}
		k.wantBalance(ana, 15, 0)
	})
}

func TestANamedLotIsTheOneTouched(t *testing.T) {
	run(t, func(t *testing.T, k *desk) {
		ctx := t.Context()
		lots := k.issue(ana, Grant{Class: Bonus, Credits: 5}, Grant{Class: Paid, Credits: 10}, Grant{Class: Paid, Credits: 10})
		held := k.mustHold(ana, 8) // 5 + 3
		spent := k.mustHold(ana, 2)
		if _, err := k.capture(spent.ID, 2); err != nil { // of lot 1
			t.Fatal(err)
		}
		revoke := func() (v Revocation) {
			k.must(func(tx *db.Tx) (err error) {
				v, err = Revoke(ctx, tx, Cause{ana, "refund", "case:1"}, 0, lots[1].ID)
				return err
			})
			return v
		}
		want := Revocation{Parts: []Part{{lots[1].ID, 5}}, Taken: 5, Spent: 2, OnHold: 3}
		if v := revoke(); !reflect.DeepEqual(v, want) {
			t.Errorf("revoked %+v, want %+v", v, want)
		}
		if _, err := k.release(held.ID); err != nil {
			t.Fatal(err)
		}
		if v := revoke(); !reflect.DeepEqual(v, want) {
			t.Errorf("again it says %+v, want %+v", v, want)
		}
		k.wantBalance(ana, 5+3+10, 0)
		for range 2 {
			parts, err := db.Do(ctx, k.d, func(tx *db.Tx) ([]Part, error) { return Reinstate(ctx, tx, ana, "refund", "case:1 withdrawn") })
			if err != nil || !slices.Equal(parts, want.Parts) {
				t.Errorf("reinstated %v, %v", parts, err)
			}
			k.wantBalance(ana, 5+8+10, 0)
		}
		k.must(func(tx *db.Tx) error {
			v, err := Revoke(ctx, tx, Cause{ana, "some", "operator"}, 7)
			if v.Taken != 7 || v.Parts[0] != (Part{lots[0].ID, 5}) {
				t.Errorf("revoked %+v", v)
			}
			return err
		})
		k.must(func(tx *db.Tx) error {
			v, err := Revoke(ctx, tx, Cause{ana, "more", "operator"}, 100)
			if v.Taken != 16 {
				t.Errorf("revoked %+v of 16", v)
			}
			return err
		})
	})
}

func TestFreezesAddUp(t *testing.T) {
	run(t, func(t *testing.T, k *desk) {
		ctx := t.Context()
		lots := k.issue(ana, Grant{Class: Paid, Credits: 5}, Grant{Class: Paid, Credits: 7})
		open := k.mustHold(ana, 1)
		freeze := func(key string, lots ...LotID) {
			for range 2 { // the same key freezes once
				k.must(func(tx *db.Tx) error { return Freeze(ctx, tx, Cause{ana, key, "dispute"}, lots...) })
			}
		}
		thaw := func(key string) {
			for range 2 {
				k.must(func(tx *db.Tx) error { return Unfreeze(ctx, tx, ana, key, "won") })
			}
		}
		freeze("lot", lots[0].ID)
		k.wantBalance(ana, 7, 1)
		freeze("all")
		freeze("more")
		if b := k.balance(ana); !b.Frozen || b.Spendable != 0 {
			t.Errorf("frozen: %+v", b)
		}
		_, err := k.hold(ana, 1)
		wantErr(t, err, ErrFrozen)
		if _, err := k.capture(open.ID, 1); err != nil {
			t.Errorf("an open hold could not be captured: %v", err)
		}
		thaw("all")
		if b := k.balance(ana); !b.Frozen {
			t.Errorf("one freeze of two lifted both: %+v", b)
		}
		thaw("more")
		k.wantBalance(ana, 7, 0)
		thaw("lot")
		k.wantBalance(ana, 11, 0)
		err = k.d.InTx(ctx, func(tx *db.Tx) error { return Unfreeze(ctx, tx, ana, "never", "x") })
		wantErr(t, err, ErrNoMove)
	})
}

func TestForfeitTakesAllAndKeepsItTaken(t *testing.T) {
	run(t, func(t *testing.T, k *desk) {
		ctx := t.Context()
		k.issue(ana, Grant{Class: Paid, Credits: 5}, Grant{Class: Bonus, Credits: 7, Expires: in(time.Hour)})
		open := k.mustHold(ana, 3)
		k.must(func(tx *db.Tx) error {
			v, err := Forfeit(ctx, tx, Cause{ana, "end", "violation"})
			if v.Taken != 9 || v.OnHold != 3 {
				t.Errorf("forfeited %+v", v)
			}
			return err
		})
		if _, err := k.release(open.ID); err != nil {
			t.Fatal(err)
		}
		_, err := k.hold(ana, 1)
		wantErr(t, err, ErrFrozen)
		k.must(func(tx *db.Tx) error { _, err := Reinstate(ctx, tx, ana, "end", "appeal"); return err })
		k.wantBalance(ana, 12, 0)
	})
}

func TestTheSameKeyActsOnce(t *testing.T) {
	run(t, func(t *testing.T, k *desk) {
		ctx := t.Context()
		c := Cause{Owner: ana, Key: "order:1", Source: "order:1"}
		issue := func(o Owner, n int64) ([]Lot, error) {
			c := c
			c.Owner = o
			return db.Do(ctx, k.d, func(tx *db.Tx) ([]Lot, error) {
				return Issue(ctx, tx, c, Grant{Class: Paid, Credits: n, Price: money.Of(1900, "USD"), Order: "ord"},
					Grant{Class: Bonus, Credits: 2, WithFirst: true})
			})
		}
		first, err := issue(ana, 20)
		if err != nil {
			t.Fatal(err)
		}
		if first[1].Parent != first[0].ID || first[0].UnitPrice().Cmp(big.NewRat(95, 1)) != 0 {
			t.Errorf("issued %+v", first)
		}
		again, err := issue(ana, 20)
		if err != nil || !reflect.DeepEqual(first, again) {
			t.Errorf("again %+v, %v; first %+v", again, err, first)
		}
		_, err = issue(ana, 21)
		wantErr(t, err, ErrKeyReused)
		if _, err := issue(ben, 21); err != nil {
			t.Errorf("another owner cannot use the key: %v", err)
		}
		_, err = db.Do(ctx, k.d, func(tx *db.Tx) (Reservation, error) { return Hold(ctx, tx, c, 1) })
		wantErr(t, err, ErrKeyReused)
		k.wantBalance(ana, 22, 0)
		h := Cause{Owner: ana, Key: "job:1", Source: "job:1"}
		var held [2]Reservation
		for i := range held { // the second finds nothing left, and need not
			held[i], err = db.Do(ctx, k.d, func(tx *db.Tx) (Reservation, error) { return Hold(ctx, tx, h, 22) })
			if err != nil {
				t.Fatal(err)
			}
		}
		if !reflect.DeepEqual(held[0], held[1]) {
			t.Errorf("again %+v, first %+v", held[1], held[0])
		}
		lots, err := db.Ask(ctx, k.d, func(tx *db.Tx) ([]Lot, error) { return LotsOfOrder(ctx, tx, "ord") })
		if err != nil || len(lots) != 2 || lots[0].Owner != ana && lots[1].Owner != ana {
			t.Errorf("lots of the order: %+v, %v", lots, err)
		}
	})
}

func TestTheStatementAddsUp(t *testing.T) {
	run(t, func(t *testing.T, k *desk) {
		ctx := t.Context()
		k.issue(ben, Grant{Class: Paid, Credits: 1})
		k.issue(ana, Grant{Class: Bonus, Credits: 4}, Grant{Class: Paid, Credits: 30})
		for i := range int64(6) {
			r := k.mustHold(ana, 3+i)
			if _, err := k.capture(r.ID, 2); err != nil {
				t.Fatal(err)
			}
		}
		k.must(func(tx *db.Tx) error { return Freeze(ctx, tx, Cause{ana, "f", "x"}) })
		read := func(o Owner, before TxnID) []Movement {
			page, err := db.Ask(ctx, k.d, func(tx *db.Tx) ([]Movement, error) { return Movements(ctx, tx, o, Page{before, 4}) })
			if err != nil {
				t.Fatal(err)
			}
			return page
		}
		all := read(ana, "")
		for last := all[3]; last.Previous != ""; last = all[len(all)-1] {
			all = append(all, read(ana, last.ID)...)
		}
		if len(read(ben, all[3].ID))+len(read(ana, all[13].ID))+len(read(ana, "txn_x"))+len(read("acc_x", "")) != 0 {
			t.Error("there is something before the first, or before what is not the owner's")
		}
		if len(all) != 14 || all[0].Kind != Frozen || all[13].Kind != Issued || all[1].Amount != 2 || all[1].Hold == "" {
			t.Fatalf("the statement: %+v", all)
		}
		sum := int64(0)
		for _, m := range slices.Backward(all) {
			sum += m.Change()
			if m.Available+m.Held != sum {
				t.Errorf("after %d there are %d and %d, the movements say %d", m.Seq, m.Available, m.Held, sum)
			}
		}
		if sum != 34-12 {
			t.Errorf("the statement ends with %d", sum)
		}
	})
}

func TestImpossibleRequestsAreRefused(t *testing.T) {
	run(t, func(t *testing.T, k *desk) {
		ctx := t.Context()
		good := Grant{Class: Paid, Credits: 5}
		with := func(f func(*Grant)) Grant { g := good; f(&g); return g }
		for sentence, c := range map[string]struct {
			cause  Cause
			grants []Grant
		}{
			"no owner":              {Cause{Key: "k"}, []Grant{good}},
			"no key":                {Cause{Owner: ana}, []Grant{good}},
			"no grant":              {Cause{Owner: ana, Key: "k"}, nil},
			"no class":              {Cause{Owner: ana, Key: "k"}, []Grant{with(func(g *Grant) { g.Class = "gift" })}},
			"a price in no coin":    {Cause{Owner: ana, Key: "k"}, []Grant{with(func(g *Grant) { g.Price = money.Of(5, "XXQ") })}},
			"a negative price":      {Cause{Owner: ana, Key: "k"}, []Grant{with(func(g *Grant) { g.Price = money.Of(-5, "USD") })}},
			"over before it starts": {Cause{Owner: ana, Key: "k"}, []Grant{with(func(g *Grant) { g.Effective, g.Expires = in(2), in(1) })}},
			"no first":              {Cause{Owner: ana, Key: "k"}, []Grant{with(func(g *Grant) { g.WithFirst = true })}},
			"too much together":     {Cause{Owner: ana, Key: "k"}, []Grant{with(func(g *Grant) { g.Credits = Max }), good}},
		} {
			err := k.d.InTx(ctx, func(tx *db.Tx) error { _, err := Issue(ctx, tx, c.cause, c.grants...); return err })
			if !errors.Is(err, fault.Invalid) {
				t.Errorf("%s: got %v", sentence, err)
			}
		}
		k.issue(ana, Grant{Class: Paid, Credits: Max})
		err := k.d.InTx(ctx, func(tx *db.Tx) error { _, err := Issue(ctx, tx, Cause{ana, "z", ""}, good); return err })
		wantErr(t, err, ErrAmount)
	})
}

// What a plan of the database reads is not for a test to see everywhere, but
// what it keeps in the index of live lots is.
func TestSpentLotsAreNotRead(t *testing.T) {
	run(t, func(t *testing.T, k *desk) {
		for range 20 {
			k.issue(ana, Grant{Class: Paid, Credits: 1})
			r := k.mustHold(ana, 1)
			if _, err := k.capture(r.ID, 1); err != nil {
				t.Fatal(err)
			}
		}
		k.issue(ana, Grant{Class: Paid, Credits: 1})
		lots, err := db.Ask(t.Context(), k.d, func(tx *db.Tx) ([]Lot, error) { return Lots(t.Context(), tx, ana) })
		if err != nil || len(lots) != 1 {
			t.Errorf("live lots: %d, %v", len(lots), err)
		}
		if k.d.Kind() == db.SQLite {
			plan := k.plan(`SELECT lot FROM ledger_lot WHERE owner = $1 AND live = 1 ORDER BY priority, expires, rank, at, lot`, "a")
			if len(plan) != 1 || !strings.Contains(plan[0], "ledger_lot_live") {
				t.Errorf("the plan is %q", plan)
			}
		}
	})
}

// plan is how SQLite runs a query.
func (k *desk) plan(query string, args ...any) []string {
	k.t.Helper()
	plan, err := db.Ask(k.t.Context(), k.d, func(tx *db.Tx) ([]string, error) {
		return db.All(k.t.Context(), tx, func(scan func(...any) error) (s string, err error) {
			var a, b, c int
			err = scan(&a, &b, &c, &s)
			return s, err
		}, "EXPLAIN QUERY PLAN "+query, args...)
	})
	if err != nil {
		k.t.Fatal(err)
	}
	return plan
}

func TestAHistoryIsReadByItsList(t *testing.T) {
	k := &desk{t: t, d: dbtest.Open(t, db.SQLite, fixed{})}
	for _, plan := range [][]string{k.plan(OnePage, "a", "", 50), k.plan(OfOwners, "a", "b")} {
		found := 0
		for _, step := range plan {
			switch {
			case strings.HasPrefix(step, "SEARCH t USING PRIMARY KEY (txn=?)"):
				found++
			case strings.HasPrefix(step, "SCAN") && !strings.HasPrefix(step, "SCAN i") && !strings.HasPrefix(step, "SCAN l"),
				strings.Contains(step, "AUTOMATIC"):
				t.Errorf("a step is %q", step)
			}
		}
		if found != 2 {
			t.Errorf("the plan is %q", plan)
		}
	}
}

func TestErrorsSpeakEveryLanguage(t *testing.T) {
	for _, lang := range i18n.Languages {
		for _, e := range []*fault.Error{ErrShortfall, ErrFrozen, ErrKeyReused, ErrAmount, ErrRequest, ErrNoHold, ErrNoLot, ErrNoMove, ErrResolved, ErrRestore} {
			if !i18n.For(lang).Has(e.Code) {
				t.Errorf("%s has no %s", lang, e.Code)
			}
		}
	}
}

func FuzzAmounts(f *testing.F) {
	for _, n := range []int64{0, -1, math.MinInt64, math.MaxInt64, math.MaxInt64 - 1, Max, Max + 1, 1} {
		f.Add(n, n)
	}
	d := dbtest.Open(f, db.SQLite, fixed{})
	n := 0
	f.Fuzz(func(t *testing.T, a, b int64) {
		n++
		ctx := t.Context()
		o := Owner(fmt.Sprint("acc_", n))
		err := d.InTx(ctx, func(tx *db.Tx) error {
			valid := func(what string, n int64, err error) {
				if (n <= 0 || n > Max) != errors.Is(err, fault.Invalid) {
					t.Errorf("%s of %d: %v", what, n, err)
				}
			}
			_, err := Issue(ctx, tx, Cause{o, "a", ""}, Grant{Class: Paid, Credits: a})
			valid("issue", a, err)
			_, err = Issue(ctx, tx, Cause{o, "b", ""}, Grant{Class: Paid, Credits: b})
			if a > 0 && a <= Max && b > 0 && b <= Max && a+b > Max {
				wantErr(t, err, ErrAmount)
			} else {
				valid("issue", b, err)
			}
			r, err := Hold(ctx, tx, Cause{o, "h", ""}, b)
			valid("hold", b, err)
			if err == nil {
				_, err = Capture(ctx, tx, r.ID, a)
				if a > b && a <= Max {
					wantErr(t, err, ErrAmount)
				} else {
					valid("capture", a, err)
				}
				if _, err := Restore(ctx, tx, Cause{o, "r", ""}, r.ID, a); err == nil && (a <= 0 || a > b) {
					t.Errorf("restored %d of %d", a, b)
				}
			}
			if _, err := Revoke(ctx, tx, Cause{o, "v", ""}, a); a != 0 {
				valid("revoke", a, err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if _, err := Verify(ctx, d); err != nil {
			t.Error(err)
		}
	})
}

type fixed struct{}

func (fixed) Now() time.Time { return dbtest.Start }
