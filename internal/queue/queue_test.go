package queue_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"safelight/internal/clock"
	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/queue"
	"safelight/internal/queue/queuetest"
)

var errRefused = errors.New("refused")

// calm has the default lease; quick notices the end of a process within
// seconds, for the tests of just that.
var (
	calm  = queue.Config{Workers: map[string]int{"default": 8}, Grace: 50 * time.Millisecond, Glance: 100 * time.Millisecond}
	quick = queue.Config{Workers: calm.Workers, Beat: 300 * time.Millisecond, Lease: 3 * time.Second, Grace: calm.Grace, Glance: calm.Glance}
)

func enqueue(t *testing.T, d *db.DB, j queue.Job) queue.ID {
	t.Helper()
	id, err := db.Do(t.Context(), d, func(tx *db.Tx) (queue.ID, error) { return queue.Enqueue(t.Context(), tx, j) })
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func find(t *testing.T, d *db.DB, id queue.ID) queue.Status {
	t.Helper()
	s, err := db.Ask(t.Context(), d, func(tx *db.Tx) (queue.Status, error) { return queue.Find(t.Context(), tx, id) })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	queuetest.Await(t, holds, func() any { return what })
}

func awaitState(t *testing.T, d *db.DB, id queue.ID, want queue.State) {
	t.Helper()
	queuetest.Await(t, func() bool { return find(t, d, id).State == want }, func() any {
		return fmt.Sprintf("the job is %+v, want %s", find(t, d, id), want)
	})
}

func start(t *testing.T, d *db.DB, c queue.Config, register func(q *queue.Queue)) *queue.Queue {
	t.Helper()
	q, err := queue.New(d, slog.New(slog.NewTextHandler(t.Output(), nil)), c)
	if err != nil {
		t.Fatal(err)
	}
	register(q)
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, q) })
	return q
}

func stop(t *testing.T, q *queue.Queue) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := q.Stop(ctx); err != nil {
		t.Errorf("stop: %v", err)
	}
}

func TestARolledBackJobDoesNotExist(t *testing.T) {
	queuetest.Run(t, func(t *testing.T, d *db.DB) {
		var ran atomic.Int64
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			if _, err := queue.Enqueue(t.Context(), tx, queue.Job{Kind: "test.never"}); err != nil {
				return err
			}
			return errRefused
		})
		if !errors.Is(err, errRefused) {
			t.Fatal(err)
		}
		kept := enqueue(t, d, queue.Job{Kind: "test.never"})
		start(t, d, calm, func(q *queue.Queue) {
			q.Handle("test.never", queue.Options{}, func(context.Context, *queue.Run) error { ran.Add(1); return nil })
		})
		awaitState(t, d, kept, queue.Done)
		if n := ran.Load(); n != 1 {
			t.Errorf("%d jobs ran", n)
		}
	})
}

// Half of ten thousand transactions, in parallel, fail after they enqueued.
func TestTenThousandTransactionsEnqueueExactlyWhatTheyCommit(t *testing.T) {
	queuetest.Run(t, func(t *testing.T, d *db.DB) {
		const all, clients = 10_000, 50
		var ran atomic.Int64
		seen := make([]atomic.Int32, all)
		start(t, d, queue.Config{Workers: map[string]int{"default": 100}}, func(q *queue.Queue) {
			q.Handle("test.count", queue.Options{}, func(_ context.Context, r *queue.Run) error {
				var n int
				if err := r.Decode(&n); err != nil {
					return err
				}
				seen[n].Add(1)
				ran.Add(1)
				return nil
			})
		})
		begun := time.Now()
		var wg sync.WaitGroup
		for c := range clients {
			wg.Go(func() {
				for n := c; n < all; n += clients {
					err := d.InTx(t.Context(), func(tx *db.Tx) error {
						if _, err := queue.Enqueue(t.Context(), tx, queue.Job{Kind: "test.count", Args: n}); err != nil {
							return err
						}
						if n%2 == 1 {
							return errRefused
						}
						return nil
					})
					if (n%2 == 1) != errors.Is(err, errRefused) {
						t.Errorf("transaction %d: %v", n, err)
					}
				}
			})
		}
		wg.Wait()
		enqueued := time.Since(begun)
		await(t, "5000 jobs ran", func() bool { return ran.Load() >= all/2 })
		t.Logf("10,000 transactions in %v, 5,000 jobs done %v after the start", enqueued, time.Since(begun))
		for n := range seen {
			if want := int32((n + 1) % 2); seen[n].Load() != want {
				t.Errorf("job %d ran %d times", n, seen[n].Load())
			}
		}
	})
}

