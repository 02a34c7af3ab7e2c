package s3

import (
	"context"
	"errors"
	"io"
	"time"
)

var errStalled = errors.New("s3: the service stopped moving bytes")

// A watchdog ends a transfer's context when it has run for its limit without
// being told to rest or run again.
type watchdog struct {
	timer  *time.Timer
	limit  time.Duration
	cancel context.CancelCauseFunc
}

// watch returns a context that w ends. The watchdog is at rest.
func watch(ctx context.Context, limit time.Duration) (context.Context, *watchdog) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &watchdog{limit: limit, cancel: cancel}
	w.timer = time.AfterFunc(limit, func() { cancel(errStalled) })
	w.rest()
	return ctx, w
}

func (w *watchdog) run()  { w.timer.Reset(w.limit) }
func (w *watchdog) rest() { w.timer.Stop() }

func (w *watchdog) end() {
	w.rest()
	w.cancel(nil)
}

// restful lets the watchdog rest while bytes are awaited from the caller's own
// reader, whose slowness is no fault of the service.
type restful struct {
	r io.Reader
	w *watchdog
}

func (r *restful) Read(p []byte) (int, error) {
	r.w.rest()
	defer r.w.run()
	return r.r.Read(p)
}
