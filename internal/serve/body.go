package serve

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"safelight/internal/clock"
)

// The pace that a body must keep: a grace, then so many bytes a second.
const (
	grace = 25 * time.Second
	pace  = 4 << 10
)

// A body is a request's body with a limit that can change until it is read,
// and a deadline that moves with what arrives.
type body struct {
	io.ReadCloser
	server  http.ResponseWriter // the server's own, which closes the connection
	control *http.ResponseController
	length  int64
	limit   int64
	reader  io.ReadCloser
	start   time.Time
	read    int64
}

func limitBody(server http.ResponseWriter, w *writer, r *http.Request, x *exchange, limit int64) {
	if r.Body == nil || r.Body == http.NoBody {
		return
	}
	x.body = &body{ReadCloser: r.Body, server: server, control: w.control,
		length: r.ContentLength, limit: limit, start: clock.System{}.Now()}
	r.Body = x.body
	x.body.await()
}

// AllowBody lets the request that ctx belongs to have a body of up to limit
// bytes. It has no effect once the body has been read from.
func AllowBody(ctx context.Context, limit int64) {
	if b := of(ctx).body; b != nil && b.reader == nil {
		b.limit = limit
	}
}

func (b *body) Read(p []byte) (int, error) {
	if b.reader == nil {
		b.reader = http.MaxBytesReader(b.server, b.ReadCloser, b.limit)
	}
	if b.length > b.limit {
		return 0, &http.MaxBytesError{Limit: b.limit}
	}
	b.await()
	n, err := b.reader.Read(p)
	b.read += int64(n)
	if errors.Is(err, io.EOF) {
		_ = b.control.SetReadDeadline(time.Time{}) // or it would end a long answer
	}
	return n, err
}

// await sets the moment by which the next bytes must come.
func (b *body) await() {
	slowest := b.start.Add(grace + time.Duration(b.read/pace)*time.Second)
	next := clock.System{}.Now().Add(patience)
	if slowest.Before(next) {
		next = slowest
	}
	_ = b.control.SetReadDeadline(next)
}
