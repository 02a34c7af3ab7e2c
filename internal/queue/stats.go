package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"safelight/internal/db"
)

// State is where a job stands.
type State string

// The states.
const (
	Waiting   State = "waiting"   // for a worker, never begun
	Retrying  State = "retrying"  // for a worker, after a failed attempt
	Running   State = "running"   // a worker has it
	Done      State = "done"      // it succeeded
	GivenUp   State = "given_up"  // out of attempts, or its error was permanent
	Cancelled State = "cancelled" // see [Cancel]
)

// Finished reports whether nothing more will happen to a job in this state.
func (s State) Finished() bool { return s == Done || s == GivenUp || s == Cancelled }

// A Status is a job as it stands.
type Status struct {
	ID       ID
	Kind     string
	Key      string
	Queue    string
	State    State
	Attempt  int // how many have begun
	Priority int

	args json.RawMessage
}

// Decode reads the job's arguments into v.
func (s Status) Decode(v any) error { return decode(s.Kind, s.args, v) }

// Find gives a job as it stands; [ErrNoJob] if there is none, or no longer: a
// done job is kept for a day, a cancelled or given up one for a week.
func Find(ctx context.Context, tx *db.Tx, job ID) (Status, error) {
	number, nonce, err := job.split()
	if err != nil {
		return Status{}, err
	}
	s, err := find(ctx, tx, number, nonce)
	if err != nil {
		return Status{}, fmt.Errorf("queue: find %s: %w", job, err)
	}
	return s, nil
}

// Ahead counts the jobs that will be taken before this one: 0 for the next one
// and for one that is no longer waiting.
func Ahead(ctx context.Context, tx *db.Tx, job ID) (int, error) {
	s, err := Find(ctx, tx, job)
	if err != nil || s.State != Waiting && s.State != Retrying {
		return 0, err
	}
	number, _, err := job.split()
	if err != nil {
		return 0, err
	}
	return ahead(ctx, tx, number)
}

// A Count says how many jobs of a kind are in a state.
type Count struct {
	Kind  string
	State State
	N     int
}

// Of is the kind whose OnDead the counted jobs run, or their own kind.
func (c Count) Of() string { return strings.TrimSuffix(c.Kind, deadSuffix) }

// Stats counts the jobs by kind and state, in that order.
func Stats(ctx context.Context, tx *db.Tx) ([]Count, error) { return counts(ctx, tx) }
