package queue_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"safelight/internal/clock"
	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/db/postgres"
	"safelight/internal/db/sqlite"
	"safelight/internal/queue"
	"safelight/internal/queue/queuetest"
)

// The test's own program, run again with this variable, is a worker process
// on the database that the variable names.
const childVariable = "SAFELIGHT_QUEUE_TEST_CHILD"

func TestMain(m *testing.M) {
	if url := os.Getenv(childVariable); url != "" {
		if err := child(url); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		select {}
	}
	os.Exit(m.Run())
}

// child works: "test.hang" says that it began and never ends, "test.poison"
// kills its process.
func child(url string) (err error) {
	ctx := context.Background()
	var b db.Backend
	if file, ok := strings.CutPrefix(url, "sqlite:"); ok {
		b, err = sqlite.Open(ctx, file)
	} else {
		b, err = postgres.Open(ctx, url)
	}
	if err != nil {
		return err
	}
	q, err := queue.New(db.New(b, clock.System{}), slog.Default(), quick)
	if err != nil {
		return err
	}
	q.Handle("test.hang", queue.Options{}, func(context.Context, *queue.Run) error {
		fmt.Println("began")
		select {}
	})
	q.Handle("test.poison", queue.Options{OnDead: func(context.Context, *db.Tx, *queue.Dead) error { return nil }},
		func(context.Context, *queue.Run) error { return syscall.Kill(os.Getpid(), syscall.SIGKILL) })
	return q.Start(ctx)
}

func spawn(t *testing.T, url string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), childVariable+"="+url)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c, bufio.NewScanner(out)
}

func onBothByURL(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	for _, kind := range []db.Kind{db.SQLite, db.Postgres} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			test(t, dbtest.URL(t, kind))
		})
	}
}

func TestAJobWhoseProcessWasKilledRunsAgain(t *testing.T) {
	t.Parallel() // it mostly waits
	onBothByURL(t, func(t *testing.T, url string) {
		d := open(t, url)
		job := enqueue(t, d, queue.Job{Kind: "test.hang"})
		c, out := spawn(t, url)
		if !out.Scan() || out.Text() != "began" {
			t.Fatalf("the worker said %q, %v", out.Text(), out.Err())
		}
		if err := c.Process.Kill(); err != nil { // SIGKILL
			t.Fatal(err)
		}
		_ = c.Wait()
		killed := time.Now()
		attempts := make(chan int, 9)
		start(t, d, quick, func(q *queue.Queue) {
			q.Handle("test.hang", queue.Options{}, func(_ context.Context, r *queue.Run) error { attempts <- r.Attempt; return nil })
		})
		if n := <-attempts; n != 2 {
			t.Errorf("attempt %d", n)
		}
		t.Logf("with a lease of %v it began again %v after the kill", quick.Lease, time.Since(killed))
		awaitState(t, d, job, queue.Done)
	})
}

func TestAJobThatKillsItsProcessIsGivenUp(t *testing.T) {
	t.Parallel() // it mostly waits
	onBothByURL(t, func(t *testing.T, url string) {
		d := open(t, url)
		job := enqueue(t, d, queue.Job{Kind: "test.poison", MaxAttempts: 2})
		ended := make(chan queue.Dead, 9)
		register := func(q *queue.Queue) {
			q.Handle("test.poison", queue.Options{OnDead: func(_ context.Context, _ *db.Tx, g *queue.Dead) error { ended <- *g; return nil }},
				func(context.Context, *queue.Run) error { return nil })
		}
		for range 2 {
			c, _ := spawn(t, url)
			if err := c.Wait(); err == nil {
				t.Fatal("the worker ended by itself")
			}
		}
		start(t, d, quick, register)
		if g := <-ended; g.ID != job || g.Attempts != 2 {
			t.Errorf("OnDead saw %+v", g)
		}
		awaitState(t, d, job, queue.GivenUp)
	})
}

