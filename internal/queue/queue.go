package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"safelight/internal/db"
	"safelight/internal/id"
)

// ID names a job: its number and a part that makes it unique for ever, for the
// database may give a cleaned job's number to another one.
type ID string

// A Job is work to be done later.
type Job struct {
	Kind        string // "slice.verb"; the handler is found by it
	Key         string // while a job of the kind with this key is not finished, no other is added; optional
	Args        any    // as JSON, for Run.Decode
	Queue       string // which workers take it; "default" if empty
	MaxAttempts int    // 10 if 0
	Priority    int    // 1 is taken first, 4 last; 2 if 0
}

// The defaults of a [Job].
const (
	DefaultQueue       = "default"
	DefaultMaxAttempts = 10
	DefaultPriority    = 2
)

// Causes of the end of a run's context, for [context.Cause].
var (
	// ErrCancelled means that the job was cancelled: see [Cancel].
	ErrCancelled = errors.New("queue: the job was cancelled")
	// ErrLost means that another worker may have the job by now: whatever this
	// one still does, it must not count.
	ErrLost = errors.New("queue: the job was lost to another worker")
	// ErrStopping means that the process stops; the job runs again elsewhere,
	// and this attempt is not counted.
	ErrStopping = errors.New("queue: the process stops")
)

type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Permanent marks an error that no further attempt can mend: the job is given
// up at once. It is nil for nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanent{err}
}

// IsPermanent reports whether [Permanent] marked an error, or one in it.
func IsPermanent(err error) bool { return errors.As(err, new(permanent)) }

// Options say how a kind of job is run.
type Options struct {
	MaxAttempts int           // an upper bound on the job's own; 0: none
	Timeout     time.Duration // of one attempt; 0: ten minutes
	// Backoff is the pause after a failed attempt, the first being 1; by
	// default a second, doubled up to ten minutes, with a little chance in it.
	Backoff func(attempt int) time.Duration
	// OnDead runs once for a job that is given up: its attempts are used up,
	// its error is permanent, or it was cancelled while running. What it
	// writes in tx takes effect exactly once; it is repeated until it succeeds.
	OnDead func(ctx context.Context, tx *db.Tx, d *Dead) error
}

// A Handler does a job. When it returns nil the job is done; another error
// than [Permanent] brings another attempt. It may run again after a crash even
// if it had done its work, unless it did so in one transaction with
// [Run.Finish]. Its context ends when the job is cancelled or lost, when the
// process stops, and at the timeout.
type Handler func(ctx context.Context, r *Run) error

// A Run is one attempt at a job.
type Run struct {
	ID          ID
	Kind        string
	Key         string
	Attempt     int  // 1 at the first
	LastAttempt bool // an error would give the job up

	args   json.RawMessage
	number int64
}

// Decode reads the job's arguments into v.
func (r *Run) Decode(v any) error { return decode(r.Kind, r.args, v) }

// Dead is a job that was given up.
type Dead struct {
	ID        ID
	Kind      string
	Key       string
	Attempts  int
	Cancelled bool   // while it was running
	Reason    string // the last error, for the operator

	args json.RawMessage
}

// Decode reads the job's arguments into v.
func (d *Dead) Decode(v any) error { return decode(d.Kind, d.args, v) }

func decode(kind string, args json.RawMessage, v any) error {
	if err := json.Unmarshal(args, v); err != nil {
		return fmt.Errorf("queue: arguments of %s: %w", kind, err)
	}
	return nil
}

// Config says what a process works on, and how fast it notices things, all by
// the machine's own time.
type Config struct {
	Workers map[string]int // how many jobs at a time, by queue; none: this process only keeps ticks and watches others
	Beat    time.Duration  // how often a process says that it lives; 5 s
	Lease   time.Duration  // for how long it may be silent before its jobs go to others; 20 s
	Grace   time.Duration  // how long Stop lets running jobs go on; 10 s
	Glance  time.Duration  // how often running jobs are looked up for cancellation; 1 s
}

// Validate refuses a configuration that cannot work.
func (c Config) Validate() error {
	for name, n := range c.Workers {
		if n < 1 || n > 1000 {
			return fmt.Errorf("queue: %d workers for %q: must be 1 to 1000", n, name)
		}
	}
	if c = c.filled(); c.Lease < 3*c.Beat {
		return fmt.Errorf("queue: a lease of %v is too short for a beat of %v: at least three beats", c.Lease, c.Beat)
	}
	return nil
}

func (c Config) filled() Config {
	for _, d := range []struct {
		v *time.Duration
		d time.Duration
	}{{&c.Beat, 5 * time.Second}, {&c.Lease, 20 * time.Second}, {&c.Grace, 10 * time.Second}, {&c.Glance, time.Second}} {
		if *d.v <= 0 {
			*d.v = d.d
		}
	}
	return c
}

type kind struct {
	Options
	name   string
	handle Handler
}

// A Queue is one process's part in the work. It is safe for concurrent use.
type Queue struct {
	db     *db.DB
	log    *slog.Logger
	config Config
	holder string // this process, among the workers

	kinds map[string]*kind
	after map[string]*kind // what runs a kind's OnDead, by its own kind
	ticks []*tick
	held  *held
	watch *watch
	pulse atomic.Int64 // when the last beat that was written began, as uptime

	engine            engine // nil before Start and without workers
	end               context.CancelCauseFunc
	endRest, endTicks context.CancelCauseFunc
	rest, ticking     sync.WaitGroup
}

// New makes a process's part in the work; Start begins it.
func New(d *db.DB, log *slog.Logger, c Config) (*Queue, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.filled()
	c.Workers = maps.Clone(c.Workers)
	return &Queue{db: d, log: log, config: c, holder: id.New[string]("wrk"),
		kinds: map[string]*kind{}, after: map[string]*kind{}, held: newHeld(), watch: newWatch()}, nil
}

// Handle says how jobs of a kind are done. It must be called before Start; a
// kind that is handled already, or whose name ends in ".dead", is a mistake of
// the program and panics.
func (q *Queue) Handle(name string, o Options, h Handler) {
	if q.kinds[name] != nil || deadKind(name) {
		panic("queue: the kind " + name + " cannot be handled twice, nor be a dead one")
	}
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Minute
	}
	if o.Backoff == nil {
		o.Backoff = backoff
	}
	q.kinds[name] = &kind{Options: o, name: name, handle: h}
}

// Kinds are the kinds that have a handler, in order.
func (q *Queue) Kinds() []string { return slices.Sorted(maps.Keys(q.kinds)) }
