package lab

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"safelight/internal/db"
)

// How often progress is written, at most.
const progressEvery = 300 * time.Millisecond

// progress is how far an attempt is. The engine tells it without waiting; a
// goroutine of its own writes it down now and then.
type progress struct {
	percent atomic.Int64
	end     context.CancelCauseFunc
	writer  sync.WaitGroup
}

// tile is the engine's callback: the engine's part is 2 to 96 percent.
func (p *progress) tile(done, total int) {
	if total > 0 {
		p.percent.Store(2 + int64(done)*94/int64(total))
	}
}

// stop ends the writing and waits for it.
func (p *progress) stop() {
	p.end(nil)
	p.writer.Wait()
}

// follow writes an attempt's progress until it stops. The context it gives ends
// when the job is seen to be somebody else's, with errOvertaken.
func (l *Lab) follow(ctx context.Context, j Job) (context.Context, *progress) {
	ctx, end := context.WithCancelCause(ctx)
	p := &progress{end: end}
	p.percent.Store(1)
	p.writer.Go(func() {
		t := time.NewTicker(progressEvery)
		defer t.Stop()
		var told int64
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
			}
			if now := p.percent.Load(); now != told {
				told = now
				l.tell(ctx, j, int(now), end)
			}
		}
	})
	return ctx, p
}

// tell writes the progress. A database that does not answer is no reason to
// stop: the end of the job will meet it.
func (l *Lab) tell(ctx context.Context, j Job, percent int, end context.CancelCauseFunc) {
	err := l.DB.InTx(ctx, func(tx *db.Tx) error { return setProgress(ctx, tx, j, percent) })
	if errors.Is(err, errOvertaken) {
		end(errOvertaken)
	}
}
