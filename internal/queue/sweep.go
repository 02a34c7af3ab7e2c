package queue

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"safelight/internal/db"
)

// watch is what this process remembers of the others between two sweeps. It
// compares beats with its own time only, so that no two clocks need agree.
type watch struct {
	workers map[string]sighting
	adrift  map[token]time.Duration // our own running jobs that nobody here has in hand, and since when
}

type sighting struct {
	beat  int64
	since time.Duration
}

// A token is one attempt at one job.
type token struct {
	number  int64
	attempt int
}

func newWatch() *watch {
	return &watch{workers: map[string]sighting{}, adrift: map[token]time.Duration{}}
}

// silent gives the workers whose beat has stood still for the lease.
func (w *watch) silent(beats map[string]int64, lease, now time.Duration) map[string]int64 {
	gone := map[string]int64{}
	seen := map[string]sighting{}
	for holder, b := range beats {
		s, ok := w.workers[holder]
		if !ok || s.beat != b {
			s = sighting{b, now}
		}
		if now-s.since >= lease {
			gone[holder] = b
		}
		seen[holder] = s
	}
	w.workers = seen
	return gone
}

// sweep strikes silent workers off the list and puts back the jobs of those
// who are not on it.
func (q *Queue) sweep(ctx context.Context) {
	if err := q.sweepOnce(ctx); err != nil && ctx.Err() == nil {
		q.log.WarnContext(ctx, "the sweep for jobs of ended processes failed", slog.Any("error", err))
	}
}

func (q *Queue) sweepOnce(ctx context.Context) error {
	beats, err := db.Ask(ctx, q.db, func(tx *db.Tx) (map[string]int64, error) { return workers(ctx, tx) })
	if err != nil {
		return err
	}
	for holder, b := range q.watch.silent(beats, q.config.Lease, uptime()) {
		if holder == q.holder {
			continue
		}
		q.log.WarnContext(ctx, "a worker has gone silent; its jobs go to others", slog.String("worker", holder))
		if err := q.db.InTx(ctx, func(tx *db.Tx) error { return strike(ctx, tx, holder, b) }); err != nil {
			return err
		}
	}
	return q.reclaim(ctx)
}

// reclaim puts back the running jobs that no living worker has in hand.
func (q *Queue) reclaim(ctx context.Context) error {
	var rows []*rivertype.JobRow
	beats := map[string]int64{}
	err := q.db.View(ctx, func(tx *db.Tx) (err error) {
		if beats, err = workers(ctx, tx); err == nil {
			rows, err = running(ctx, tx)
		}
		return err
	})
	if err != nil {
		return err
	}
	adrift := map[token]time.Duration{}
	for _, row := range rows {
		if q.orphan(row, beats, adrift) {
			err = errors.Join(err, q.rescue(ctx, row))
		}
	}
	q.watch.adrift = adrift
	return err
}

// orphan reports whether nobody works on a running job, or only somebody whose
// work no longer counts. One of our own that is not in hand may be about to
// be: it becomes an orphan after the lease.
func (q *Queue) orphan(row *rivertype.JobRow, beats map[string]int64, adrift map[token]time.Duration) bool {
	holder := holderOf(row)
	if holder != q.holder {
		_, alive := beats[holder]
		return !alive
	}
	t := token{row.ID, row.Attempt}
	if has, lost := q.held.has(t); has {
		return lost
	}
	since, ok := q.watch.adrift[t]
	if !ok {
		since = uptime()
	}
	adrift[t] = since
	return uptime()-since >= q.config.Lease
}

func holderOf(row *rivertype.JobRow) string {
	if n := len(row.AttemptedBy); n > 0 {
		return row.AttemptedBy[n-1]
	}
	return ""
}

// rescue puts a job back among the waiting, or gives it up: when each of its
// attempts ended so, it may well be the job that ends the processes.
func (q *Queue) rescue(ctx context.Context, row *rivertype.JobRow) error {
	k, known := q.kindOf(row.Kind)
	var p payload
	if err := json.Unmarshal(row.EncodedArgs, &p); err != nil {
		return err
	}
	r := &Run{ID: makeID(row.ID, p.Nonce), Kind: row.Kind, Key: p.Key, Attempt: row.Attempt, args: p.Data, number: row.ID}
	cancelled := cancelAsked(row)
	ended := cancelled || row.Attempt >= row.MaxAttempts || known && row.Attempt >= k.limit(row.MaxAttempts)
	if ended && !known {
		return nil // for a process that knows what is to be done then
	}
	took, err := db.Do(ctx, q.db, func(tx *db.Tx) (bool, error) {
		beats, err := workers(ctx, tx)
		if err != nil {
			return false, err
		}
		if _, alive := beats[holderOf(row)]; alive && holderOf(row) != q.holder {
			return false, nil
		}
		if ended {
			return bury(ctx, tx, k, r, "the process ended during the last attempt", cancelled)
		}
		return again(ctx, tx, row.ID, row.Attempt)
	})
	if took {
		q.log.WarnContext(ctx, "a job was taken back from a process that ended", slog.String("kind", row.Kind),
			slog.String("job", string(r.ID)), slog.Int("attempt", row.Attempt), slog.Bool("given_up", ended))
	}
	return err
}

func (q *Queue) kindOf(name string) (*kind, bool) {
	if k := q.kinds[name]; k != nil {
		return k, true
	}
	k := q.after[name]
	return k, k != nil
}

func cancelAsked(row *rivertype.JobRow) bool {
	var m struct {
		At string `json:"cancel_attempted_at"`
	}
	return json.Unmarshal(row.Metadata, &m) == nil && m.At != ""
}

// running lists the jobs that workers have.
func running(ctx context.Context, tx *db.Tx) (rows []*rivertype.JobRow, err error) {
	which := river.NewJobListParams().States(rivertype.JobStateRunning).First(10_000)
	err = with(tx,
		func(c *river.Client[*sql.Tx], raw *sql.Tx) error {
			r, err := c.JobListTx(ctx, raw, which)
			if err == nil {
				rows = r.Jobs
			}
			return err
		},
		func(c *river.Client[pgx.Tx], raw pgx.Tx) error {
			r, err := c.JobListTx(ctx, raw, which)
			if err == nil {
				rows = r.Jobs
			}
			return err
		})
	return rows, err
}
