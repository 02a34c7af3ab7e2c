package queuetest

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/queue"
)

// Run is [dbtest.Run] on databases that have the queue's tables too.
func Run(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		Migrate(t, d)
		test(t, d)
	})
}

// Migrate makes the queue's tables.
func Migrate(t testing.TB, d *db.DB) {
	t.Helper()
	if err := queue.Migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}

// Start works on the default queue, and on the others named, until the test
// ends; register hands it the slice's handlers and ticks.
func Start(t testing.TB, d *db.DB, register func(q *queue.Queue), others ...string) *queue.Queue {
	t.Helper()
	c := queue.Config{Workers: map[string]int{queue.DefaultQueue: 4}, Grace: time.Second}
	for _, name := range others {
		c.Workers[name] = 4
	}
	q, err := queue.New(d, slog.New(slog.NewTextHandler(t.Output(), nil)), c)
	if err != nil {
		t.Fatal(err)
	}
	register(q)
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := q.Stop(ctx); err != nil {
			t.Errorf("stop the queue: %v", err)
		}
	})
	return q
}

// Settle waits until every job of the kinds, or of all kinds if none is named,
// has finished, and what it left behind too.
func Settle(t testing.TB, d *db.DB, kinds ...string) {
	t.Helper()
	open := func() []queue.Count {
		all, err := db.Ask(t.Context(), d, func(tx *db.Tx) ([]queue.Count, error) { return queue.Stats(t.Context(), tx) })
		if err != nil {
			t.Fatal(err)
		}
		return slices.DeleteFunc(all, func(c queue.Count) bool {
			named := len(kinds) == 0 || slices.Contains(kinds, c.Kind) || slices.Contains(kinds, c.Of())
			return c.State.Finished() || !named
		})
	}
	Await(t, func() bool { return len(open()) == 0 }, func() any { return open() })
}

// Await waits until a condition holds, and fails the test with what it then
// sees if that takes half a minute.
func Await(t testing.TB, holds func() bool, see func() any) {
	t.Helper()
	for deadline := time.After(30 * time.Second); !holds(); {
		select {
		case <-deadline:
			t.Fatalf("still not: %v", see())
		case <-time.After(5 * time.Millisecond):
		}
	}
}
