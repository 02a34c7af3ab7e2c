// Command ledgerbench measures the ledger: hold+capture pairs a second on
// SQLite, with little and with much history, and on PostgreSQL beside the same
// work as functions in the database driven by pgbench, in turns on one server.
// All commits are durable. It needs Debian's postgresql.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"syscall"
	"time"

	"safelight/internal/clock"
	"safelight/internal/db"
	"safelight/internal/db/sqlite"
	"safelight/internal/ledger"
)

type options struct {
	seconds, rounds, past int
	sqlite, postgres      bool
	profile               string
}

func main() {
	var o options
	flag.IntVar(&o.seconds, "seconds", 5, "how long each measurement takes")
	flag.IntVar(&o.rounds, "rounds", 3, "how often PostgreSQL and pgbench take turns")
	flag.IntVar(&o.past, "past", 1_000_000, "past transactions for the second figure on SQLite; 0 for none")
	flag.BoolVar(&o.sqlite, "sqlite", true, "measure SQLite")
	flag.BoolVar(&o.postgres, "postgres", true, "measure PostgreSQL")
	flag.StringVar(&o.profile, "profile", "", "a file for the processor profile of the last measurement on SQLite")
	flag.Parse()
	if err := run(context.Background(), o); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "ledgerbench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	say("%d cores, %s\n", runtime.NumCPU(), runtime.Version())
	if o.sqlite {
		if err := onSQLite(ctx, o); err != nil {
			return err
		}
	}
	if o.postgres {
		return onPostgres(ctx, o)
	}
	return nil
}

func say(format string, args ...any) { _, _ = fmt.Fprintf(os.Stdout, format, args...) }

const sqliteClients = 64

func onSQLite(ctx context.Context, o options) error {
	folder, err := os.MkdirTemp("", "ledgerbench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	b, err := sqlite.Open(ctx, filepath.Join(folder, "bench.db"))
	if err != nil {
		return err
	}
	d := db.New(b, clock.System{})
	defer d.Close()
	if err := d.Migrate(ctx); err != nil {
		return err
	}
	owners, err := ledger.BenchOwners(ctx, d, 16*sqliteClients)
	if err != nil {
		return err
	}
	for _, past := range []int{100, o.past} {
		if past == 0 {
			break
		}
		if err := history(ctx, d, owners, past); err != nil {
			return err
		}
		stop, err := profile(o.profile)
		if err != nil {
			return err
		}
		used := cpu()
		r, err := ledger.BenchOn(ctx, d, owners, sqliteClients, time.Duration(o.seconds)*time.Second)
		if err != nil {
			return err
		}
		used = cpu() - used
		if err := stop(); err != nil {
			return err
		}
		say("sqlite, %d clients, after %d transactions: %.0f pairs/s, p99 %.1f ms, %.0f µs of processor a pair\n", sqliteClients, past,
			r.PerSecond, r.P99, float64(used.Microseconds())/(r.PerSecond*float64(o.seconds)))
	}
	return verify(ctx, d)
}

// profile writes where the processors' time goes, until it is stopped.
func profile(file string) (stop func() error, err error) {
	if file == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() error { pprof.StopCPUProfile(); return f.Close() }, nil
}

// cpu is what this process has used of the processors.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// history makes so many past transactions, of these owners.
func history(ctx context.Context, d *db.DB, owners []ledger.Owner, transactions int) error {
	start := clock.System{}.Now()
	const together = 500
	for done := 0; done < transactions; done += together {
		err := d.InTx(ctx, func(tx *db.Tx) error {
			for i := done; i < min(done+together, transactions); i += 2 {
				if err := ledger.BenchPairIn(ctx, tx, owners[rand.IntN(len(owners))], 1); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if err := ledger.SealAll(ctx, d); err != nil {
		return err
	}
	syscall.Sync() // what was written must not slow the measurement
	say("made and sealed %d transactions in %.1f s\n", transactions, clock.System{}.Now().Sub(start).Seconds())
	return nil
}

func verify(ctx context.Context, d *db.DB) error {
	start := clock.System{}.Now()
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r, err := ledger.Verify(ctx, d)
	if err != nil {
		return err
	}
	runtime.ReadMemStats(&after)
	say("%s, in %.1f s, the heap grew by %d MB\n", r, clock.System{}.Now().Sub(start).Seconds(), max(0, int64(after.HeapSys)-int64(before.HeapSys))>>20)
	return nil
}

func median(of []float64) float64 {
	s := slices.Sorted(slices.Values(of))
	return s[len(s)/2]
}
