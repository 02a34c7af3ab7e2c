package ledger

import (
	"maps"
	"slices"
	"strings"

	"safelight/internal/db"
)

// ownersAtOnce is how many owners are rebuilt from one read of the history.
const ownersAtOnce = 100

// owners rebuilds all owners, some at a time.
func (v *verifier) owners() error {
	after := ""
	for {
		some := []standing{}
		err := v.tx.Together(v.ctx, db.Statement{Query: `
			SELECT ` + standingColumns + ` FROM ledger_owner WHERE owner > $1 ORDER BY owner LIMIT $2`,
			Args: []any{after, ownersAtOnce}, Row: func(scan func(...any) error) error {
				var s standing
				err := s.scan(scan)
				some = append(some, s)
				return err
			}})
		if err != nil || len(some) == 0 {
			return err
		}
		until := string(some[len(some)-1].owner)
		if err := v.group(some, after, until); err != nil {
			return err
		}
		after = until
	}
}

// group rebuilds the owners after one name and until another, who are stored
// as some.
func (v *verifier) group(some []standing, after, until string) error {
	lots, err := db.All(v.ctx, v.tx, scanLot, `SELECT `+lotColumns+` FROM ledger_lot l WHERE l.owner > $1 AND l.owner <= $2`, after, until)
	if err != nil {
		return err
	}
	built := map[Owner]*rebuilt{}
	for _, s := range some {
		built[s.owner] = &rebuilt{now: standing{owner: s.owner}, lots: map[LotID]*rebuiltLot{}, open: map[string][]Part{}}
	}
	for _, l := range lots {
		built[l.Owner].lots[l.ID] = &rebuiltLot{stored: l}
	}
	err = history(v.ctx, v.tx, ofOwners, []any{after, until},
		func(l *line) error {
			b := built[l.owner]
			if b.txn.id != l.id {
				v.Transactions++
				if err := b.next(l.record); err != nil {
					return err
				}
			}
			if l.n == 0 {
				return nil
			}
			return b.apply(l)
		})
	if err != nil {
		return err
	}
	for _, s := range some {
		if err := built[s.owner].compare(s); err != nil {
			return err
		}
		v.Lots += int64(len(built[s.owner].lots))
		v.OpenHolds += int64(len(built[s.owner].open))
	}
	return nil
}

type rebuiltLot struct {
	stored lotRow
	issued bool
	change
	frozen int64
}

// rebuilt is one owner as the entries tell, up to the transaction txn, of which
// the entries seen so far are kept.
type rebuilt struct {
	now     standing
	lots    map[LotID]*rebuiltLot
	open    map[string][]Part // holds
	txn     record
	entries []entry
	moved   map[Account]int64 // by where it went
}

// next ends the transaction before and begins t.
func (b *rebuilt) next(t record) error {
	if err := b.end(); err != nil {
		return err
	}
	if t.seq != b.now.seq+1 || t.previous != b.now.last {
		return broken("ledger_txn %s: it is number %d of its owner, after %q; its list has number %d, %q, before it", t.id, t.seq, t.previous, b.now.seq, b.now.last)
	}
	b.now.seq, b.now.last, b.now.previous = t.seq, t.id, t.previous
	b.txn, b.entries, b.moved = t, b.entries[:0], map[Account]int64{}
	return nil
}

func (b *rebuilt) apply(l *line) error {
	e := l.entry
	b.entries = append(b.entries, e)
	b.moved[e.to] += e.amount
	lot := b.lots[e.lot]
	switch {
	case l.n != int64(len(b.entries)):
		return broken("ledger_entry %d of %s: entry %d is missing", l.n, l.id, len(b.entries))
	case lot == nil:
		return broken("ledger_entry %d of %s: its owner has no %s", l.n, l.id, e.lot)
	case !slices.Contains(moves[l.kind], [2]Account{from(e), e.to}):
		return broken("ledger_entry %d of %s: a %s does not move from %s to %s", l.n, l.id, l.kind, e.from, e.to)
	}
	if l.kind == Issued {
		if s := lot.stored; lot.issued || s.txn != l.id || s.Granted != e.amount || e.from != issuedAccount+Account(s.Class) || rank[s.Class] != l.lot.rank {
			return broken("ledger_lot %s: it is not as %s issued it", e.lot, l.id)
		}
		lot.issued = true
	}
	lot.change = lot.add(e)
	b.now = b.now.applied(e)
	if c := lot.change; !lot.issued || c.held < 0 || c.held > c.remaining || c.spent < 0 || c.remaining > lot.stored.Granted {
		return broken("ledger_entry %d of %s: it leaves %d of %s, %d held and %d spent", l.n, l.id, c.remaining, e.lot, c.held, c.spent)
	}
	return nil
}

