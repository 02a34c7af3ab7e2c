package ledger_test

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	. "safelight/internal/ledger"
)

func TestMain(m *testing.M) {
	_ = flag.Set("rapid.checks", "15") // before the command line, which may ask for more
	os.Exit(m.Run())
}

// A model is the ledger as a child would keep it: lots in memory, in the order
// of their issue.
type model struct {
	lots   []*modelLot
	holds  []*modelHold
	frozen map[Owner]map[string]bool // by key, for the whole owner
	taken  map[string]*modelTaking   // by key
	keys   []string                  // of freezes in force and past
	asked  map[string]func(tx *db.Tx) (any, error)
	first  map[string]any
}

type modelLot struct {
	Lot
	n      int
	frozen map[string]bool
}

type modelHold struct {
	Reservation
	restored map[LotID]int64
}

type modelTaking struct {
	owner   Owner
	parts   []Part
	forfeit bool
	undone  bool
}

func (m *model) find(id LotID) *modelLot {
	return m.lots[slices.IndexFunc(m.lots, func(l *modelLot) bool { return l.ID == id })]
}

var spendRank = map[Class]int{Promotional: 1, Bonus: 2, Goodwill: 3, Paid: 4}

func end(t time.Time) int64 {
	if t.IsZero() {
		return 1<<63 - 1
	}
	return t.UnixMicro()
}

func (m *model) ordered(o Owner, keep func(*modelLot) bool) []*modelLot {
	some := []*modelLot{}
	for _, l := range m.lots {
		if l.Owner == o && keep(l) {
			some = append(some, l)
		}
	}
	slices.SortFunc(some, func(a, b *modelLot) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(end(a.Expires), end(b.Expires)),
			cmp.Compare(spendRank[a.Class], spendRank[b.Class]), cmp.Compare(a.At.UnixMicro(), b.At.UnixMicro()), cmp.Compare(a.n, b.n))
	})
	return some
}

func (m *model) spendable(o Owner, now time.Time) []*modelLot {
	if len(m.frozen[o]) > 0 {
		return nil
	}
	return m.ordered(o, func(l *modelLot) bool {
		return len(l.frozen) == 0 && !l.Effective.After(now) && (l.Expires.IsZero() || now.Before(l.Expires)) && l.Remaining > l.Held
	})
}

func share(lots []*modelLot, need int64) (parts []Part, short int64) {
	for _, l := range lots {
		if n := min(need, l.Remaining-l.Held); n > 0 {
			parts = append(parts, Part{l.ID, n})
			need -= n
		}
	}
	return parts, need
}

// A run is one random history on a database that others have used before.
type history struct {
	*desk
	model
	rt     *rapid.T
	owners []Owner
	salt   string
}

var histories int

func newHistory(k *desk, rt *rapid.T) *history {
	histories++
	h := &history{desk: k, rt: rt, salt: fmt.Sprint(histories)}
	h.frozen, h.taken = map[Owner]map[string]bool{}, map[string]*modelTaking{}
	h.asked, h.first = map[string]func(*db.Tx) (any, error){}, map[string]any{}
	for _, n := range []string{"ana", "ben"} {
		o := Owner(n + h.salt)
		h.owners, h.frozen[o] = append(h.owners, o), map[string]bool{}
	}
	return h
}

func (h *history) now() time.Time { return h.d.Clock().Now() }

func (h *history) owner() Owner { return rapid.SampledFrom(h.owners).Draw(h.rt, "owner") }

func (h *history) amount(name string) int64 { return rapid.Int64Range(1, 12).Draw(h.rt, name) }

// act runs a verb under a new key and remembers it, to be repeated later.
func act[T any](h *history, o Owner, verb func(tx *db.Tx, c Cause) (T, error)) (T, string, error) {
	c := h.cause(o)
	v, err := db.Do(h.t.Context(), h.d, func(tx *db.Tx) (T, error) { return verb(tx, c) })
	if err == nil {
		h.asked[c.Key] = func(tx *db.Tx) (any, error) { return verb(tx, c) }
		h.first[c.Key] = v
	}
	return v, c.Key, err
}

func (h *history) expect(err, want error) {
	if !errors.Is(err, want) {
		h.rt.Fatalf("got error %v, want %v", err, want)
	}
}

func (h *history) equal(what string, got, want any) {
	if !reflect.DeepEqual(got, want) {
		h.rt.Fatalf("%s: got %+v, want %+v", what, got, want)
	}
}

