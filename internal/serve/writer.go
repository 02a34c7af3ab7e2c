package serve

import (
	"net/http"
	"time"

	"safelight/internal/clock"
)

// patience is how long one write, or a pause in a body, may take.
const patience = 20 * time.Second

// statusLeft is logged when the client went before an answer.
const statusLeft = 499

// A writer notes what was answered and gives each write its own deadline, so
// that a long stream is fine and a reader that stalls is cut.
type writer struct {
	http.ResponseWriter
	control  *http.ResponseController
	code     int
	bytes    int64
	extended time.Time
}

func newWriter(w http.ResponseWriter) *writer {
	n := &writer{ResponseWriter: w, control: http.NewResponseController(w)}
	n.extend()
	return n
}

func (w *writer) WriteHeader(status int) {
	if w.code == 0 && status >= 200 {
		w.code = status
	}
	w.extend()
	w.ResponseWriter.WriteHeader(status)
}

func (w *writer) Write(b []byte) (int, error) {
	if w.code == 0 {
		w.code = http.StatusOK
	}
	w.extend()
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// FlushError sends what is buffered; http.ResponseController finds it.
func (w *writer) FlushError() error {
	if w.code == 0 {
		w.code = http.StatusOK
	}
	w.extend()
	return w.control.Flush()
}

// Flush is FlushError for those who ask for an http.Flusher.
func (w *writer) Flush() { _ = w.FlushError() }

// Unwrap lets http.ResponseController reach the server's own writer.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *writer) began() bool { return w.code != 0 }

func (w *writer) left() {
	if w.code == 0 {
		w.code = statusLeft
	}
}

func (w *writer) status() int {
	if w.code == 0 {
		return http.StatusOK
	}
	return w.code
}

// extend moves the deadline, at most once a second. A writer without
// deadlines, as in tests, needs none.
func (w *writer) extend() {
	now := clock.System{}.Now()
	if now.Sub(w.extended) < time.Second {
		return
	}
	w.extended = now
	_ = w.control.SetWriteDeadline(now.Add(patience + time.Second))
}