// Two processes; the first is taken for dead while it works, and the second
// gets its job. Whatever the first then reports counts for nothing.
func TestAnAttemptThatWasLostCountsForNothing(t *testing.T) {
	t.Parallel() // it mostly waits
	for _, report := range []error{nil, errRefused, queue.Permanent(errRefused)} {
		t.Run(fmt.Sprint(report), func(t *testing.T) {
			onBothByURL(t, func(t *testing.T, url string) {
				first, second := open(t, url), open(t, url)
				began, lost, release := make(chan bool), make(chan error), make(chan bool)
				done := make(chan error)
				alone := quick
				alone.Workers = map[string]int{"default": 1} // so that it cannot take its lost job itself
				q1 := start(t, first, alone, func(q *queue.Queue) {
					q.Handle("test.split", queue.Options{OnDead: func(context.Context, *db.Tx, *queue.Dead) error { t.Error("given up"); return nil }},
						func(ctx context.Context, r *queue.Run) error {
							began <- true
							<-ctx.Done()
							lost <- context.Cause(ctx)
							<-release
							done <- first.InTx(context.WithoutCancel(ctx), func(tx *db.Tx) error { return r.Finish(context.WithoutCancel(ctx), tx) })
							return report
						})
				})
				job := enqueue(t, first, queue.Job{Kind: "test.split"})
				<-began
				attempts, finish := make(chan int), make(chan bool)
				start(t, second, quick, func(q *queue.Queue) {
					q.Handle("test.split", queue.Options{}, func(ctx context.Context, r *queue.Run) error {
						attempts <- r.Attempt
						<-finish
						return second.InTx(ctx, func(tx *db.Tx) error { return r.Finish(ctx, tx) })
					})
				})
				exec1(t, second, "DELETE FROM queue_worker WHERE holder = $1", queue.Holder(q1))
				if cause := <-lost; !errors.Is(cause, queue.ErrLost) {
					t.Errorf("the first worker's context ended by %v", cause)
				}
				if n := <-attempts; n != 2 {
					t.Errorf("attempt %d", n)
				}
				close(release)
				if err := <-done; !errors.Is(err, queue.ErrLost) {
					t.Errorf("the first worker finished with %v", err)
				}
				await(t, "the first worker has reported", func() bool { return queue.InHand(q1) == 0 })
				if s := find(t, second, job); s.State != queue.Running || s.Attempt != 2 {
					t.Errorf("after the first worker's report the job is %+v", s)
				}
				close(finish)
				awaitState(t, second, job, queue.Done)
			})
		})
	}
}

