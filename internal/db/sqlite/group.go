package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"safelight/internal/db"
)

// Bounds of a group: how many closures share a commit, and for how long new
// ones may join it.
const (
	maxGroup = 512
	maxWait  = 10 * time.Millisecond
)

var errClosed = errors.New("sqlite: closed")

// A request is a closure that waits for its answer.
type request struct {
	ctx    context.Context
	fn     func(db.Conn) error
	err    error
	panics any
	done   chan struct{}
}

// A writer runs requests in groups on the one connection that writes.
type writer struct {
	db       *sql.DB
	queue    chan *request
	prepared *statements
	quit     sync.Once
	closing  chan struct{}
	ended    chan struct{}
	groups   int // commits so far, for tests
	careful  int // for how many groups yet each closure has a savepoint
}

func newWriter(d *sql.DB) *writer {
	w := &writer{db: d, queue: make(chan *request, maxGroup), prepared: newStatements(d),
		closing: make(chan struct{}), ended: make(chan struct{})}
	go w.loop()
	return w
}

func (w *writer) run(ctx context.Context, fn func(db.Conn) error) error {
	r := &request{ctx: ctx, fn: fn, done: make(chan struct{})}
	select {
	case w.queue <- r:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.closing:
		return errClosed
	}
	select {
	case <-r.done:
	case <-w.ended:
		select {
		case <-r.done:
		default:
			return errClosed
		}
	}
	if r.panics != nil {
		panic(r.panics)
	}
	return r.err
}

func (w *writer) close() {
	w.quit.Do(func() { close(w.closing) })
	<-w.ended
}

func (w *writer) loop() {
	defer close(w.ended)
	for {
		select {
		case r := <-w.queue:
			w.group(r)
		case <-w.closing:
			w.drain()
			return
		}
	}
}

func (w *writer) drain() {
	for {
		select {
		case r := <-w.queue:
			w.group(r)
		default:
			w.prepared.close()
			return
		}
	}
}

// carefulGroups is how many groups have savepoints after one that needed them.
const carefulGroups = 64

// errUndo means that a closure failed after it wrote, where no savepoint lets
// it go alone.
var errUndo = errors.New("sqlite: a closure is to be undone")

// group runs first and those that wait under one commit. A savepoint copies
// every page that its closure touches, so they are done without until a closure
// that wrote something fails, or a statement does: then all of the group run
// again, with savepoints.
// When one of them spoils the transaction for all, each of the others runs
// again alone.
func (w *writer) group(first *request) {
	bare := w.careful == 0
	w.careful = max(0, w.careful-1)
	members, err := w.attempt([]*request{first}, true, bare)
	if errors.Is(err, errUndo) {
		w.careful = carefulGroups
		members, err = w.attempt(members, false, false)
	}
	if err != nil && len(members) > 1 {
		for _, r := range members {
			if _, err := w.attempt([]*request{r}, false, false); err != nil && r.err == nil {
				r.err = err
			}
			close(r.done)
		}
		return
	}
	for _, r := range members {
		if err != nil && r.err == nil {
			r.err = err
		}
		close(r.done)
	}
	w.prepared.prepare()
}

// attempt runs members, and others that wait when they may join, and commits.
// An error means that nothing at all was kept.
func (w *writer) attempt(members []*request, join, bare bool) (all []*request, err error) {
	ctx := context.Background()
	tx, err := w.db.BeginTx(ctx, nil)
	if err != nil {
		return members, fmt.Errorf("sqlite: begin: %w", err)
	}
	c := &conn{tx: tx, cached: w.prepared, own: map[string]*sql.Stmt{}}
	start := time.Now() //nolint:forbidigo // how long a group may gather is the machine's time
	for i := 0; i < len(members); i++ {
		if err := c.member(members[i], bare); err != nil {
			_ = tx.Rollback()
			return members, err
		}
		if join && i == len(members)-1 && len(members) < maxGroup && time.Since(start) < maxWait {
			if next := w.waiting(); next != nil {
				members = append(members, next)
			}
		}
	}
	if err := tx.Commit(); err != nil {
		_ = tx.Rollback()
		return members, fmt.Errorf("sqlite: commit: %w", err)
	}
	w.groups++
	return members, nil
}

func (w *writer) waiting() *request {
	select {
	case r := <-w.queue:
		return r
	default:
		return nil
	}
}

// member runs one closure, in a savepoint unless bare, and keeps its outcome. An
// error of its own means that the whole transaction is spoilt.
func (c *conn) member(r *request, bare bool) error {
	r.panics = nil
	if r.err = r.ctx.Err(); r.err != nil {
		return nil
	}
	if bare {
		c.wrote, c.failed = false, false
		c.call(r)
		if c.failed || (c.wrote && (r.err != nil || r.panics != nil)) {
			return errUndo
		}
		return nil
	}
	ctx := context.Background()
	if _, err := c.Exec(ctx, "SAVEPOINT member", nil); err != nil {
		return err
	}
	c.call(r)
	if r.err != nil || r.panics != nil {
		if _, err := c.Exec(ctx, "ROLLBACK TO member", nil); err != nil {
			return err
		}
	}
	_, err := c.Exec(ctx, "RELEASE member", nil)
	return err
}

func (c *conn) call(r *request) {
	ended := false
	defer func() {
		if p := recover(); p != nil || !ended {
			r.panics = p
			if p == nil {
				r.err = errors.New("sqlite: the closure ended its goroutine")
			}
		}
	}()
	r.err = r.fn(c)
	ended = true
}

// statements are prepared once for the connection. A text not seen before runs
// unprepared, and is prepared when the connection is free again.
type statements struct {
	db    *sql.DB
	ready map[string]*sql.Stmt
	seen  map[string]bool
}

func newStatements(d *sql.DB) *statements {
	return &statements{db: d, ready: map[string]*sql.Stmt{}, seen: map[string]bool{}}
}

// Texts are constants of the program; the bound is for a mistake.
const maxStatements = 2000

func (s *statements) find(query string) *sql.Stmt {
	if p := s.ready[query]; p != nil {
		return p
	}
	if len(s.ready) < maxStatements {
		s.seen[query] = true
	}
	return nil
}

func (s *statements) prepare() {
	for query := range s.seen {
		if p, err := s.db.PrepareContext(context.Background(), query); err == nil {
			s.ready[query] = p
		}
	}
	clear(s.seen)
}

func (s *statements) close() {
	for _, p := range s.ready {
		_ = p.Close()
	}
}
