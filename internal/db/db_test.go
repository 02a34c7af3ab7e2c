package db_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"safelight/internal/clock"
	"safelight/internal/db"
	"safelight/internal/db/dbtest"
)

func table(t *testing.T, d *db.DB) {
	t.Helper()
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), "CREATE TABLE thing (name TEXT NOT NULL PRIMARY KEY, n BIGINT NOT NULL DEFAULT 0, at BIGINT, yes BIGINT)")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, name string) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := tx.Exec(context.WithoutCancel(t.Context()), "INSERT INTO thing (name) VALUES ($1)", name)
		return err
	}
}

func names(t *testing.T, d *db.DB) []string {
	t.Helper()
	all, err := db.Ask(t.Context(), d, func(tx *db.Tx) ([]string, error) {
		return db.All(t.Context(), tx, db.One[string], "SELECT name FROM thing ORDER BY name")
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAFailedClosureLeavesNothing(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		table(t, d)
		refused := errors.New("refused")
		var wg sync.WaitGroup
		for i := range 40 { // neighbours in the same groups
			wg.Go(func() {
				err := d.InTx(t.Context(), func(tx *db.Tx) error {
					if err := put(t, fmt.Sprintf("%02d", i))(tx); err != nil || i%2 == 0 {
						return err
					}
					return refused
				})
				if (i%2 == 1) != errors.Is(err, refused) {
					t.Errorf("closure %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		if got := names(t, d); len(got) != 20 || slices.Contains(got, "01") {
			t.Errorf("kept: %v", got)
		}
	})
}

func TestAPanicReachesItsOwnCallerAlone(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		table(t, d)
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				defer func() {
					if p := recover(); (p != nil) != (i == 5) {
						t.Errorf("closure %d: recovered %v", i, p)
					}
				}()
				err := d.InTx(t.Context(), func(tx *db.Tx) error {
					if err := put(t, fmt.Sprint(i))(tx); err != nil {
						return err
					}
					if i == 5 {
						panic("five")
					}
					return nil
				})
				if err != nil {
					t.Errorf("closure %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		if got := names(t, d); len(got) != 9 || slices.Contains(got, "5") {
			t.Errorf("kept: %v", got)
		}
	})
}

func TestADuplicateIsTold(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		table(t, d)
		if err := d.InTx(t.Context(), put(t, "a")); err != nil {
			t.Fatal(err)
		}
		if err := d.InTx(t.Context(), put(t, "a")); !errors.Is(err, db.ErrDuplicate) {
			t.Errorf("got %v", err)
		}
	})
}

func TestACancelledCallerHarmsNoNeighbour(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		table(t, d)
		var wg sync.WaitGroup
		for i := range 30 {
			wg.Go(func() {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				err := d.InTx(ctx, func(tx *db.Tx) error {
					if i%3 == 0 {
						cancel()
					}
					return put(t, fmt.Sprintf("%02d", i))(tx)
				})
				if err != nil && i%3 != 0 {
					t.Errorf("neighbour %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		if got := names(t, d); len(got) < 20 {
			t.Errorf("kept only %v", got)
		}
	})
}

func TestAViewCannotWrite(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		table(t, d)
		if err := d.View(t.Context(), put(t, "a")); err == nil {
			t.Error("a view wrote")
		}
		if got := names(t, d); len(got) != 0 {
			t.Errorf("kept: %v", got)
		}
	})
}

func TestValuesComeBackAsTheyWentIn(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		table(t, d)
		type answer struct {
			at, never time.Time
			yes       bool
			n         int64
		}
		at := time.Date(2028, 2, 29, 23, 59, 59, 999999000, time.UTC)
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			if !tx.Now().Equal(dbtest.Start) {
				t.Errorf("the transaction shows %v", tx.Now())
			}
			_, err := tx.Exec(t.Context(), "INSERT INTO thing (name, n, at, yes) VALUES ($1, $2, $3, $4), ($5, $6, $7, $8)",
				"a", int64(1)<<62, at, true, "b", 0, time.Time{}, false)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := db.Ask(t.Context(), d, func(tx *db.Tx) (a answer, err error) {
			err = tx.QueryRow(t.Context(), `SELECT a.at, a.yes, a.n, b.at FROM thing a, thing b WHERE a.name = $1 AND b.name = $2`, "a", "b").
				Scan(&a.at, &a.yes, &a.n, &a.never)
			return a, err
		})
		if want := (answer{at, time.Time{}, true, 1 << 62}); err != nil || got != want {
			t.Errorf("got %+v, %v; want %+v", got, err, want)
		}
	})
}

