package serve

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"safelight/internal/fault"
	"safelight/internal/i18n"
)

// A Renderer shows a problem to people or to programs. The status and the
// headers that belong to it are for the renderer to send.
type Renderer func(w http.ResponseWriter, r *http.Request, p Problem)

// A Problem is what the other side may know of an error, in its language.
type Problem struct {
	Status     int
	Code       string // stable, such as "shortfall": the fault's name
	Title      string // of the status
	Detail     string // the sentence
	Field      string // the input that is wrong, if one is
	Fields     map[string]string
	RequestID  string
	RetryAfter time.Duration // zero when not known
}

// The errors of the plumbing itself.
var (
	ErrCrossOrigin = fault.New(fault.Forbidden, "serve.cross_origin", "This request came from another site and was not carried out.")
	ErrTimedOut    = fault.New(fault.Unavailable, "serve.timed_out", "This took too long and was stopped. Please try again.")
	ErrTooLarge    = fault.New(fault.TooLarge, "serve.too_large", "What was sent is larger than is accepted here.")
	ErrTooMany     = fault.New(fault.RateLimited, "serve.too_many", "That was too often in a short time. Please wait a little and try again.")
	ErrBusy        = fault.New(fault.Unavailable, "serve.busy", "We are busy right now. Please try again in a moment.")

	errPanic = errors.New("serve: a handler panicked")
)

const retryAfter = "retry_after"

// TooMany is [ErrTooMany] with the time after which to try again.
func TooMany(wait time.Duration) error {
	seconds := int(max(wait+time.Second-1, time.Second) / time.Second)
	return ErrTooMany.With(fault.Args{retryAfter: seconds})
}

// Status is the HTTP status of a kind of error.
func Status(k fault.Kind) int {
	s, ok := map[fault.Kind]int{
		fault.Invalid: 422, fault.Malformed: 400, fault.Unauthenticated: 401, fault.Payment: 402,
		fault.Forbidden: 403, fault.NotFound: 404, fault.Conflict: 409, fault.Gone: 410, fault.TooLarge: 413,
		fault.Unsupported: 415, fault.RateLimited: 429, fault.Unavailable: 503,
	}[k]
	if !ok {
		return http.StatusInternalServerError
	}
	return s
}

// Sentence writes what a person may know of err, with the time to wait where
// one is known.
func Sentence(p *i18n.Printer, err error) string {
	e := fault.Of(err)
	seconds, ok := e.Args[retryAfter].(int)
	if !ok || !errors.Is(e, ErrTooMany) {
		return p.Error(err)
	}
	wait := p.N("serve.wait_seconds", seconds)
	if seconds >= 120 {
		wait = p.N("serve.wait_minutes", (seconds+59)/60)
	}
	return p.T("serve.too_many_wait", i18n.Args{"wait": wait})
}

// Fields gives the sentence for each input that err, or an error joined in
// it, blames.
func Fields(p *i18n.Printer, err error) map[string]string {
	all := map[string]string{}
	collect(p, err, all)
	return all
}

func collect(p *i18n.Printer, err error, into map[string]string) {
	switch e := err.(type) { //nolint:errorlint // it walks the tree itself
	case *fault.Error:
		if e.Field != "" && into[e.Field] == "" {
			into[e.Field] = Sentence(p, e)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			collect(p, inner, into)
		}
	case interface{ Unwrap() error }:
		collect(p, e.Unwrap(), into)
	}
}

// Fail shows err by the site's renderer, and logs it when it is our fault. It
// shows nothing when the client has left or the answer has begun.
func (s *Site) Fail(w http.ResponseWriter, r *http.Request, err error) {
	err = plain(err)
	p := s.problem(r, err)
	switch {
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		s.log.DebugContext(r.Context(), "the client left", "error", err)
		if b, ok := w.(interface{ left() }); ok {
			b.left()
		}
		return
	case p.Status >= 500:
		s.log.ErrorContext(r.Context(), "request failed", "code", p.Code, "error", err)
	default:
		s.log.DebugContext(r.Context(), "request refused", "code", p.Code, "error", err)
	}
	if b, ok := w.(interface{ began() bool }); ok && b.began() {
		panic(http.ErrAbortHandler) // the other side must see that it is cut
	}
	s.show(w, r, p)
}

// plain gives the plumbing's own errors their kind.
func plain(err error) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return ErrTooLarge.Because(err)
	case errors.Is(err, context.DeadlineExceeded) && fault.Of(err).Kind == fault.Internal:
		return ErrTimedOut.Because(err)
	}
	return err
}

func (s *Site) problem(r *http.Request, err error) Problem {
	e, printer := fault.Of(err), Printer(r.Context())
	p := Problem{Status: Status(e.Kind), Code: e.Name(), Field: e.Field,
		Detail: Sentence(printer, err), Fields: Fields(printer, err), RequestID: RequestID(r.Context())}
	p.Title = title(printer, p.Status)
	if seconds, ok := e.Args[retryAfter].(int); ok {
		p.RetryAfter = time.Duration(seconds) * time.Second
	}
	return p
}

func title(p *i18n.Printer, status int) string {
	if key := "serve.title_" + strconv.Itoa(status); p.Has(key) {
		return p.T(key)
	}
	return http.StatusText(status)
}

func (s *Site) show(w http.ResponseWriter, r *http.Request, p Problem) {
	h := w.Header()
	for _, name := range []string{"Content-Length", "Content-Encoding", "Content-Disposition", "ETag", "Last-Modified"} {
		h.Del(name)
	}
	h.Set("Cache-Control", "no-store")
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(p.RetryAfter/time.Second)))
	}
	s.render(w, r, p)
}

// ProblemJSON is the [Renderer] for programs: application/problem+json.
func ProblemJSON(w http.ResponseWriter, _ *http.Request, p Problem) {
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(struct {
		Type      string            `json:"type"`
		Title     string            `json:"title"`
		Status    int               `json:"status"`
		Detail    string            `json:"detail"`
		Code      string            `json:"code"`
		RequestID string            `json:"request_id"`
		Fields    map[string]string `json:"fields,omitempty"`
	}{"about:blank", p.Title, p.Status, p.Detail, p.Code, p.RequestID, p.Fields})
}

// JSON answers with v.
func JSON(w http.ResponseWriter, status int, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, err = w.Write(append(data, '\n'))
	if err != nil {
		panic(http.ErrAbortHandler) // the other side is gone
	}
	return nil
}