func (h *history) issueSome(*rapid.T) {
	grants := make([]Grant, rapid.IntRange(1, 3).Draw(h.rt, "lots"))
	for i := range grants {
		g := Grant{Class: rapid.SampledFrom([]Class{Paid, Bonus, Promotional, Goodwill}).Draw(h.rt, "class"),
			Credits: h.amount("credits"), Priority: rapid.Int64Range(0, 1).Draw(h.rt, "priority")}
		if hours := rapid.IntRange(0, 5).Draw(h.rt, "expires"); hours > 0 {
			g.Expires = h.now().Add(time.Duration(hours) * time.Hour)
		} else if rapid.IntRange(0, 3).Draw(h.rt, "later") == 0 {
			g.Effective = h.now().Add(time.Hour)
		}
		grants[i] = g
	}
	lots, _, err := act(h, h.owner(), func(tx *db.Tx, c Cause) ([]Lot, error) { return Issue(h.t.Context(), tx, c, grants...) })
	h.expect(err, nil)
	for _, l := range lots {
		h.lots = append(h.lots, &modelLot{Lot: l, n: len(h.lots), frozen: map[string]bool{}})
	}
}

func (h *history) holdSome(*rapid.T) {
	o, n := h.owner(), h.amount("hold")
	want, short := share(h.spendable(o, h.now()), n)
	r, _, err := act(h, o, func(tx *db.Tx, c Cause) (Reservation, error) { return Hold(h.t.Context(), tx, c, n) })
	switch {
	case len(h.frozen[o]) > 0:
		h.expect(err, ErrFrozen)
	case short > 0:
		h.expect(err, ErrShortfall)
	default:
		h.expect(err, nil)
		h.equal("allocation", r.Parts, want)
		for _, p := range want {
			h.find(p.Lot).Held += p.Amount
		}
		h.holds = append(h.holds, &modelHold{r, map[LotID]int64{}})
	}
}

func (h *history) pick(state HoldState) *modelHold {
	some := slices.DeleteFunc(slices.Clone(h.holds), func(x *modelHold) bool { return x.State != state })
	if len(some) == 0 {
		return nil
	}
	return rapid.SampledFrom(some).Draw(h.rt, "hold")
}

func (h *history) settleOne(*rapid.T) {
	x := h.pick(Open)
	if x == nil {
		return
	}
	n := rapid.Int64Range(0, x.Amount).Draw(h.rt, "captured")
	var r Reservation
	var err error
	if n == 0 {
		r, err = h.release(x.ID)
		x.State = WasReleased
	} else {
		r, err = h.capture(x.ID, n)
		x.State, x.Captured = WasCaptured, n
	}
	h.expect(err, nil)
	h.equal("settlement", r, x.Reservation)
	for _, p := range x.Parts {
		l, spent := h.find(p.Lot), min(n, p.Amount)
		l.Held -= p.Amount
		l.Remaining -= spent
		l.Spent += spent
		n -= spent
	}
}

func (h *history) settleAgain(*rapid.T) {
	if x := h.pick(WasCaptured); x != nil {
		_, err := h.release(x.ID)
		h.expect(err, ErrResolved)
		_, err = h.capture(x.ID, x.Captured%x.Amount+1)
		if x.Captured != x.Captured%x.Amount+1 {
			h.expect(err, ErrResolved)
		}
	}
}

func (h *history) restoreSome(*rapid.T) {
	x := h.pick(WasCaptured)
	if x == nil {
		return
	}
	n := h.amount("restored")
	left, want, need := x.Captured, []Part{}, n
	for _, p := range x.Parts {
		spent := min(left, p.Amount)
		left -= spent
		want = append(want, Part{p.Lot, spent - x.restored[p.Lot]})
	}
	slices.Reverse(want)
	for i := range want {
		want[i].Amount = min(want[i].Amount, need)
		need -= want[i].Amount
	}
	want = slices.DeleteFunc(want, func(p Part) bool { return p.Amount == 0 })
	parts, _, err := act(h, x.Owner, func(tx *db.Tx, c Cause) ([]Part, error) { return Restore(h.t.Context(), tx, c, x.ID, n) })
	if need > 0 {
		h.expect(err, ErrRestore)
		return
	}
	h.expect(err, nil)
	h.equal("restored", parts, want)
	for _, p := range want {
		x.restored[p.Lot] += p.Amount
		h.find(p.Lot).Remaining += p.Amount
		h.find(p.Lot).Spent -= p.Amount
	}
}

