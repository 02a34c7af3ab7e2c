package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/riverqueue/river"

	"safelight/internal/db"
)

// A job that is given up leaves another job behind, which runs its OnDead.
const (
	deadSuffix   = ".dead"
	deadAttempts = 1000
)

func deadKind(name string) bool { return strings.HasSuffix(name, deadSuffix) }

// last is what that job carries.
type last struct {
	ID        ID              `json:"id"`
	Key       string          `json:"key,omitempty"`
	Attempts  int             `json:"attempts"`
	Cancelled bool            `json:"cancelled,omitempty"`
	Reason    string          `json:"reason"`
	Args      json.RawMessage `json:"args"`
}

// giveUp ends a job for good. If that cannot be written now, the attempt is
// lost, and the sweep gives the job up later.
func (q *Queue) giveUp(ctx context.Context, k *kind, r *Run, why error, cancelled bool) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	_, err := db.Do(ctx, q.db, func(tx *db.Tx) (bool, error) { return bury(ctx, tx, k, r, why.Error(), cancelled) })
	if err != nil {
		q.held.loseJob(r.number)
		return errors.Join(err, why)
	}
	if !cancelled {
		q.log.ErrorContext(ctx, "a job was given up", slog.String("kind", k.name),
			slog.String("job", string(r.ID)), slog.Int("attempt", r.Attempt), slog.Any("error", why))
	}
	return why
}

// bury moves the job to its final state and enqueues its OnDead; false if the
// job is no longer this attempt's.
func bury(ctx context.Context, tx *db.Tx, k *kind, r *Run, reason string, cancelled bool) (bool, error) {
	state := "discarded"
	if cancelled {
		state = "cancelled"
	}
	mine, err := finish(ctx, tx, r.number, r.Attempt, state)
	if err != nil || !mine || k.OnDead == nil {
		return mine, err
	}
	s, err := Find(ctx, tx, r.ID)
	if err != nil {
		return false, err
	}
	_, err = Enqueue(ctx, tx, Job{Kind: k.name + deadSuffix, Queue: s.Queue, Priority: 1, MaxAttempts: deadAttempts,
		Args: last{ID: r.ID, Key: r.Key, Attempts: r.Attempt, Cancelled: cancelled, Reason: clip(reason), Args: r.args}})
	return err == nil, err
}

// clip bounds a reason: a panic's is long.
func clip(s string) string {
	const most = 4000
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + " …"
	}
	return strings.ReplaceAll(s, "\x00", "")
}

// dead is the kind whose jobs run k's OnDead.
func (q *Queue) dead(k *kind) *kind {
	return &kind{name: k.name + deadSuffix, Options: Options{Timeout: time.Minute, Backoff: backoff},
		handle: func(ctx context.Context, r *Run) error {
			var l last
			if err := r.Decode(&l); err != nil {
				return Permanent(err)
			}
			return q.db.InTx(ctx, func(tx *db.Tx) error {
				if err := r.Finish(ctx, tx); err != nil {
					return err
				}
				err := k.OnDead(ctx, tx, &Dead{ID: l.ID, Kind: k.name, Key: l.Key, Attempts: l.Attempts,
					Cancelled: l.Cancelled, Reason: l.Reason, args: l.Args})
				if err != nil {
					return fmt.Errorf("queue: after %s was given up: %w", l.ID, err)
				}
				return nil
			})
		}}
}

func (q *Queue) bundle() *river.Workers {
	w := river.NewWorkers()
	for _, k := range q.kinds {
		river.AddWorkerArgs(w, payload{kind: k.name}, river.Worker[payload](&worker{q: q, k: k}))
		if k.OnDead != nil {
			d := q.dead(k)
			river.AddWorkerArgs(w, payload{kind: d.name}, river.Worker[payload](&worker{q: q, k: d}))
		}
	}
	return w
}