func from(e entry) Account {
	if strings.HasPrefix(string(e.from), issuedAccount) {
		return issuedAccount
	}
	return e.from
}

// moves are what each kind may do.
var moves = map[Kind][][2]Account{
	Issued:     {{issuedAccount, Available}},
	Held:       {{Available, OnHold}},
	Captured:   {{OnHold, Consumed}, {OnHold, Available}},
	Released:   {{OnHold, Available}},
	Restored:   {{Consumed, Available}},
	Revoked:    {{Available, ToRevocation}},
	Forfeited:  {{Available, ToForfeiture}},
	Reinstated: {{ToRevocation, Available}, {ToForfeiture, Available}},
	Expired:    {{Available, ToExpiry}},
	Frozen:     {},
	Unfrozen:   {},
}

// end checks the transaction that is complete now.
func (b *rebuilt) end() error {
	t := b.txn
	if t.id == "" {
		return nil
	}
	if t.available != b.now.available || t.held != b.now.held {
		return broken("ledger_txn %s: it says %d available and %d held, the entries say %d and %d", t.id, t.available, t.held, b.now.available, b.now.held)
	}
	sum := int64(0)
	for to, n := range b.moved {
		if t.kind != Captured || to == Consumed {
			sum += n
		}
	}
	if sum != t.amount {
		return broken("ledger_txn %s: its amount is %d, the entries say %d", t.id, t.amount, sum)
	}
	switch t.kind {
	case Held:
		b.open[string(t.id)] = parts(b.entries)
	case Captured, Released:
		return b.endHold(t)
	case Forfeited:
		b.now.frozen++
	case Reinstated:
		if t.detail == string(Forfeited) {
			b.now.frozen--
		}
	case Frozen, Unfrozen:
		return b.freeze(t)
	case Issued, Restored, Revoked, Expired:
	default:
		return broken("ledger_txn %s: its kind is %q", t.id, t.kind)
	}
	return nil
}

func (b *rebuilt) endHold(t record) error {
	held, open := b.open[t.hold]
	if !open {
		return broken("ledger_txn %s: %s is not an open hold", t.id, t.hold)
	}
	if t.id != settlementOf(HoldID(t.hold)) || !maps.Equal(byLot(held), byLot(parts(b.entries))) {
		return broken("ledger_txn %s: it does not settle what %s took", t.id, t.hold)
	}
	delete(b.open, t.hold)
	return nil
}

func (b *rebuilt) freeze(t record) error {
	by := int64(1)
	if t.kind == Unfrozen {
		by = -1
	}
	if t.detail == "" {
		b.now.frozen += by
	}
	for _, id := range strings.Fields(t.detail) {
		lot := b.lots[LotID(id)]
		if lot == nil {
			return broken("ledger_txn %s: its owner has no %s", t.id, id)
		}
		lot.frozen += by
	}
	return nil
}

func parts(entries []entry) []Part {
	all := make([]Part, len(entries))
	for i, e := range entries {
		all[i] = Part{e.lot, e.amount}
	}
	return all
}

func byLot(parts []Part) map[LotID]int64 {
	sums := map[LotID]int64{}
	for _, p := range parts {
		sums[p.Lot] += p.Amount
	}
	return sums
}

// compare holds what is stored against what was rebuilt.
func (b *rebuilt) compare(stored standing) error {
	if err := b.end(); err != nil {
		return err
	}
	if stored != b.now {
		return broken("ledger_owner %s: stored %s, the entries say %s", stored.owner, stored, b.now)
	}
	for id, l := range b.lots {
		if s := l.stored; !l.issued || (change{s.Remaining, s.Held, s.Spent}) != l.change || s.frozen != l.frozen {
			return broken("ledger_lot %s: stored %d remaining, %d held, %d spent, %d freezes; the entries say %d, %d, %d, %d",
				id, s.Remaining, s.Held, s.Spent, s.frozen, l.remaining, l.held, l.spent, l.frozen)
		}
	}
	held := map[LotID]int64{}
	for _, p := range b.open {
		for lot, n := range byLot(p) {
			held[lot] += n
		}
	}
	for id, l := range b.lots {
		if held[id] != l.held {
			return broken("ledger_lot %s: %d held, the open holds say %d", id, l.held, held[id])
		}
	}
	return nil
}
