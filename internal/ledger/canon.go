package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"
	"time"

	"safelight/internal/db"
)

// A line is one row of the history: a transaction with one of its entries, and
// with the lot if that entry issues it. n is 0 where a transaction has none.
type line struct {
	record
	block int64
	n     int64
	entry
	lot lotFacts
}

// lotFacts are the facts of a lot as they are stored.
type lotFacts struct {
	id, owner, class, currency, order, parent      string
	rank, granted, minor, effective, expires, prio int64
	at                                             time.Time
}

const lineColumns = recordColumns + `, t.block, COALESCE(e.n, 0), COALESCE(e.lot, ''), COALESCE(e.from_account, ''),
	COALESCE(e.to_account, ''), COALESCE(e.amount, 0), COALESCE(l.lot, ''), COALESCE(l.owner, ''), COALESCE(l.class, ''),
	COALESCE(l.rank, 0), COALESCE(l.granted, 0), COALESCE(l.price_minor, 0), COALESCE(l.currency, ''), COALESCE(l.order_ref, ''),
	COALESCE(l.parent, ''), COALESCE(l.effective, 0), COALESCE(l.expires, 0), COALESCE(l.priority, 0), COALESCE(l.at, 0)`

const lineJoins = ` LEFT JOIN ledger_entry e ON e.txn = t.txn LEFT JOIN ledger_lot l ON l.lot = e.lot AND l.txn = t.txn `

// ofBlocks reads the lines of the blocks that a condition asks for.
func ofBlocks(condition string) string {
	return `SELECT ` + lineColumns + ` FROM ledger_txn t` + lineJoins + `WHERE ` + condition + ` ORDER BY t.block, t.txn, e.n`
}

// ofOwners reads the lines of the owners after $1 and until $2, the oldest
// first, which the database sorts in its own temporary space. Their lists are
// followed from their ends by the primary key (a subquery leaves PostgreSQL no
// other way), and no further than the number of the last: a list that is cut,
// forks or goes round comes out with a number missing.
const ofOwners = `
	WITH RECURSIVE list (txn, owner, seq) AS (
		SELECT last, owner, seq FROM ledger_owner WHERE owner > $1 AND owner <= $2
		UNION ALL SELECT (SELECT t.previous FROM ledger_txn t WHERE t.txn = i.txn AND t.owner = i.owner AND t.seq = i.seq), i.owner, i.seq - 1
		FROM list i WHERE i.seq > 1 AND i.txn <> '')
	SELECT ` + lineColumns + ` FROM list i JOIN ledger_txn t ON t.txn = i.txn AND t.owner = i.owner AND t.seq = i.seq` + lineJoins + `
	ORDER BY i.owner, i.seq, e.n`

// history streams the lines of a query to each, which must not run statements
// and must not keep the line.
func history(ctx context.Context, tx *db.Tx, query string, args []any, each func(*line) error) error {
	var l line
	dest := append(l.dest(), &l.block, &l.n, &l.entry.lot, &l.from, &l.to, &l.entry.amount, &l.lot.id, &l.lot.owner, &l.lot.class,
		&l.lot.rank, &l.lot.granted, &l.lot.minor, &l.lot.currency, &l.lot.order, &l.lot.parent, &l.lot.effective, &l.lot.expires,
		&l.lot.prio, &l.lot.at)
	return tx.Together(ctx, db.Statement{Query: query, Args: args,
		Row: func(scan func(...any) error) error {
			if err := scan(dest...); err != nil {
				return err
			}
			return each(&l)
		}})
}

// A sealer hashes lines in their order. A field of text is quoted and a number
// is decimal, so that no two histories share a text.
type sealer struct {
	hash hash.Hash
	buf  []byte
	last TxnID
	txns int64
}

func newSealer(block int64, previous string) *sealer {
	s := &sealer{hash: sha256.New()}
	s.text("B", previous)
	s.numbers(block)
	s.end()
	return s
}

func (s *sealer) text(fields ...string) {
	for _, f := range fields {
		s.buf = strconv.AppendQuote(append(s.buf, ' '), f)
	}
}

func (s *sealer) numbers(fields ...int64) {
	for _, f := range fields {
		s.buf = strconv.AppendInt(append(s.buf, ' '), f, 10)
	}
}

func (s *sealer) end() {
	s.hash.Write(append(s.buf, '\n'))
	s.buf = s.buf[:0]
}

func (s *sealer) add(l *line) {
	if s.last != l.id {
		s.last = l.id
		s.txns++
		s.text("T", string(l.id), string(l.owner), string(l.kind), l.key, l.request, l.source, l.hold, l.detail, string(l.previous))
		s.numbers(l.seq, l.record.amount, l.at.UnixMicro(), l.available, l.held)
		s.end()
	}
	if l.n != 0 {
		s.text("E", string(l.entry.lot), string(l.from), string(l.to))
		s.numbers(l.n, l.entry.amount)
		s.end()
	}
	if f := l.lot; f.id != "" && l.kind == Issued {
		s.text("L", f.id, f.owner, f.class, f.currency, f.order, f.parent)
		s.numbers(f.rank, f.granted, f.minor, f.effective, f.expires, f.prio, f.at.UnixMicro())
		s.end()
	}
}

func (s *sealer) sum() string { return hex.EncodeToString(s.hash.Sum(nil)) }
