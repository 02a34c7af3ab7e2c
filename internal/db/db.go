package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"safelight/internal/clock"
	"safelight/internal/fault"
)

// ErrNoRows is what a Scan of [Tx.QueryRow] returns when there is no row.
var ErrNoRows = fault.New(fault.NotFound, "fault.not_found", "There is nothing here.")

// ErrDuplicate means that a unique constraint refused the row.
var ErrDuplicate = errors.New("db: duplicate")

// Kind names the database.
type Kind string

// The kinds.
const (
	SQLite   Kind = "sqlite"
	Postgres Kind = "postgres"
)

// A Backend is one kind of database. Write runs fn in a transaction that is
// durable when Write returns nil, and rolls back what fn did when fn fails or
// panics; the panic reaches the caller of Write. Read runs fn in a transaction
// that sees one moment and cannot write. Both translate the driver's errors to
// [ErrNoRows] and [ErrDuplicate].
type Backend interface {
	Kind() Kind
	Write(ctx context.Context, fn func(Conn) error) error
	Read(ctx context.Context, fn func(Conn) error) error
	Migrate(ctx context.Context) error
	Close() error
}

// A Conn runs statements inside one transaction of a [Backend].
type Conn interface {
	Exec(ctx context.Context, query string, args []any) (int64, error)
	Query(ctx context.Context, query string, args []any) (Rows, error)
	// Later runs a statement at the latest with the commit, and before any
	// statement that is given after it.
	Later(ctx context.Context, query string, args []any) error
	// Together runs statements in their order, in one round trip where there
	// are round trips.
	Together(ctx context.Context, all []Statement) error
	// Raw is the driver's own transaction, for the job engine alone: a
	// *sql.Tx or a pgx.Tx.
	Raw() any
}

// Rows are the rows of a query, to be closed.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close() error
}

// A Statement is one of several that go to the database together. Row, if not
// nil, is called for each row of the answer; it must not run statements.
// Changed, if not nil, gets the number of rows changed; a statement has one of
// the two.
type Statement struct {
	Query   string
	Args    []any
	Row     func(scan func(dest ...any) error) error
	Changed *int64
}

// A DB is a database with a clock. It is safe for concurrent use.
type DB struct {
	backend Backend
	clock   clock.Clock
}

// New joins a backend with the clock that its transactions show.
func New(b Backend, c clock.Clock) *DB { return &DB{backend: b, clock: c} }

// Kind names the database.
func (d *DB) Kind() Kind { return d.backend.Kind() }

// Clock is the clock that the transactions show.
func (d *DB) Clock() clock.Clock { return d.clock }

// Backend is for the job engine, which speaks to the driver itself.
func (d *DB) Backend() Backend { return d.backend }

// Migrate brings the schema up to date.
func (d *DB) Migrate(ctx context.Context) error { return d.backend.Migrate(ctx) }

// Close closes the database after the transactions under way.
func (d *DB) Close() error { return d.backend.Close() }

// InTx runs fn in a transaction that can write. When it returns nil, what fn
// wrote is durable; otherwise nothing of it is kept.
func (d *DB) InTx(ctx context.Context, fn func(tx *Tx) error) error {
	return d.backend.Write(ctx, func(c Conn) error { return fn(&Tx{conn: c, now: d.clock.Now()}) })
}

// View runs fn in a transaction that sees one moment and cannot write.
func (d *DB) View(ctx context.Context, fn func(tx *Tx) error) error {
	return d.backend.Read(ctx, func(c Conn) error { return fn(&Tx{conn: c, now: d.clock.Now()}) })
}

// Ask is View for a question with one answer.
func Ask[T any](ctx context.Context, d *DB, fn func(tx *Tx) (T, error)) (T, error) {
	var v T
	err := d.View(ctx, func(tx *Tx) (err error) {
		v, err = fn(tx)
		return err
	})
	return v, err
}

// Do is InTx for a verb with a result.
func Do[T any](ctx context.Context, d *DB, fn func(tx *Tx) (T, error)) (T, error) {
	var v T
	err := d.InTx(ctx, func(tx *Tx) (err error) {
		v, err = fn(tx)
		return err
	})
	return v, err
}

// A Tx is a transaction. It is good until the closure it was given to returns,
// and for one goroutine.
type Tx struct {
	conn Conn
	now  time.Time
}

// Now is the time of the transaction: the same at every call.
func (tx *Tx) Now() time.Time { return tx.now }

// Raw is the driver's own transaction, for the job engine alone.
func (tx *Tx) Raw() any { return tx.conn.Raw() }

// Exec runs a statement and returns how many rows it changed.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	return tx.conn.Exec(ctx, query, stored(args))
}

// Query runs a query. The rows must be closed before the next statement.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (Rows, error) {
	r, err := tx.conn.Query(ctx, query, stored(args))
	if err != nil {
		return nil, err
	}
	return rows{r}, nil
}

// QueryRow runs a query for at most one row; its Scan returns [ErrNoRows] when
// there is none.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) Row {
	r, err := tx.Query(ctx, query, args...)
	return Row{r, err}
}

// Later runs a statement whose outcome the closure need not see, in order with
// all others and at the latest with the commit. An error of it is told by
// Later, by a statement after it, or by InTx; the transaction is lost then.
func (tx *Tx) Later(ctx context.Context, query string, args ...any) error {
	return tx.conn.Later(ctx, query, stored(args))
}

// Together runs statements in their order; on PostgreSQL it costs one round
// trip for all.
func (tx *Tx) Together(ctx context.Context, all ...Statement) error {
	for i := range all {
		all[i].Args = stored(all[i].Args)
		if row := all[i].Row; row != nil {
			all[i].Row = func(scan func(dest ...any) error) error {
				return row(func(dest ...any) error { return scanStored(scan, dest) })
			}
		}
	}
	return tx.conn.Together(ctx, all)
}

// A Row is the first row of a query.
type Row struct {
	rows Rows
	err  error
}

// Scan copies the row's columns and ends the query.
func (r Row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	if r.rows.Next() { // reads to the end, so that errors of a RETURNING show
		return nil
	}
	return r.rows.Err()
}

// All runs a query and scans each row with scan.
func All[T any](ctx context.Context, tx *Tx, scan func(scan func(dest ...any) error) (T, error), query string, args ...any) ([]T, error) {
	r, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	all := []T{}
	for r.Next() {
		v, err := scan(r.Scan)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, r.Err()
}

// One is a scan for [All] and [Row] of a single column.
func One[T any](scan func(dest ...any) error) (v T, err error) {
	err = scan(&v)
	return v, err
}

// ExecOne is Exec for a statement that must change exactly one row; otherwise
// it returns an error that wraps [ErrNoRows].
func (tx *Tx) ExecOne(ctx context.Context, query string, args ...any) error {
	n, err := tx.Exec(ctx, query, args...)
	if err != nil {
		return err
	}
	if n != 1 {
		return fmt.Errorf("%d rows changed: %w", n, ErrNoRows)
	}
	return nil
}
