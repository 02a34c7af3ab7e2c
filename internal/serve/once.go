package serve

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"safelight/internal/db"
	"safelight/internal/fault"
	"safelight/internal/id"
)

// How long an outcome is kept, and how long a request with a key may take
// before another process may take it over.
const (
	onceKept  = 48 * time.Hour
	onceLease = 60 * time.Second
	onceLimit = 50 * time.Second
)

// The errors of an idempotency key.
var (
	ErrKeyInvalid  = fault.New(fault.Malformed, "serve.key_invalid", "An idempotency key has 1 to 255 visible ASCII characters.")
	ErrKeyInFlight = fault.New(fault.Conflict, "serve.key_in_flight", "A request with this idempotency key is still being worked on.")
	ErrKeyReused   = fault.New(fault.Invalid, "serve.key_reused", "This idempotency key was used before with a different request.")
)

// Once carries out a POST with an Idempotency-Key header once in its scope
// and answers the repetitions with the first outcome, for 48 hours. Scope
// tells whose key it is (the account); "" and requests without the header
// pass through. The route belongs to the scope.
//
// The first outcome is kept whatever it is, a 500 too, except where nothing
// was begun: 400, 401, 402, 409, 413, 415, 422, 429 and 503. When the process dies
// in between, the request can be carried out again after a minute: the verb
// below must make its own effect unique by [OnceKey].
//
// The request goes on when its client leaves, for up to 50 seconds.
func (s *Site) Once(d *db.DB, scope func(r *http.Request) string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return s.Handle(func(w http.ResponseWriter, r *http.Request) error {
			keys := r.Header.Values("Idempotency-Key")
			owner := scope(r)
			if r.Method != http.MethodPost || len(keys) == 0 || owner == "" {
				next.ServeHTTP(w, r)
				return nil
			}
			if len(keys) != 1 || !visible(keys[0]) {
				return ErrKeyInvalid
			}
			return s.once(d, next, w, r, onceRow{scope: owner + " " + r.Method + " " + r.URL.Path, key: keys[0]})
		})
	}
}

// OnceKey identifies the request in the scope of its Idempotency-Key, the
// same for each repetition; "" when it has none. It is a digest: it can be
// the key of a ledger entry or an order.
func OnceKey(ctx context.Context) string { return of(ctx).onceKey }

func visible(key string) bool {
	return len(key) >= 1 && len(key) <= 255 && !strings.ContainsFunc(key, func(c rune) bool { return c <= ' ' || c >= 0x7f })
}

func (s *Site) once(d *db.DB, next http.Handler, w http.ResponseWriter, r *http.Request, row onceRow) error {
	content, err := io.ReadAll(r.Body)
	if err != nil {
		return plain(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(content))
	row.request = digest(r.URL.RawQuery + "\n" + string(content))
	row.owner = id.New[string]("once")
	kept, err := db.Do(r.Context(), d, func(tx *db.Tx) (onceRow, error) { return claimOnce(r.Context(), tx, row) })
	if err != nil {
		return err
	}
	if kept.status != 0 {
		return replay(w, kept)
	}
	of(r.Context()).onceKey = digest(row.scope + "\n" + row.key)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), onceLimit)
	defer cancel()
	rec := &recorder{header: w.Header()}
	defer func() {
		if rec.done {
			return
		}
		// A panic: nothing is known to have happened, so the key is free again.
		if err := d.InTx(ctx, func(tx *db.Tx) error { return releaseOnce(ctx, tx, row) }); err != nil {
			s.log.ErrorContext(ctx, "an idempotency key was not released", "error", err)
		}
	}()
	next.ServeHTTP(rec, r.WithContext(ctx))
	rec.done = true
	s.keep(ctx, d, row, rec)
	return rec.send(w)
}

// keep stores the outcome, or frees the key where nothing was begun. When
// that fails the answer still stands: the verb knows its own key.
func (s *Site) keep(ctx context.Context, d *db.DB, row onceRow, rec *recorder) {
	err := d.InTx(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		if !final(rec.status()) || rec.body.Len() > int(s.maxBody) {
			return releaseOnce(ctx, tx, row)
		}
		return finishOnce(ctx, tx, row, rec)
	})
	if err != nil && !errors.Is(err, db.ErrNoRows) {
		s.log.ErrorContext(ctx, "an outcome was not kept", "error", err)
	}
}

func final(status int) bool {
	switch status {
	case 400, 401, 402, 409, 413, 415, 422, 429, 503:
		return false
	}
	return true
}

// A recorder holds an answer back until its outcome is kept.
type recorder struct {
	header http.Header
	code   int
	body   bytes.Buffer
	done   bool
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.code == 0 && status >= 200 {
		r.code = status
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}

func (r *recorder) status() int {
	if r.code == 0 {
		return http.StatusOK
	}
	return r.code
}

func (r *recorder) began() bool { return r.code != 0 }

func (r *recorder) send(w http.ResponseWriter) error {
	w.WriteHeader(r.status())
	_, _ = w.Write(r.body.Bytes()) // a client that left asks again
	return nil
}

func replay(w http.ResponseWriter, kept onceRow) error {
	for name, value := range kept.header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Idempotency-Replayed", "true")
	w.WriteHeader(kept.status)
	_, _ = w.Write(kept.body)
	return nil
}