func TestAKeyIsTakenUntilItsJobHasFinished(t *testing.T) {
	queuetest.Run(t, func(t *testing.T, d *db.DB) {
		first := enqueue(t, d, queue.Job{Kind: "test.key", Key: "a", Args: 1})
		if again := enqueue(t, d, queue.Job{Kind: "test.key", Key: "a", Args: 2}); again != first {
			t.Errorf("the same key gave %s and %s", first, again)
		}
		if other := enqueue(t, d, queue.Job{Kind: "test.key", Key: "b"}); other == first {
			t.Error("another key gave the same job")
		}
		if other := enqueue(t, d, queue.Job{Kind: "test.lock", Key: "a"}); other == first {
			t.Error("another kind gave the same job")
		}
		start(t, d, calm, func(q *queue.Queue) {
			q.Handle("test.key", queue.Options{}, func(context.Context, *queue.Run) error { return nil })
		})
		awaitState(t, d, first, queue.Done)
		if next := enqueue(t, d, queue.Job{Kind: "test.key", Key: "a"}); next == first {
			t.Error("the key of a finished job is still taken")
		}
	})
}

func TestAJobStartsSoonAfterItsCommit(t *testing.T) {
	queuetest.Run(t, func(t *testing.T, d *db.DB) {
		ran := make(chan time.Time)
		start(t, d, queue.Config{Workers: map[string]int{"default": 2}}, func(q *queue.Queue) {
			q.Handle("test.soon", queue.Options{}, func(context.Context, *queue.Run) error { ran <- time.Now(); return nil })
		})
		var took []time.Duration
		for range 21 {
			enqueue(t, d, queue.Job{Kind: "test.soon"})
			committed := time.Now()
			took = append(took, (<-ran).Sub(committed))
		}
		slices.Sort(took)
		t.Logf("median %v, worst %v", took[10], took[20])
		if took[10] > 200*time.Millisecond {
			t.Errorf("half of the jobs started more than %v after their commit", took[10])
		}
	})
}

func TestAFailedJobIsTriedAgainUntilItSucceeds(t *testing.T) {
	queuetest.Run(t, func(t *testing.T, d *db.DB) {
		var mu sync.Mutex
		var attempts []int
		job := enqueue(t, d, queue.Job{Kind: "test.flaky", MaxAttempts: 3})
		start(t, d, calm, func(q *queue.Queue) {
			q.Handle("test.flaky", queue.Options{Backoff: soon}, func(_ context.Context, r *queue.Run) error {
				mu.Lock()
				defer mu.Unlock()
				attempts = append(attempts, r.Attempt)
				if r.LastAttempt != (r.Attempt == 3) {
					t.Errorf("attempt %d: last is %v", r.Attempt, r.LastAttempt)
				}
				switch r.Attempt {
				case 1:
					return errRefused
				case 2:
					panic("two")
				}
				return nil
			})
		})
		awaitState(t, d, job, queue.Done)
		if fmt.Sprint(attempts) != "[1 2 3]" {
			t.Errorf("attempts %v", attempts)
		}
	})
}

func soon(int) time.Duration { return time.Millisecond }