func (h *history) lotsOf(o Owner, live bool) []*modelLot {
	return h.ordered(o, func(l *modelLot) bool { return !live || l.Remaining > 0 })
}

func (h *history) revokeSome(*rapid.T) {
	o := h.owner()
	n := rapid.Int64Range(0, 12).Draw(h.rt, "revoked")
	from, names := h.lotsOf(o, true), []LotID{}
	if all := h.lotsOf(o, false); len(all) > 0 && rapid.Bool().Draw(h.rt, "named") {
		from = []*modelLot{rapid.SampledFrom(all).Draw(h.rt, "lot")}
		names = append(names, from[0].ID)
	}
	v, key, err := act(h, o, func(tx *db.Tx, c Cause) (Revocation, error) { return Revoke(h.t.Context(), tx, c, n, names...) })
	h.expect(err, nil)
	h.took(o, key, v, from, n, false)
}

func (h *history) forfeitAll(*rapid.T) {
	o := h.owner()
	v, key, err := act(h, o, func(tx *db.Tx, c Cause) (Revocation, error) { return Forfeit(h.t.Context(), tx, c) })
	h.expect(err, nil)
	h.took(o, key, v, h.lotsOf(o, true), 0, true)
	h.frozen[o][key] = true
}

func (h *history) took(o Owner, key string, v Revocation, from []*modelLot, n int64, forfeit bool) {
	var spent, held int64
	for _, l := range from {
		spent += l.Spent
		held += l.Held
	}
	if n == 0 {
		n = 1 << 40
	}
	want, _ := share(from, n)
	if len(want) != len(v.Parts) || (len(want) > 0 && !slices.Equal(want, v.Parts)) || v.Spent != spent || v.OnHold != held {
		h.rt.Fatalf("took %+v, want %v with %d spent and %d held", v, want, spent, held)
	}
	for _, p := range want {
		h.find(p.Lot).Remaining -= p.Amount
	}
	h.taken[key] = &modelTaking{owner: o, parts: want, forfeit: forfeit}
}

func (h *history) reinstateOne(*rapid.T) {
	if len(h.taken) == 0 {
		return
	}
	key := rapid.SampledFrom(slices.Sorted(maps.Keys(h.taken))).Draw(h.rt, "taking")
	x := h.taken[key]
	_, err := db.Do(h.t.Context(), h.d, func(tx *db.Tx) ([]Part, error) { return Reinstate(h.t.Context(), tx, x.owner, key, "undo") })
	h.expect(err, nil)
	if x.undone {
		return
	}
	x.undone = true
	for _, p := range x.parts {
		h.find(p.Lot).Remaining += p.Amount
	}
	if x.forfeit {
		delete(h.frozen[x.owner], key)
	}
}

func (h *history) freezeSome(*rapid.T) {
	o := h.owner()
	names := []LotID{}
	if all := h.lotsOf(o, false); len(all) > 0 && rapid.IntRange(0, 3).Draw(h.rt, "named") > 0 {
		names = append(names, rapid.SampledFrom(all).Draw(h.rt, "lot").ID)
	}
	_, key, err := act(h, o, func(tx *db.Tx, c Cause) (bool, error) { return true, Freeze(h.t.Context(), tx, c, names...) })
	h.expect(err, nil)
	h.keys = append(h.keys, string(o)+" "+key)
	if len(names) == 0 {
		h.frozen[o][key] = true
	}
	for _, n := range names {
		h.find(n).frozen[key] = true
	}
}

func (h *history) thawOne(*rapid.T) {
	if len(h.keys) == 0 {
		return
	}
	var o Owner
	var key string
	_, _ = fmt.Sscan(rapid.SampledFrom(h.keys).Draw(h.rt, "freeze"), &o, &key)
	h.expect(h.d.InTx(h.t.Context(), func(tx *db.Tx) error { return Unfreeze(h.t.Context(), tx, o, key, "over") }), nil)
	delete(h.frozen[o], key)
	for _, l := range h.lots {
		delete(l.frozen, key)
	}
}

func (h *history) pass(*rapid.T) {
	dbtest.Clock(h.d).Advance(time.Duration(rapid.IntRange(1, 90).Draw(h.rt, "minutes")) * time.Minute)
}

func (h *history) sweep(*rapid.T) {
	_, err := db.Do(h.t.Context(), h.d, func(tx *db.Tx) (int, error) { return Expire(h.t.Context(), tx, 1000) })
	h.expect(err, nil)
	for _, l := range h.lots {
		if !l.Expires.IsZero() && !l.Expires.After(h.now()) {
			l.Remaining = l.Held
		}
	}
}

