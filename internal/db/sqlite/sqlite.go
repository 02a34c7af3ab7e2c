package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"safelight/internal/db"
)

// cache keeps 64 MiB of pages in memory for the writer, so that a large file
// costs it no reads; its log is copied back every 32 MiB rather than every 4,
// which is one pair of waits for the disk rather than eight. What a savepoint
// needs for its rollback is kept in memory too.
const cache = "cache_size(-65536)"

// A Backend is one SQLite file. See [db.Backend].
type Backend struct {
	write, read *sql.DB
	writer      *writer
}

// Open opens the file, made with its folder when it does not exist.
func Open(ctx context.Context, file string) (*Backend, error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	write, err := sql.Open("sqlite", dsn(file, "journal_mode(WAL)", "synchronous(FULL)", "secure_delete(1)",
		cache, "wal_autocheckpoint(8192)", "temp_store(MEMORY)"))
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	write.SetMaxOpenConns(1)
	if err := write.PingContext(ctx); err != nil { // makes the file and its journal before a reader looks
		return nil, errors.Join(fmt.Errorf("sqlite: open %s: %w", file, err), write.Close())
	}
	read, err := sql.Open("sqlite", dsn(file, "query_only(1)"))
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(max(4, 2*runtime.NumCPU()))
	read.SetMaxIdleConns(max(4, 2*runtime.NumCPU()))
	return &Backend{write: write, read: read, writer: newWriter(write)}, nil
}

func dsn(file string, pragmas ...string) string {
	q := url.Values{"_txlock": {"immediate"}}
	for _, p := range append([]string{"busy_timeout(15000)", "foreign_keys(1)"}, pragmas...) {
		q.Add("_pragma", p)
	}
	if pragmas[0] == "query_only(1)" {
		q.Set("_txlock", "deferred")
	}
	return "file:" + (&url.URL{Path: file}).EscapedPath() + "?" + q.Encode()
}

// Kind is [db.SQLite].
func (b *Backend) Kind() db.Kind { return db.SQLite }

// Writer is the one connection that writes, for the job engine.
func (b *Backend) Writer() *sql.DB { return b.write }

// Write runs fn in the next group.
func (b *Backend) Write(ctx context.Context, fn func(db.Conn) error) error {
	return b.writer.run(ctx, fn)
}

// Read runs fn on a connection that cannot write.
func (b *Backend) Read(ctx context.Context, fn func(db.Conn) error) error {
	tx, err := b.read.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	defer tx.Rollback()
	return fn(&conn{tx: tx})
}

// Migrate brings the schema up to date.
func (b *Backend) Migrate(ctx context.Context) error {
	steps, err := db.Migrations(db.SQLite)
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, b.write, nil, goose.WithGoMigrations(steps...), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("sqlite: migrate: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("sqlite: migrate: %w", err)
	}
	return nil
}

// Close answers what waits, then closes.
func (b *Backend) Close() error {
	b.writer.close()
	return errors.Join(b.read.Close(), b.write.Close())
}

// A conn is one transaction; cached holds statements prepared before it.
type conn struct {
	tx     *sql.Tx
	cached *statements
	own    map[string]*sql.Stmt // cached statements bound to tx
	wrote  bool                 // something may have changed in this closure
	failed bool                 // a statement of this closure did, and SQLite may have rolled back by itself
}

// Raw lets others write.
func (c *conn) Raw() any {
	c.wrote = true
	return c.tx
}

// counted reports whether a statement that changed something says how many rows.
func counted(query string) bool {
	switch verb(query) {
	case "INSERT", "UPDATE", "DELETE":
		return true
	}
	return false
}

// verb is the first word of a statement, or its beginning.
func verb(query string) string {
	query = strings.TrimLeft(query, " \t\n")
	return query[:min(6, len(query))]
}

func (c *conn) Exec(ctx context.Context, query string, args []any) (int64, error) {
	ctx = context.WithoutCancel(ctx)
	var r sql.Result
	var err error
	if s := c.statement(ctx, query); s != nil {
		r, err = s.ExecContext(ctx, args...)
	} else {
		r, err = c.tx.ExecContext(ctx, query, args...)
	}
	if err != nil {
		c.failed = true
		return 0, translate(err)
	}
	changed, err := r.RowsAffected()
	c.wrote = c.wrote || changed > 0 || !counted(query)
	return changed, err
}

func (c *conn) Query(ctx context.Context, query string, args []any) (db.Rows, error) {
	ctx = context.WithoutCancel(ctx)
	c.wrote = c.wrote || verb(query) != "SELECT"
	var r *sql.Rows
	var err error
	if s := c.statement(ctx, query); s != nil {
		r, err = s.QueryContext(ctx, args...)
	} else {
		r, err = c.tx.QueryContext(ctx, query, args...)
	}
	if err != nil {
		c.failed = true
		return nil, translate(err)
	}
	return rows{r, c}, nil
}

// Later runs at once: there is no way to travel.
func (c *conn) Later(ctx context.Context, query string, args []any) error {
	_, err := c.Exec(ctx, query, args)
	return err
}

func (c *conn) Together(ctx context.Context, all []db.Statement) error {
	for _, s := range all {
		var err error
		if s.Row == nil {
			var changed int64
			if changed, err = c.Exec(ctx, s.Query, s.Args); s.Changed != nil {
				*s.Changed = changed
			}
		} else {
			err = c.each(ctx, s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *conn) each(ctx context.Context, s db.Statement) error {
	r, err := c.Query(ctx, s.Query, s.Args)
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

func (c *conn) statement(ctx context.Context, query string) *sql.Stmt {
	if c.cached == nil {
		return nil
	}
	if s := c.own[query]; s != nil {
		return s
	}
	s := c.cached.find(query)
	if s != nil {
		s = c.tx.StmtContext(ctx, s)
		c.own[query] = s
	}
	return s
}

type rows struct {
	*sql.Rows
	conn *conn
}

func (r rows) Scan(dest ...any) error { return translate(r.Rows.Scan(dest...)) }

func (r rows) Err() error {
	err := r.Rows.Err()
	if err != nil {
		r.conn.failed = true
	}
	return translate(err)
}

func translate(err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) {
		switch e.Code() {
		case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
			return fmt.Errorf("%w: %w", db.ErrDuplicate, err)
		}
	}
	return err
}
