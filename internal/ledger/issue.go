package ledger

import (
	"context"
	"fmt"
	"time"

	"safelight/internal/db"
	"safelight/internal/id"
	"safelight/internal/money"
)

// A Grant is a lot to be issued.
type Grant struct {
	Class     Class
	Credits   int64
	Price     money.Amount // for all of them; zero for what was not bought
	Order     string
	Parent    LotID     // the purchase that a bonus came with,
	WithFirst bool      // or: that purchase is the first grant of this call
	Effective time.Time // zero for now
	Expires   time.Time // zero for never
	Priority  int64
}

func (g Grant) check() error {
	if _, known := rank[g.Class]; !known || g.Price.Minor < 0 || (g.Price.Minor != 0 && !g.Price.Currency.Valid()) ||
		(!g.Expires.IsZero() && !g.Expires.After(g.Effective)) {
		return fmt.Errorf("ledger: grant %+v: %w", g, ErrRequest)
	}
	return checkAmount(g.Credits)
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Issue gives the owner new lots and returns them in the order of the grants.
func Issue(ctx context.Context, tx *db.Tx, c Cause, grants ...Grant) ([]Lot, error) {
	sum := int64(0)
	request := []any{}
	for i, g := range grants {
		if err := g.check(); err != nil {
			return nil, err
		}
		if g.WithFirst && (i == 0 || g.Parent != "") {
			return nil, fmt.Errorf("ledger: grant %d has no first: %w", i, ErrRequest)
		}
		sum = min(sum+g.Credits, Max+1)
		request = append(request, g.Class, g.Credits, g.Price.Minor, g.Price.Currency, g.Order, g.Parent, g.WithFirst,
			micros(g.Effective), micros(g.Expires), g.Priority)
	}
	if err := checkAmount(sum); err != nil {
		return nil, err
	}
	s, r, seen, err := open(ctx, tx, c, Issued, c.fingerprint(Issued, request...))
	if err != nil {
		return nil, err
	}
	if seen {
		return issuedBy(ctx, tx, r.id)
	}
	if s.available+s.held > Max-sum {
		return nil, fmt.Errorf("ledger: %s would own too much: %w", c.Owner, ErrAmount)
	}
	r.amount = sum
	lots := grantLots(r, grants)
	entries := make([]entry, len(lots))
	for i, l := range lots {
		entries[i] = entry{l.ID, issuedAccount + Account(l.Class), Available, l.Granted}
		if err := insertLot(ctx, tx, l, r.id); err != nil {
			return nil, err
		}
	}
	return lots, post(ctx, tx, s, r, entries)
}

func grantLots(r record, grants []Grant) []Lot {
	lots := make([]Lot, len(grants))
	for i, g := range grants {
		lots[i] = Lot{ID: id.New[LotID]("lot"), Owner: r.owner, Class: g.Class, Granted: g.Credits, Price: g.Price,
			Order: g.Order, Parent: g.Parent, Effective: g.Effective.UTC().Truncate(time.Microsecond),
			Expires: g.Expires.UTC().Truncate(time.Microsecond), Priority: g.Priority, At: r.at, Remaining: g.Credits}
		if g.WithFirst {
			lots[i].Parent = lots[0].ID
		}
		if g.Effective.IsZero() {
			lots[i].Effective = r.at
		}
	}
	return lots
}

// issuedBy reads the lots of an issue as they stand now.
func issuedBy(ctx context.Context, tx *db.Tx, t TxnID) ([]Lot, error) {
	rows, err := db.All(ctx, tx, scanLot, `SELECT `+lotColumns+` FROM ledger_entry e JOIN ledger_lot l ON l.lot = e.lot
		WHERE e.txn = $1 ORDER BY e.n`, string(t))
	return plain(rows), err
}

func plain(rows []lotRow) []Lot {
	lots := make([]Lot, len(rows))
	for i, r := range rows {
		lots[i] = r.Lot
	}
	return lots
}
