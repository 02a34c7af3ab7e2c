package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"safelight/internal/clock"
	"safelight/internal/db"
)

// engine is River's client, whatever its transactions.
type engine interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
}

// How long River keeps what has finished.
const (
	keepDone   = 24 * time.Hour
	keepFailed = 7 * 24 * time.Hour
)

// Start begins the work and returns. The values of ctx are handed on to the
// handlers; the work ends with [Queue.Stop] alone. A Queue is started once.
func (q *Queue) Start(ctx context.Context) error {
	for _, k := range maps.Clone(q.kinds) {
		if k.OnDead != nil {
			q.after[k.name+deadSuffix] = q.dead(k)
		}
	}
	if err := q.prepare(); err != nil {
		return err
	}
	err := q.db.InTx(ctx, func(tx *db.Tx) error { return enlist(ctx, tx, q.holder, clock.System{}.Now()) })
	if err != nil {
		return fmt.Errorf("queue: start: %w", err)
	}
	q.pulse.Store(int64(uptime()))
	var work context.Context
	work, q.end = context.WithCancelCause(context.WithoutCancel(ctx))
	if q.engine != nil {
		if err := q.engine.Start(work); err != nil {
			return fmt.Errorf("queue: start: %w", err)
		}
	}
	q.loops(work)
	return nil
}

// prepare makes River's client, if there is anything to work on.
func (q *Queue) prepare() (err error) {
	if len(q.config.Workers) == 0 || len(q.kinds) == 0 {
		return nil
	}
	switch b := q.db.Backend().(type) {
	case writer:
		q.engine, err = client[*sql.Tx](q, riversqlite.New(b.Writer()), time.Second)
	case interface{ Pool() *pgxpool.Pool }:
		q.engine, err = client(q, riverpgxv5.New(b.Pool()), 200*time.Millisecond)
	default:
		err = fmt.Errorf("queue: a database of the kind %T", b)
	}
	return err
}

// client makes River's. Workers are told of new jobs, on SQLite through a
// table that River reads 20 times a second; they look by themselves besides.
func client[T any](q *Queue, driver riverdriver.Driver[T], look time.Duration) (engine, error) {
	queues := map[string]river.QueueConfig{}
	for name, n := range q.config.Workers {
		queues[name] = river.QueueConfig{MaxWorkers: n}
	}
	longest := time.Duration(0)
	for _, k := range q.kinds {
		longest = max(longest, k.Timeout)
	}
	c, err := river.NewClient(fence[T]{driver, q.held}, &river.Config{
		ID: q.holder, Queues: queues, Workers: q.bundle(), Logger: slog.New(quiet{q.log.Handler()}),
		FetchCooldown: 10 * time.Millisecond, FetchPollInterval: look,
		JobTimeout: -1, SoftStopTimeout: q.config.Grace, RescueStuckJobsAfter: longest + time.Hour,
		CompletedJobRetentionPeriod: keepDone, CancelledJobRetentionPeriod: keepFailed, DiscardedJobRetentionPeriod: keepFailed,
		ReindexerSchedule: river.NeverSchedule(),
	})
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	return c, nil
}

// loops start what goes on beside the jobs. The ticks end before the workers,
// the rest after them.
func (q *Queue) loops(ctx context.Context) {
	rest, end := context.WithCancelCause(ctx)
	ticking, endTicks := context.WithCancelCause(ctx)
	q.endRest, q.endTicks = end, endTicks
	q.rest.Go(func() { q.every(rest, q.config.Beat, q.beat) })
	q.rest.Go(func() { q.every(rest, q.config.Glance, q.glance) })
	q.rest.Go(func() { q.every(rest, q.config.Beat, q.sweep) })
	for _, t := range q.ticks {
		q.ticking.Go(func() { q.keep(ticking, t) })
	}
}

// every runs f now and then, until ctx ends.
func (q *Queue) every(ctx context.Context, d time.Duration, f func(context.Context)) {
	t := time.NewTicker(d)
	defer t.Stop()
	for {
		f(ctx)
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// Stop takes no more jobs, lets those under way go on for the grace that the
// configuration gives, ends their contexts and waits for them until ctx ends.
// What did not finish runs again elsewhere.
func (q *Queue) Stop(ctx context.Context) error {
	if q.end == nil {
		return nil
	}
	q.endTicks(ErrStopping)
	var err error
	if q.engine != nil {
		err = q.engine.Stop(ctx)
	}
	err = errors.Join(err, wait(ctx, &q.ticking))
	for _, a := range q.held.all() { // none, unless ctx ended first
		q.held.lose(a)
	}
	q.endRest(ErrStopping)
	err = errors.Join(err, wait(ctx, &q.rest))
	q.end(ErrStopping)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err = errors.Join(err, q.db.InTx(last, func(tx *db.Tx) error { return leave(last, tx, q.holder) }))
	if err != nil {
		return fmt.Errorf("queue: stop: %w", err)
	}
	return nil
}

func wait(ctx context.Context, g *sync.WaitGroup) error {
	done := make(chan struct{})
	go func() {
		g.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// quiet lets River's warnings and errors through, and nothing less.
type quiet struct{ slog.Handler }

func (h quiet) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && h.Handler.Enabled(ctx, l)
}

func (h quiet) WithAttrs(a []slog.Attr) slog.Handler { return quiet{h.Handler.WithAttrs(a)} }
func (h quiet) WithGroup(name string) slog.Handler   { return quiet{h.Handler.WithGroup(name)} }

var started = time.Now() //nolint:forbidigo // leases go by the machine's time

// uptime is the machine's time since the program began; it never jumps.
func uptime() time.Duration { return time.Since(started) }
