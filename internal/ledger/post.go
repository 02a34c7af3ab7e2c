package ledger

import (
	"context"
	"fmt"
	"strconv"

	"safelight/internal/db"
	"safelight/internal/id"
)

func itoa(n int) string { return strconv.Itoa(n) }

// A change is what entries do to one lot.
type change struct{ remaining, held, spent int64 }

// side is what one credit on an account is to its lot.
func side(a Account) change {
	switch a {
	case Available:
		return change{remaining: 1}
	case OnHold:
		return change{remaining: 1, held: 1}
	case Consumed:
		return change{spent: 1}
	}
	return change{}
}

func (c change) add(e entry) change {
	from, to := side(e.from), side(e.to)
	return change{
		remaining: c.remaining + e.amount*(to.remaining-from.remaining),
		held:      c.held + e.amount*(to.held-from.held),
		spent:     c.spent + e.amount*(to.spent-from.spent),
	}
}

func (s standing) String() string {
	return fmt.Sprintf("%d transactions, the last %q after %q, %d available, %d held, %d freezes", s.seq, s.last, s.previous, s.available, s.held, s.frozen)
}

// applied is the standing after an entry.
func (s standing) applied(e entry) standing {
	free := func(c change) int64 { return c.remaining - c.held }
	from, to := side(e.from), side(e.to)
	s.available += e.amount * (free(to) - free(from))
	s.held += e.amount * (to.held - from.held)
	return s
}

func move(parts []Part, from, to Account) []entry {
	entries := make([]entry, len(parts))
	for i, p := range parts {
		entries[i] = entry{p.Lot, from, to, p.Amount}
	}
	return entries
}

// open starts the verbs that are not in a hurry: it locks the owner and looks
// for the key. Seen reports that the same request was done before, as r.
func open(ctx context.Context, tx *db.Tx, c Cause, k Kind, request string) (s standing, r record, seen bool, err error) {
	if err := c.check(); err != nil {
		return s, r, false, err
	}
	if err := tx.Together(ctx, lock(c.Owner, &s), byKey(c.Owner, c.Key, &r)); err != nil {
		return s, r, false, err
	}
	if r.id == "" {
		return s, begin(tx, c, k, request), false, nil
	}
	return s, r, true, same(r, request)
}

func same(r record, request string) error {
	if r.request != request {
		return fmt.Errorf("ledger: key %s: %w", r.key, ErrKeyReused)
	}
	return nil
}

func begin(tx *db.Tx, c Cause, k Kind, request string) record {
	return record{id: id.New[TxnID]("txn"), owner: c.Owner, kind: k, key: c.Key, request: request, source: c.Source, at: tx.Now()}
}

// post writes a transaction whose owner is locked: s is the standing before it.
func post(ctx context.Context, tx *db.Tx, s standing, r record, entries []entry) error {
	s.seq, s.last, s.previous = s.seq+1, r.id, s.last
	for _, e := range entries {
		s = s.applied(e)
	}
	if err := s.save(ctx, tx); err != nil {
		return err
	}
	return write(ctx, tx, s, r, entries, false)
}

// write is post for an owner whose row stands already as it is after r. Lasting
// says that the lots keep something, see [moveLot].
func write(ctx context.Context, tx *db.Tx, s standing, r record, entries []entry, lasting bool) error {
	r.seq, r.previous, r.available, r.held = s.seq, s.previous, s.available, s.held
	if err := insertRecord(ctx, tx, &r); err != nil {
		return err
	}
	if err := saveEntries(ctx, tx, r.id, entries); err != nil {
		return err
	}
	if r.kind == Issued { // writes its lots itself
		return nil
	}
	for i, e := range entries {
		c := change{}.add(e)
		if i > 0 && entries[i-1].lot == e.lot {
			continue
		}
		for j := i + 1; j < len(entries) && entries[j].lot == e.lot; j++ {
			c = c.add(entries[j])
		}
		if err := moveLot(ctx, tx, e.lot, c, lasting); err != nil {
			return err
		}
	}
	return nil
}