// again repeats an act of the past, word for word: it must change nothing.
func (h *history) again(*rapid.T) {
	if len(h.asked) == 0 {
		return
	}
	key := rapid.SampledFrom(slices.Sorted(maps.Keys(h.asked))).Draw(h.rt, "key")
	got, err := db.Do(h.t.Context(), h.d, h.asked[key])
	h.expect(err, nil)
	switch first := h.first[key].(type) {
	case Revocation:
		h.equal("again", got.(Revocation).Taken, first.Taken)
	case Reservation:
		h.equal("again", got.(Reservation).Parts, first.Parts)
	case []Part:
		h.equal("again", got, any(first))
	case []Lot:
		h.equal("again", got.([]Lot)[0].ID, first[0].ID)
	}
}

// check compares what is stored with the model.
func (h *history) check(*rapid.T) {
	for _, o := range h.owners {
		want := Balance{Frozen: len(h.frozen[o]) > 0}
		for _, l := range h.spendable(o, h.now()) {
			want.Spendable += l.Remaining - l.Held
		}
		stored, err := db.Ask(h.t.Context(), h.d, func(tx *db.Tx) ([]Lot, error) { return AllLots(h.t.Context(), tx, o) })
		h.expect(err, nil)
		all := h.lotsOf(o, false)
		if len(stored) != len(all) {
			h.rt.Fatalf("%s has %d lots, want %d", o, len(stored), len(all))
		}
		for _, l := range stored {
			m := h.find(l.ID)
			want.Held += m.Held
			m.Frozen = len(m.frozen) > 0
			h.equal("lot", l, m.Lot)
		}
		got, err := db.Ask(h.t.Context(), h.d, func(tx *db.Tx) (Balance, error) { return BalanceOf(h.t.Context(), tx, o) })
		h.expect(err, nil)
		h.equal("balance of "+string(o), got, want)
	}
}

func (h *history) sealSome(*rapid.T) {
	_, err := db.Do(h.t.Context(), h.d, func(tx *db.Tx) (int64, error) { return Seal(h.t.Context(), tx) })
	h.expect(err, nil)
}

func TestRandomHistories(t *testing.T) {
	run(t, func(t *testing.T, k *desk) {
		rapid.Check(t, func(rt *rapid.T) {
			h := newHistory(k, rt)
			rt.Repeat(map[string]func(*rapid.T){
				"issue": h.issueSome, "hold": h.holdSome, "hold more": h.holdSome, "settle": h.settleOne, "settle more": h.settleOne,
				"settle again": h.settleAgain, "restore": h.restoreSome, "revoke": h.revokeSome, "forfeit": h.forfeitAll,
				"reinstate": h.reinstateOne, "reinstate more": h.reinstateOne, "freeze": h.freezeSome, "unfreeze": h.thawOne,
				"unfreeze more": h.thawOne, "pass": h.pass, "expire": h.sweep, "again": h.again, "seal": h.sealSome, "": h.check,
			})
			if _, err := Verify(t.Context(), k.d); err != nil {
				rt.Fatal(err)
			}
		})
	})
}

func TestEntriesSumToZero(t *testing.T) {
	run(t, func(t *testing.T, k *desk) {
		k.issue(ana, Grant{Class: Bonus, Credits: 5}, Grant{Class: Paid, Credits: 5})
		r := k.mustHold(ana, 7)
		if _, err := k.capture(r.ID, 6); err != nil {
			t.Fatal(err)
		}
		sums := map[string]int64{}
		err := k.d.View(t.Context(), func(tx *db.Tx) error {
			return tx.Together(t.Context(), db.Statement{Query: `
				SELECT account, CAST(sum(amount) AS BIGINT) FROM (
					SELECT to_account AS account, amount FROM ledger_entry UNION ALL SELECT from_account, -amount FROM ledger_entry) x
				GROUP BY account`, Row: func(scan func(...any) error) error {
				var account string
				var n int64
				err := scan(&account, &n)
				sums[account] = n
				return err
			}})
		})
		want := map[string]int64{"issued:bonus": -5, "issued:paid": -5, "available": 4, "held": 0, "consumed": 6}
		if err != nil || !maps.Equal(sums, want) {
			t.Errorf("the accounts hold %v, %v; want %v", sums, err, want)
		}
	})
}
