package queue

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"safelight/internal/db"
)

// A tick is something done regularly by one process at a time: its keeper,
// until that process ends.
type tick struct {
	name  string
	every time.Duration
	run   func(ctx context.Context) error

	mu     sync.Mutex
	mine   bool
	cancel context.CancelCauseFunc // of the run under way
}

// Tick runs f regularly, by the machine's time, in one process at a time. It
// must be called before Start. What is due f asks by the shop's clock. An
// error is logged, and f runs again in its time. Its context ends when the
// process stops or may no longer be the one.
func (q *Queue) Tick(name string, every time.Duration, f func(ctx context.Context) error) {
	q.ticks = append(q.ticks, &tick{name: name, every: every, run: f})
}

// keep runs a tick for as long as this process is its keeper, and looks now
// and then whether it may become that.
func (q *Queue) keep(ctx context.Context, t *tick) {
	for {
		pause := t.every
		if q.keeps(ctx, t) {
			begun := uptime()
			q.once(ctx, t)
			pause -= uptime() - begun
		} else {
			pause = min(pause, q.config.Beat)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// keeps reports whether this process is the tick's keeper, or becomes it.
func (q *Queue) keeps(ctx context.Context, t *tick) bool {
	if t.isMine() {
		return true
	}
	who, err := db.Ask(ctx, q.db, func(tx *db.Tx) (string, error) { return keeper(ctx, tx, t.name) })
	mine := who == q.holder
	if err == nil && who == "" {
		mine, err = db.Do(ctx, q.db, func(tx *db.Tx) (bool, error) { return claim(ctx, tx, t.name, q.holder) })
	}
	if err != nil {
		if ctx.Err() == nil {
			q.log.WarnContext(ctx, "a tick could not be taken", slog.String("tick", t.name), slog.Any("error", err))
		}
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.mine = mine
	return mine
}

func (t *tick) isMine() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.mine
}

// lose ends the run under way: another process may be the keeper by now.
func (t *tick) lose() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.mine = false
	if t.cancel != nil {
		t.cancel(ErrLost)
	}
}

func (q *Queue) once(ctx context.Context, t *tick) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	t.mu.Lock()
	t.cancel = cancel
	t.mu.Unlock()
	if err := t.call(ctx); err != nil && ctx.Err() == nil {
		q.log.ErrorContext(ctx, "a tick failed", slog.String("tick", t.name), slog.Any("error", err))
	}
}

func (t *tick) call(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("queue: the tick %s panicked: %v\n%s", t.name, p, debug.Stack())
		}
	}()
	return t.run(ctx)
}
