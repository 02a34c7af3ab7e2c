package dbtest

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"safelight/internal/clock"
	"safelight/internal/db"
	"safelight/internal/db/postgres"
	"safelight/internal/db/sqlite"
)

// Start is when a test's clock starts.
var Start = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// Run runs test on a fresh SQLite database and on a fresh PostgreSQL one, each
// with a clock of its own that stands at [Start].
func Run(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	for _, kind := range []db.Kind{db.SQLite, db.Postgres} {
		t.Run(string(kind), func(t *testing.T) { test(t, Open(t, kind, clock.NewManual(Start))) })
	}
}

// Clock is the clock of a database that Run or Open(…, *clock.Manual) gave.
func Clock(d *db.DB) *clock.Manual { return d.Clock().(*clock.Manual) }

// Open gives one fresh, migrated database, closed when the test ends.
func Open(t testing.TB, kind db.Kind, c clock.Clock) *db.DB {
	t.Helper()
	d := db.New(backend(t, URL(t, kind)), c)
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

func backend(t testing.TB, url string) db.Backend {
	t.Helper()
	var b db.Backend
	var err error
	if file, ok := strings.CutPrefix(url, "sqlite:"); ok {
		b, err = sqlite.Open(t.Context(), file)
	} else {
		b, err = postgres.Open(t.Context(), url)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// URL gives the address of a fresh, empty database: "sqlite:FILE" or
// "postgres://…", dropped when the test ends.
func URL(t testing.TB, kind db.Kind) string {
	t.Helper()
	if kind == db.SQLite {
		return "sqlite:" + filepath.Join(t.TempDir(), "safelight.db")
	}
	url, drop, err := create(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatalf("a PostgreSQL for the test: %v", err)
	}
	t.Cleanup(func() {
		if err := drop(); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return url
}

// Reopen gives another door to the same database, as another process would
// have it.
func Reopen(t testing.TB, url string, c clock.Clock) *db.DB {
	t.Helper()
	d := db.New(backend(t, url), c)
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// Micros is a moment as the columns hold it, for tests that read raw rows.
func Micros(t time.Time) string { return fmt.Sprint(t.UnixMicro()) }