func exec1(t *testing.T, d *db.DB, query string, args ...any) {
	t.Helper()
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAStoppedWorkerHandsItsJobsOnUncounted(t *testing.T) {
	onBothByURL(t, func(t *testing.T, url string) {
		first, second := open(t, url), open(t, url)
		began, causes := make(chan int, 1), make(chan error, 1)
		q1 := start(t, first, calm, func(q *queue.Queue) {
			q.Handle("test.stop", queue.Options{}, func(ctx context.Context, r *queue.Run) error {
				began <- r.Attempt
				<-ctx.Done()
				causes <- context.Cause(ctx)
				return errors.New("I could not finish")
			})
		})
		job := enqueue(t, first, queue.Job{Kind: "test.stop", MaxAttempts: 1})
		<-began
		stop(t, q1)
		if cause := <-causes; !errors.Is(cause, queue.ErrStopping) {
			t.Errorf("the cause is %v", cause)
		}
		if s := find(t, second, job); s.State != queue.Waiting {
			t.Errorf("after the stop the job is %+v", s)
		}
		start(t, second, calm, func(q *queue.Queue) {
			q.Handle("test.stop", queue.Options{}, func(_ context.Context, r *queue.Run) error { began <- r.Attempt; return nil })
		})
		if n := <-began; n != 1 {
			t.Errorf("attempt %d", n)
		}
		awaitState(t, second, job, queue.Done)
	})
}

func TestTwoProcessesShareTheWorkAndNoJobRunsTwice(t *testing.T) {
	onBothByURL(t, func(t *testing.T, url string) {
		const all = 400
		doors := []*db.DB{open(t, url), open(t, url)}
		var by [2]atomic.Int64
		var ran [all]atomic.Int64
		err := doors[0].InTx(t.Context(), func(tx *db.Tx) error {
			for n := range all {
				if _, err := queue.Enqueue(t.Context(), tx, queue.Job{Kind: "test.share", Args: n}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var both sync.WaitGroup
		both.Add(2)
		for i, d := range doors {
			var once sync.Once
			start(t, d, calm, func(q *queue.Queue) {
				q.Handle("test.share", queue.Options{}, func(_ context.Context, r *queue.Run) error {
					var n int
					if err := r.Decode(&n); err != nil {
						return err
					}
					by[i].Add(1)
					ran[n].Add(1)
					once.Do(both.Done)
					both.Wait() // each process has one before either goes on
					return nil
				})
			})
		}
		queuetest.Settle(t, doors[0])
		for n := range ran {
			if ran[n].Load() != 1 {
				t.Errorf("job %d ran %d times", n, ran[n].Load())
			}
		}
		t.Logf("one process did %d, the other %d", by[0].Load(), by[1].Load())
	})
}

func TestATickRunsInOneProcessAtATimeAndOutlivesItsKeeper(t *testing.T) {
	t.Parallel() // it mostly waits
	onBothByURL(t, func(t *testing.T, url string) {
		var inside, runs [3]atomic.Int64
		var together atomic.Int64
		queues := []*queue.Queue{}
		for i := range 3 {
			queues = append(queues, start(t, open(t, url), quick, func(q *queue.Queue) {
				q.Tick("test.tick", 20*time.Millisecond, func(context.Context) error {
					inside[i].Add(1)
					defer inside[i].Add(-1)
					if inside[0].Load()+inside[1].Load()+inside[2].Load() > 1 {
						together.Add(1)
					}
					if n := runs[i].Add(1); n%5 == 0 {
						panic("every fifth")
					}
					return errRefused
				})
			}))
		}
		keeper := func() int {
			for i := range runs {
				if runs[i].Load() > 7 {
					return i
				}
			}
			return -1
		}
		await(t, "one process keeps the tick", func() bool { return keeper() >= 0 })
		first := keeper()
		stop(t, queues[first])
		after := runs[first].Load()
		runs[first].Store(0)
		await(t, "another process keeps the tick", func() bool { return keeper() >= 0 })
		second := keeper()
		exec1(t, open(t, url), "DELETE FROM queue_worker WHERE holder = $1", queue.Holder(queues[second])) // taken for dead
		await(t, "the tick goes on", func() bool { return runs[3-first-second].Load() > 7 || runs[second].Load() > 50 })
		if n := together.Load(); n > 0 {
			t.Errorf("%d times in two processes at once", n)
		}
		if runs[first].Load() != 0 {
			t.Errorf("the stopped process, after %d runs, ran again", after)
		}
	})
}

func TestAheadCountsWhatWillBeTakenBefore(t *testing.T) {
	queuetest.Run(t, func(t *testing.T, d *db.DB) {
		a := enqueue(t, d, queue.Job{Kind: "test.line"})
		b := enqueue(t, d, queue.Job{Kind: "test.line"})
		c := enqueue(t, d, queue.Job{Kind: "test.line", Priority: 1})
		e := enqueue(t, d, queue.Job{Kind: "test.line", Queue: "other"})
		want := map[queue.ID]int{a: 1, b: 2, c: 0, e: 0}
		check := func() {
			t.Helper()
			for id, n := range want {
				got, err := db.Ask(t.Context(), d, func(tx *db.Tx) (int, error) { return queue.Ahead(t.Context(), tx, id) })
				if err != nil || got != n {
					t.Errorf("%s: %d ahead, %v; want %d", id, got, err, n)
				}
			}
		}
		check()
		cancel(t, d, c)
		want = map[queue.ID]int{a: 0, b: 1, c: 0, e: 0}
		check()
	})
}

func TestAnIDOfAnotherJobFindsNothing(t *testing.T) {
	queuetest.Run(t, func(t *testing.T, d *db.DB) {
		job := enqueue(t, d, queue.Job{Kind: "test.find", Key: "k", Args: map[string]int{"n": 7}, MaxAttempts: 4})
		var args map[string]int
		if s := find(t, d, job); s.Kind != "test.find" || s.Key != "k" || s.State != queue.Waiting || s.Decode(&args) != nil || args["n"] != 7 {
			t.Errorf("found %+v", s)
		}
		number, _, _ := strings.Cut(string(job), ".")
		for _, id := range []queue.ID{"", "1", ".", "x.y", queue.ID(number + ".aaaaaaaaaa"), "999999.aaaaaaaaaa"} {
			for what, f := range map[string]func(tx *db.Tx) error{
				"find":   func(tx *db.Tx) error { _, err := queue.Find(t.Context(), tx, id); return err },
				"ahead":  func(tx *db.Tx) error { _, err := queue.Ahead(t.Context(), tx, id); return err },
				"cancel": func(tx *db.Tx) error { _, err := queue.Cancel(t.Context(), tx, id); return err },
			} {
				if err := d.InTx(t.Context(), f); !errors.Is(err, queue.ErrNoJob) {
					t.Errorf("%s %q: %v", what, id, err)
				}
			}
		}
	})
}
