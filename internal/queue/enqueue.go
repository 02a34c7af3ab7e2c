package queue

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"safelight/internal/db"
	"safelight/internal/fault"
	"safelight/internal/id"
)

// payload is what River keeps as a job's arguments.
type payload struct {
	kind  string
	Nonce string          `json:"n"`
	Key   string          `json:"k,omitempty" river:"unique"`
	Data  json.RawMessage `json:"d"`
}

func (p payload) Kind() string { return p.kind }

// The states in which a key is taken.
var unfinished = []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending,
	rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled}

// Enqueue adds a job when tx commits. If a job of its kind with its key is not
// finished yet, none is added and that one's ID is returned.
func Enqueue(ctx context.Context, tx *db.Tx, j Job) (ID, error) {
	data, err := json.Marshal(j.Args)
	if err != nil {
		return "", fmt.Errorf("queue: arguments of %s: %w", j.Kind, err)
	}
	p := payload{kind: j.Kind, Nonce: id.Secret()[:10], Key: j.Key, Data: data}
	row, err := insert(ctx, tx, p, &river.InsertOpts{
		MaxAttempts: either(j.MaxAttempts, DefaultMaxAttempts),
		Priority:    either(j.Priority, DefaultPriority),
		Queue:       either(j.Queue, DefaultQueue),
		UniqueOpts:  unique(j.Key),
	})
	if err != nil {
		return "", fmt.Errorf("queue: enqueue %s: %w", j.Kind, err)
	}
	return idOf(row)
}

func unique(key string) river.UniqueOpts {
	if key == "" {
		return river.UniqueOpts{}
	}
	return river.UniqueOpts{ByArgs: true, ByState: unfinished}
}

func either[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// Clients that only write in a transaction that they are given.
var (
	sqliteClient   = sync.OnceValues(func() (*river.Client[*sql.Tx], error) { return bare(riversqlite.New(nil), time.Millisecond) })
	postgresClient = sync.OnceValues(func() (*river.Client[pgx.Tx], error) { return bare(riverpgxv5.New(nil), 5*time.Millisecond) })
)

// bare makes a client without workers. It tells workers of new jobs at most
// once in the cooldown; they look by themselves besides. On PostgreSQL telling
// makes commits wait for each other, so it is done less often there.
func bare[T any](driver riverdriver.Driver[T], cooldown time.Duration) (*river.Client[T], error) {
	return river.NewClient(driver, &river.Config{FetchCooldown: cooldown, Logger: slog.New(slog.DiscardHandler)})
}

func insert(ctx context.Context, tx *db.Tx, p payload, o *river.InsertOpts) (*rivertype.JobRow, error) {
	var r *rivertype.JobInsertResult
	err := with(tx,
		func(c *river.Client[*sql.Tx], raw *sql.Tx) (err error) {
			r, err = c.InsertTx(context.WithoutCancel(ctx), raw, p, o)
			return err
		},
		func(c *river.Client[pgx.Tx], raw pgx.Tx) (err error) {
			r, err = c.InsertTx(ctx, raw, p, o)
			return err
		})
	if err != nil {
		return nil, err
	}
	return r.Job, nil
}

// with runs the one of both that fits tx's database. A statement on SQLite
// must not be interrupted: it would take its neighbours along.
func with(tx *db.Tx, lite func(*river.Client[*sql.Tx], *sql.Tx) error, pg func(*river.Client[pgx.Tx], pgx.Tx) error) error {
	switch raw := tx.Raw().(type) {
	case *sql.Tx:
		c, err := sqliteClient()
		if err != nil {
			return err
		}
		return lite(c, raw)
	case pgx.Tx:
		c, err := postgresClient()
		if err != nil {
			return err
		}
		return pg(c, raw)
	default:
		return fmt.Errorf("queue: a transaction of the kind %T", raw)
	}
}

// ErrNoJob means that no job has this ID, or no longer.
var ErrNoJob = fault.New(fault.NotFound, "fault.not_found", "There is no such job.")

func idOf(row *rivertype.JobRow) (ID, error) {
	var p payload
	if err := json.Unmarshal(row.EncodedArgs, &p); err != nil {
		return "", fmt.Errorf("queue: job %d: %w", row.ID, err)
	}
	return makeID(row.ID, p.Nonce), nil
}

func makeID(number int64, nonce string) ID {
	return ID(strconv.FormatInt(number, 10) + "." + nonce)
}

func (i ID) split() (number int64, nonce string, err error) {
	a, nonce, ok := strings.Cut(string(i), ".")
	if number, err = strconv.ParseInt(a, 10, 64); !ok || nonce == "" || err != nil {
		return 0, "", ErrNoJob
	}
	return number, nonce, nil
}