func TestAJobGivenUpRunsItsOnDeadOnce(t *testing.T) {
	for _, c := range []struct {
		name     string
		options  queue.Options
		err      error
		attempts int
	}{
		{"its attempts are used up", queue.Options{}, errRefused, 3},
		{"the kind allows fewer attempts", queue.Options{MaxAttempts: 2}, errRefused, 2},
		{"its error is permanent", queue.Options{}, fmt.Errorf("wrapped: %w", queue.Permanent(errRefused)), 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			queuetest.Run(t, func(t *testing.T, d *db.DB) {
				var tries atomic.Int64
				var mu sync.Mutex
				var dead []queue.Dead
				c.options.Backoff = soon
				c.options.OnDead = func(ctx context.Context, tx *db.Tx, g *queue.Dead) error {
					if tries.Add(1) == 1 {
						return errRefused // repeated until it succeeds
					}
					mu.Lock()
					defer mu.Unlock()
					dead = append(dead, *g)
					_, err := queue.Enqueue(ctx, tx, queue.Job{Kind: "test.mourned"})
					return err
				}
				job := enqueue(t, d, queue.Job{Kind: "test.dying", Key: "k", MaxAttempts: 3, Args: []string{"x"}})
				start(t, d, calm, func(q *queue.Queue) {
					q.Handle("test.dying", c.options, func(context.Context, *queue.Run) error { return c.err })
				})
				awaitState(t, d, job, queue.GivenUp)
				queuetest.Settle(t, d, "test.dying")
				if n := count(t, d, "test.mourned"); n != 1 {
					t.Errorf("OnDead took effect %d times", n)
				}
				var args []string
				mu.Lock()
				defer mu.Unlock()
				if len(dead) != 1 || dead[0].ID != job || dead[0].Kind != "test.dying" || dead[0].Key != "k" || dead[0].Cancelled ||
					dead[0].Attempts != c.attempts || dead[0].Decode(&args) != nil || len(args) != 1 {
					t.Errorf("OnDead saw %+v", dead)
				}
			})
		})
	}
}

func count(t *testing.T, d *db.DB, kind string) (n int) {
	t.Helper()
	all, err := db.Ask(t.Context(), d, func(tx *db.Tx) ([]queue.Count, error) { return queue.Stats(t.Context(), tx) })
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if c.Kind == kind {
			n += c.N
		}
	}
	return n
}

func cancel(t *testing.T, d *db.DB, id queue.ID) queue.State {
	t.Helper()
	s, err := db.Do(t.Context(), d, func(tx *db.Tx) (queue.State, error) { return queue.Cancel(t.Context(), tx, id) })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAWaitingJobIsCancelledAtOnce(t *testing.T) {
	queuetest.Run(t, func(t *testing.T, d *db.DB) {
		job := enqueue(t, d, queue.Job{Kind: "test.cancel"})
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			if _, err := queue.Cancel(t.Context(), tx, job); err != nil {
				t.Error(err)
			}
			return errRefused
		})
		if s := find(t, d, job); !errors.Is(err, errRefused) || s.State != queue.Waiting {
			t.Errorf("a cancellation that was rolled back left the job %s", s.State)
		}
		if s := cancel(t, d, job); s != queue.Cancelled {
			t.Errorf("state %s", s)
		}
		if s := cancel(t, d, job); s != queue.Cancelled {
			t.Errorf("cancelled twice: state %s", s)
		}
	})
}

func TestARunningJobsContextEndsWhenItIsCancelledElsewhere(t *testing.T) {
	for _, kind := range []db.Kind{db.SQLite, db.Postgres} {
		t.Run(string(kind), func(t *testing.T) {
			url := dbtest.URL(t, kind)
			here, there := open(t, url), open(t, url)
			began, causes, dead := make(chan bool, 1), make(chan error, 1), make(chan queue.Dead, 10)
			start(t, there, queue.Config{Workers: calm.Workers}, func(q *queue.Queue) {
				q.Handle("test.long", queue.Options{OnDead: func(_ context.Context, _ *db.Tx, g *queue.Dead) error { dead <- *g; return nil }},
					func(ctx context.Context, _ *queue.Run) error {
						began <- true
						<-ctx.Done()
						causes <- context.Cause(ctx)
						return ctx.Err()
					})
			})
			job := enqueue(t, here, queue.Job{Kind: "test.long"})
			<-began
			asked := time.Now()
			if s := cancel(t, here, job); s != queue.Running {
				t.Errorf("state %s", s)
			}
			if cause := <-causes; !errors.Is(cause, queue.ErrCancelled) {
				t.Errorf("the cause is %v", cause)
			}
			if took := time.Since(asked); took > 3*time.Second {
				t.Errorf("it took %v", took)
			} else {
				t.Logf("it took %v", took)
			}
			if g := <-dead; g.ID != job || !g.Cancelled {
				t.Errorf("OnDead saw %+v", g)
			}
			awaitState(t, here, job, queue.Cancelled)
		})
	}
}

// open is a door to a database as a process of its own would have it.
func open(t *testing.T, url string) *db.DB {
	t.Helper()
	d := dbtest.Reopen(t, url, clock.NewManual(dbtest.Start))
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	queuetest.Migrate(t, d)
	return d
}