func TestNoRowIsNotFound(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		table(t, d)
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			var n int
			if err := tx.QueryRow(t.Context(), "SELECT n FROM thing").Scan(&n); !errors.Is(err, db.ErrNoRows) {
				t.Errorf("QueryRow: %v", err)
			}
			return tx.ExecOne(t.Context(), "UPDATE thing SET n = 1")
		})
		if !errors.Is(err, db.ErrNoRows) {
			t.Errorf("ExecOne: %v", err)
		}
	})
}

func TestAcknowledgedWritesSurviveReopening(t *testing.T) {
	for _, kind := range []db.Kind{db.SQLite, db.Postgres} {
		t.Run(string(kind), func(t *testing.T) {
			url := dbtest.URL(t, kind)
			first := dbtest.Reopen(t, url, clock.System{})
			table(t, first)
			if err := first.InTx(t.Context(), put(t, "kept")); err != nil {
				t.Fatal(err)
			}
			second := dbtest.Reopen(t, url, clock.System{})
			if got := names(t, second); !slices.Equal(got, []string{"kept"}) {
				t.Errorf("another process sees %v", got)
			}
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			if err := second.InTx(t.Context(), put(t, "more")); err != nil {
				t.Error(err)
			}
		})
	}
}

// Each transaction reads a row and writes what follows from it; on PostgreSQL
// the update itself waits for the neighbour.
func TestCountersLoseNothing(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		table(t, d)
		if err := d.InTx(t.Context(), put(t, "counter")); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				for range 10 {
					err := d.InTx(t.Context(), func(tx *db.Tx) error {
						return tx.ExecOne(t.Context(), "UPDATE thing SET n = n + 1 WHERE name = $1", "counter")
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		got := 0
		err := d.View(t.Context(), func(tx *db.Tx) error { return tx.QueryRow(t.Context(), "SELECT n FROM thing").Scan(&got) })
		if err != nil || got != 200 {
			t.Errorf("the counter shows %d, %v", got, err)
		}
	})
}

// A deadlock is the server's to find and ours to repeat.
func TestDeadlockedTransactionsRunAgain(t *testing.T) {
	d := dbtest.Open(t, db.Postgres, clock.System{})
	table(t, d)
	for _, n := range []string{"a", "b"} {
		if err := d.InTx(t.Context(), put(t, n)); err != nil {
			t.Fatal(err)
		}
	}
	var met sync.WaitGroup
	met.Add(2)
	var wg sync.WaitGroup
	for _, order := range [][]string{{"a", "b"}, {"b", "a"}} {
		first := true
		wg.Go(func() {
			err := d.InTx(t.Context(), func(tx *db.Tx) error {
				for i, n := range order {
					if _, err := tx.Exec(t.Context(), "UPDATE thing SET n = n + 1 WHERE name = $1", n); err != nil {
						return err
					}
					if i == 0 && first {
						first = false
						met.Done()
						met.Wait()
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestSchemasAreEqual(t *testing.T) {
	columns := map[db.Kind][]string{}
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		query := `SELECT m.name || '.' || p.name FROM sqlite_master m, pragma_table_info(m.name) p
			WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose_%'`
		if d.Kind() == db.Postgres {
			query = `SELECT table_name || '.' || column_name FROM information_schema.columns
				WHERE table_schema = 'public' AND table_name NOT LIKE 'goose_%'`
		}
		err := d.View(t.Context(), func(tx *db.Tx) error {
			all, err := db.All(t.Context(), tx, db.One[string], query)
			slices.Sort(all)
			columns[d.Kind()] = all
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	if !slices.Equal(columns[db.SQLite], columns[db.Postgres]) {
		t.Errorf("SQLite has\n%v\nPostgreSQL has\n%v", columns[db.SQLite], columns[db.Postgres])
	}
}

func TestStatementsSentTogetherKeepTheirOrder(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		table(t, d)
		ctx := t.Context()
		at := dbtest.Start.Add(time.Hour)
		err := d.InTx(ctx, func(tx *db.Tx) error {
			seen := []time.Time{}
			changed := int64(-1)
			err := errors.Join(
				tx.Later(ctx, "INSERT INTO thing (name, at) VALUES ($1, $2)", "a", at),
				tx.Later(ctx, "UPDATE thing SET n = 7 WHERE name = $1", "a"),
				tx.Together(ctx,
					db.Statement{Query: "UPDATE thing SET n = n + 1 WHERE n = $1", Args: []any{7}, Changed: &changed},
					db.Statement{Query: "SELECT at FROM thing WHERE n = 8", Row: func(scan func(...any) error) error {
						when, err := db.One[time.Time](scan)
						seen = append(seen, when)
						return err
					}}),
				tx.Later(ctx, "UPDATE thing SET n = n * 2 WHERE name = $1", "a"))
			if err != nil || !slices.Equal(seen, []time.Time{at}) || changed != 1 {
				t.Errorf("saw %v, changed %d, %v", seen, changed, err)
			}
			var n int
			if err := tx.QueryRow(ctx, "SELECT n FROM thing").Scan(&n); err != nil || n != 16 {
				t.Errorf("a question after a late statement sees %d, %v", n, err)
			}
			return tx.Later(ctx, "UPDATE thing SET n = 1, yes = $1", true)
		})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		err = d.View(ctx, func(tx *db.Tx) error { return tx.QueryRow(ctx, "SELECT n + yes FROM thing").Scan(&n) })
		if err != nil || n != 2 {
			t.Errorf("kept %d, %v", n, err)
		}
	})
}

func TestALateStatementThatFailsLosesTheTransaction(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		table(t, d)
		ctx := t.Context()
		if err := d.InTx(ctx, put(t, "a")); err != nil {
			t.Fatal(err)
		}
		err := d.InTx(ctx, func(tx *db.Tx) error {
			if err := put(t, "b")(tx); err != nil {
				return err
			}
			return tx.Later(ctx, "INSERT INTO thing (name) VALUES ($1)", "a")
		})
		if !errors.Is(err, db.ErrDuplicate) {
			t.Errorf("got %v", err)
		}
		err = d.InTx(ctx, func(tx *db.Tx) error {
			if err := tx.Later(ctx, "INSERT INTO thing (name) VALUES ($1)", "a"); err != nil {
				return err
			}
			tx.Raw()
			return nil
		})
		if !errors.Is(err, db.ErrDuplicate) {
			t.Errorf("got %v from the job engine's door", err)
		}
		err = d.InTx(ctx, func(tx *db.Tx) error {
			if tx.Later(ctx, "INSERT INTO thing (name) VALUES ($1)", "a") == nil {
				_, _ = tx.Exec(ctx, "INSERT INTO thing (name) VALUES ($1)", "c") // nobody looks at its error
				return put(t, "d")(tx)
			}
			return db.ErrDuplicate // told at once
		})
		if err == nil {
			t.Error("what was lost was committed")
		}
		if got := names(t, d); !slices.Equal(got, []string{"a"}) {
			t.Errorf("kept: %v", got)
		}
	})
}
