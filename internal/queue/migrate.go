package queue

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"safelight/internal/db"
)

// What a backend lends to the job engine.
type (
	writer interface{ Writer() *sql.DB }
	pooled interface{ Pool() *pgxpool.Pool }
)

// Migrate brings River's own tables (river_…) up to date, after [db.DB.Migrate].
// Processes that start together wait for each other.
func Migrate(ctx context.Context, d *db.DB) error {
	switch b := d.Backend().(type) {
	case writer:
		if migrate(ctx, riversqlite.New(b.Writer())) == nil {
			return nil
		}
		return migrate(ctx, riversqlite.New(b.Writer())) // another process was at it
	case pooled:
		return migrateOnce(ctx, b.Pool())
	default:
		return fmt.Errorf("queue: a database of the kind %T", b)
	}
}

// An arbitrary number that names our lock on the server.
const migrationLock = 0x5afe11947

func migrateOnce(ctx context.Context, pool *pgxpool.Pool) error {
	c, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("queue: migrate: %w", err)
	}
	defer c.Release()
	if _, err := c.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(migrationLock)); err != nil {
		return fmt.Errorf("queue: migrate: %w", err)
	}
	defer c.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(migrationLock)) //nolint:errcheck // the end of the connection frees it too
	return migrate(ctx, riverpgxv5.New(pool))
}

func migrate[T any](ctx context.Context, driver riverdriver.Driver[T]) error {
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("queue: migrate: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("queue: migrate: %w", err)
	}
	return nil
}
