package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"safelight/internal/db"
)

// River's own columns that both databases read alike: a JSON document by ->>,
// a state by its name.
const stateColumn = `CASE CAST(state AS TEXT)
	WHEN 'running' THEN 'running' WHEN 'completed' THEN 'done'
	WHEN 'discarded' THEN 'given_up' WHEN 'cancelled' THEN 'cancelled'
	ELSE CASE WHEN attempt > 0 THEN 'retrying' ELSE 'waiting' END END`

func find(ctx context.Context, tx *db.Tx, number int64, nonce string) (Status, error) {
	var s Status
	var args string
	err := tx.QueryRow(ctx, `
		SELECT kind, coalesce(args ->> 'k', ''), queue, `+stateColumn+`, attempt, priority, coalesce(CAST(args -> 'd' AS TEXT), 'null')
		FROM river_job WHERE id = $1 AND args ->> 'n' = $2`, number, nonce).
		Scan(&s.Kind, &s.Key, &s.Queue, &s.State, &s.Attempt, &s.Priority, &args)
	s.ID, s.args = makeID(number, nonce), json.RawMessage(args)
	return s, err
}

func ahead(ctx context.Context, tx *db.Tx, number int64) (n int, err error) {
	err = tx.QueryRow(ctx, `
		SELECT count(*) FROM river_job o, river_job j
		WHERE j.id = $1 AND o.queue = j.queue AND o.state = 'available'
			AND (o.priority, o.scheduled_at, o.id) < (j.priority, j.scheduled_at, j.id)`, number).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("queue: ahead: %w", err)
	}
	return n, nil
}

func counts(ctx context.Context, tx *db.Tx) ([]Count, error) {
	all, err := db.All(ctx, tx, func(scan func(...any) error) (c Count, err error) {
		err = scan(&c.Kind, &c.State, &c.N)
		return c, err
	}, `SELECT kind, `+stateColumn+` AS s, count(*) FROM river_job GROUP BY kind, s ORDER BY kind, s`)
	if err != nil {
		return nil, fmt.Errorf("queue: stats: %w", err)
	}
	return all, nil
}

// finish moves an attempt's job to a final state, unless the job is no longer
// that attempt's: then it reports false.
func finish(ctx context.Context, tx *db.Tx, number int64, attempt int, riverState string) (bool, error) {
	n, err := tx.Exec(ctx, `
		UPDATE river_job SET state = `+quoted(riverState)+`, finalized_at = CURRENT_TIMESTAMP
		WHERE id = $1 AND attempt = $2 AND state = 'running'`, number, attempt)
	return n == 1, err
}

// again puts an attempt's job back among the waiting ones, unless the job is
// no longer that attempt's.
func again(ctx context.Context, tx *db.Tx, number int64, attempt int) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE river_job SET state = 'available' WHERE id = $1 AND attempt = $2 AND state = 'running'`, number, attempt)
	return n == 1, err
}

// ours reports whether the job is still that attempt's.
func ours(ctx context.Context, tx *db.Tx, number int64, attempt int) (bool, error) {
	n := 0
	err := tx.QueryRow(ctx, `SELECT count(*) FROM river_job WHERE id = $1 AND attempt = $2 AND state = 'running'`, number, attempt).Scan(&n)
	return n == 1, err
}

// asked gives the running jobs whose cancellation was asked for.
func asked(ctx context.Context, tx *db.Tx) ([]int64, error) {
	return db.All(ctx, tx, db.One[int64], `SELECT id FROM river_job WHERE state = 'running' AND metadata ->> 'cancel_attempted_at' IS NOT NULL`)
}

// quoted is for the program's own state names: PostgreSQL has a type for them
// that takes a literal.
func quoted(state string) string { return "'" + state + "'" }

// beat says that a worker lives; false if it is not on the list.
func beat(ctx context.Context, tx *db.Tx, holder string, at time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE queue_worker SET beat = beat + 1, seen_us = $2 WHERE holder = $1`, holder, at)
	return n == 1, err
}

func enlist(ctx context.Context, tx *db.Tx, holder string, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO queue_worker (holder, beat, since_us, seen_us) VALUES ($1, 0, $2, $2)`, holder, at)
	return err
}

// strike takes a worker off the list if it has not beaten since.
func strike(ctx context.Context, tx *db.Tx, holder string, beat int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM queue_worker WHERE holder = $1 AND beat = $2`, holder, beat)
	return err
}

func leave(ctx context.Context, tx *db.Tx, holder string) error {
	if _, err := tx.Exec(ctx, `UPDATE queue_tick SET holder = '' WHERE holder = $1`, holder); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM queue_worker WHERE holder = $1`, holder)
	return err
}

// workers gives each worker's beat.
func workers(ctx context.Context, tx *db.Tx) (map[string]int64, error) {
	type worker struct {
		holder string
		beat   int64
	}
	all, err := db.All(ctx, tx, func(scan func(...any) error) (w worker, err error) {
		err = scan(&w.holder, &w.beat)
		return w, err
	}, `SELECT holder, beat FROM queue_worker`)
	beats := map[string]int64{}
	for _, w := range all {
		beats[w.holder] = w.beat
	}
	return beats, err
}

// keeper gives who keeps a tick, if that worker is on the list.
func keeper(ctx context.Context, tx *db.Tx, name string) (string, error) {
	all, err := db.All(ctx, tx, db.One[string],
		`SELECT t.holder FROM queue_tick t JOIN queue_worker w ON w.holder = t.holder WHERE t.name = $1`, name)
	if err != nil || len(all) == 0 {
		return "", err
	}
	return all[0], nil
}

// claim makes a worker the keeper of a tick that has none; false if it has.
func claim(ctx context.Context, tx *db.Tx, name, holder string) (bool, error) {
	n, err := tx.Exec(ctx, `
		INSERT INTO queue_tick (name, holder) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder
		WHERE NOT EXISTS (SELECT 1 FROM queue_worker w WHERE w.holder = queue_tick.holder)`, name, holder)
	return n == 1, err
}
