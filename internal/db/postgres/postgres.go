package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"safelight/internal/db"
)

// A Backend is one PostgreSQL database. See [db.Backend].
type Backend struct {
	pool *pgxpool.Pool
}

// defaultConns is how many connections one process opens at most, where the
// address does not say pool_max_conns: enough for requests to meet at the
// server, few enough for several processes under its usual limit of 100.
const defaultConns = 24

// Open connects to a "postgres://" address.
func Open(ctx context.Context, address string) (*Backend, error) {
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	config.ConnConfig.StatementCacheCapacity = 512
	if !strings.Contains(address, "pool_max_conns") {
		config.MaxConns = defaultConns
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("postgres: %w", err)
	}
	return &Backend{pool: pool}, nil
}

// Kind is [db.Postgres].
func (b *Backend) Kind() db.Kind { return db.Postgres }

// Pool is for the job engine.
func (b *Backend) Pool() *pgxpool.Pool { return b.pool }

// Close waits for the connections in use, then closes.
func (b *Backend) Close() error {
	b.pool.Close()
	return nil
}

// Write runs fn in a transaction, again when the server asks for it.
func (b *Backend) Write(ctx context.Context, fn func(db.Conn) error) error {
	return b.tx(ctx, pgx.TxOptions{}, fn)
}

// Read runs fn on one snapshot that cannot write.
func (b *Backend) Read(ctx context.Context, fn func(db.Conn) error) error {
	return b.tx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, fn)
}

const maxTries = 10

func (b *Backend) tx(ctx context.Context, o pgx.TxOptions, fn func(db.Conn) error) error {
	for try := 1; ; try++ {
		err := b.once(ctx, o, fn)
		if err == nil || try == maxTries || !transient(err) {
			return translate(err)
		}
		pause := time.Duration(1+rand.Int64N(int64(5*try))) * time.Millisecond
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

func (b *Backend) once(ctx context.Context, o pgx.TxOptions, fn func(db.Conn) error) (err error) {
	p, err := b.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer p.Release()
	c := &conn{conn: p.Conn(), options: o}
	defer c.end(ctx, &err)
	if err := fn(c); err != nil {
		return err
	}
	return c.commit(ctx)
}

// transient reports whether the server asks to run the transaction again:
// serialization_failure and deadlock_detected.
func transient(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01")
}

const uniqueViolation = "23505"

func translate(err error) error {
	var e *pgconn.PgError
	if errors.As(err, &e) && e.Code == uniqueViolation && !errors.Is(err, db.ErrDuplicate) {
		return fmt.Errorf("%w: %w", db.ErrDuplicate, err)
	}
	return err
}

// Migrate brings the schema up to date; processes that start together wait for
// each other.
func (b *Backend) Migrate(ctx context.Context) error {
	steps, err := db.Migrations(db.Postgres)
	if err != nil {
		return err
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return fmt.Errorf("postgres: migrate: %w", err)
	}
	std := stdlib.OpenDBFromPool(b.pool)
	defer func() { _ = std.Close() }() // the pool stays
	p, err := goose.NewProvider(goose.DialectPostgres, std, nil, goose.WithGoMigrations(steps...),
		goose.WithDisableGlobalRegistry(true), goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("postgres: migrate: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("postgres: migrate: %w", err)
	}
	return nil
}
