package ledger

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"safelight/internal/clock"
	"safelight/internal/db"
	"safelight/internal/id"
)

// A BenchResult is how many holds, each with its capture, were made in a second
// by so many clients, each pair in two transactions of its own.
type BenchResult struct {
	Op        string  `json:"op"`
	PerSecond float64 `json:"per_second"`
	P99       float64 `json:"p99_ms"` // of a pair
}

// Bench makes holds and captures for d with so many clients, on owners of its
// own with four lots each, sixteen owners a client. It writes: use a database
// that may be thrown away.
func Bench(ctx context.Context, d *db.DB, clients int, length time.Duration) (BenchResult, error) {
	owners, err := BenchOwners(ctx, d, 16*clients)
	if err != nil {
		return BenchResult{}, err
	}
	return BenchOn(ctx, d, owners, clients, length)
}

// BenchOn is Bench on owners that [BenchOwners] made before.
func BenchOn(ctx context.Context, d *db.DB, owners []Owner, clients int, length time.Duration) (BenchResult, error) {
	times := make([][]time.Duration, clients)
	errs := make([]error, clients)
	var all sync.WaitGroup
	start := clock.System{}.Now()
	for i := range clients {
		all.Go(func() { times[i], errs[i] = benchClient(ctx, d, owners, start.Add(length)) })
	}
	all.Wait()
	took := clock.System{}.Now().Sub(start)
	if err := errors.Join(errs...); err != nil {
		return BenchResult{}, err
	}
	pairs := slices.Concat(times...)
	if len(pairs) == 0 {
		return BenchResult{}, errors.New("ledger: the time was too short for one hold")
	}
	slices.Sort(pairs)
	p99 := pairs[len(pairs)*99/100]
	return BenchResult{Op: "hold+capture", PerSecond: float64(len(pairs)) / took.Seconds(), P99: float64(p99.Microseconds()) / 1000}, nil
}

// BenchOwners makes n owners, each with four lots that last.
func BenchOwners(ctx context.Context, d *db.DB, n int) ([]Owner, error) {
	owners := make([]Owner, n)
	for from := 0; from < n; from += 100 {
		some := owners[from:min(from+100, n)]
		for i := range some {
			some[i] = id.New[Owner]("bench")
		}
		err := d.InTx(ctx, func(tx *db.Tx) error {
			for _, o := range some {
				lot := func(c Class, expires time.Duration) Grant {
					return Grant{Class: c, Credits: 1_000_000_000, Expires: tx.Now().Add(expires)}
				}
				c := Cause{Owner: o, Key: "grant", Source: "bench"}
				_, err := Issue(ctx, tx, c, lot(Promotional, 8760*time.Hour), lot(Bonus, 8760*time.Hour), lot(Paid, 17520*time.Hour), lot(Paid, 26280*time.Hour))
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return owners, nil
}

func benchClient(ctx context.Context, d *db.DB, owners []Owner, until time.Time) ([]time.Duration, error) {
	times := []time.Duration{}
	for start := (clock.System{}).Now(); start.Before(until); {
		if err := BenchPair(ctx, d, owners[rand.IntN(len(owners))], 1+rand.Int64N(8)); err != nil {
			return nil, fmt.Errorf("ledger: bench: %w", err)
		}
		end := clock.System{}.Now()
		times = append(times, end.Sub(start))
		start = end
	}
	return times, nil
}

// BenchPair makes one hold and its capture, each in a transaction of its own,
// as a lab does for a job.
func BenchPair(ctx context.Context, d *db.DB, o Owner, amount int64) error {
	held, err := db.Do(ctx, d, func(tx *db.Tx) (Reservation, error) { return benchHold(ctx, tx, o, amount) })
	if err != nil {
		return err
	}
	return d.InTx(ctx, func(tx *db.Tx) error {
		_, err := Capture(ctx, tx, held.ID, amount)
		return err
	})
}

// BenchPairIn makes both in one transaction, to fill a history.
func BenchPairIn(ctx context.Context, tx *db.Tx, o Owner, amount int64) error {
	held, err := benchHold(ctx, tx, o, amount)
	if err != nil {
		return err
	}
	_, err = Capture(ctx, tx, held.ID, amount)
	return err
}

func benchHold(ctx context.Context, tx *db.Tx, o Owner, amount int64) (Reservation, error) {
	job := id.New[string]("job")
	return Hold(ctx, tx, Cause{Owner: o, Key: "job:" + job, Source: job}, amount)
}
