package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"safelight/internal/db"
)

// A conn is one transaction. Its BEGIN travels with the first statements, and
// what was said Later with the next ones or with the COMMIT.
type conn struct {
	conn    *pgx.Conn
	options pgx.TxOptions
	tx      pgx.Tx // nil until the transaction has begun
	later   []db.Statement
	lost    error // statements that were never run; the transaction cannot be committed
}

// flushed carries an error out of [conn.Raw], which has no room for one.
type flushed struct{ err error }

// Raw sends what waits, so that the caller's own statements come after it.
func (c *conn) Raw() any {
	if c.tx == nil || len(c.later) > 0 {
		if err := c.Together(context.Background(), nil); err != nil {
			panic(flushed{err})
		}
	}
	return c.tx
}

func (c *conn) Exec(ctx context.Context, query string, args []any) (int64, error) {
	if c.tx != nil && len(c.later) == 0 {
		tag, err := c.tx.Exec(ctx, query, args...)
		return tag.RowsAffected(), translate(err)
	}
	results, err := c.send(ctx, db.Statement{Query: query, Args: args})
	if err != nil {
		return 0, translate(err)
	}
	tag, err := results.Exec()
	return tag.RowsAffected(), translate(first(err, results.Close()))
}

func (c *conn) Query(ctx context.Context, query string, args []any) (db.Rows, error) {
	if c.tx != nil && len(c.later) == 0 {
		r, err := c.tx.Query(ctx, query, args...)
		if err != nil {
			return nil, translate(err)
		}
		return rows{r, nil}, nil
	}
	results, err := c.send(ctx, db.Statement{Query: query, Args: args})
	if err != nil {
		return nil, translate(err)
	}
	r, err := results.Query()
	if err != nil {
		return nil, translate(first(err, results.Close()))
	}
	return rows{r, results}, nil
}

func (c *conn) Later(_ context.Context, query string, args []any) error {
	c.later = append(c.later, db.Statement{Query: query, Args: args})
	return nil
}

func (c *conn) Together(ctx context.Context, all []db.Statement) error {
	results, err := c.send(ctx, all...)
	if err != nil {
		return translate(err)
	}
	for _, s := range all {
		if err = take(results, s); err != nil {
			break
		}
	}
	return translate(first(err, results.Close()))
}

// send sends the BEGIN if it is due, what waits, and all, and takes the
// answers up to those of all, which are left to the caller.
func (c *conn) send(ctx context.Context, all ...db.Statement) (pgx.BatchResults, error) {
	batch := &pgx.Batch{}
	begins := c.tx == nil
	if begins {
		batch.BeginTx(c.options)
	}
	before := c.later
	c.later = nil
	for _, s := range append(before[:len(before):len(before)], all...) {
		batch.Queue(s.Query, s.Args...)
	}
	results := c.conn.SendBatch(ctx, batch)
	var err error
	if begins {
		c.tx = results.Tx()
		_, err = results.Exec()
	}
	for i := 0; err == nil && i < len(before); i++ {
		err = take(results, before[i])
	}
	if err != nil {
		c.lost = first(c.lost, err)
		return nil, first(err, results.Close())
	}
	return results, nil
}

// take reads one statement's answer.
func take(results pgx.BatchResults, s db.Statement) error {
	if s.Row == nil {
		tag, err := results.Exec()
		if s.Changed != nil {
			*s.Changed = tag.RowsAffected()
		}
		return err
	}
	r, err := results.Query()
	if err != nil {
		return err
	}
	defer r.Close()
	for r.Next() {
		if err := s.Row(r.Scan); err != nil {
			return err
		}
	}
	return r.Err()
}

func first(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

// commit sends what waits and the COMMIT behind it; the server skips the COMMIT
// when a statement before it fails.
func (c *conn) commit(ctx context.Context) error {
	if c.lost != nil || (c.tx == nil && len(c.later) == 0) {
		return c.lost
	}
	if len(c.later) == 0 {
		return c.tx.Commit(ctx)
	}
	results, err := c.send(ctx, db.Statement{Query: "commit"})
	if err != nil {
		return err
	}
	tag, err := results.Exec()
	if err := first(err, results.Close()); err != nil {
		return err
	}
	if tag.String() == "ROLLBACK" {
		return pgx.ErrTxCommitRollback
	}
	return nil
}

// end rolls back what was not committed, also when the closure panics.
func (c *conn) end(ctx context.Context, err *error) {
	if p := recover(); p != nil {
		f, ok := p.(flushed)
		if !ok {
			defer panic(p)
		}
		*err = f.err
	}
	if c.conn.IsClosed() || c.conn.PgConn().TxStatus() == 'I' {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if _, failed := c.conn.Exec(ctx, "rollback"); failed != nil {
		_ = c.conn.Close(ctx)
	}
}

// rows are an answer; results, if not nil, is the batch that it is part of.
type rows struct {
	pgx.Rows
	results pgx.BatchResults
}

func (r rows) Err() error { return translate(r.Rows.Err()) }

func (r rows) Close() error {
	r.Rows.Close()
	err := r.Rows.Err()
	if r.results != nil {
		err = first(err, r.results.Close())
	}
	return translate(err)
}
