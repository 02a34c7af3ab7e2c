package api

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"safelight/internal/fault"
	"safelight/internal/i18n"
	"safelight/internal/serve"
)

// Problem is what every refused call gets (RFC 9457).
type Problem struct {
	Type      string            `json:"type" doc:"Always about:blank; the code tells." example:"about:blank"`
	Title     string            `json:"title" example:"Not enough credits"`
	Status    int               `json:"status" example:"402"`
	Detail    string            `json:"detail" doc:"A sentence for people, in the language of the account." example:"There are not enough credits on this account."`
	Code      string            `json:"code" doc:"Stable, for programs." example:"shortfall"`
	RequestID string            `json:"request_id" doc:"What to name when writing to support." example:"req_06exq3r8nwy2b4k0v7m1c9s5tz"`
	Fields    map[string]string `json:"fields,omitempty" doc:"A sentence for each input that is wrong."`
}

func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus is for huma.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is for huma.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// The errors of this package.
var (
	ErrRequest  = fault.New(fault.Invalid, "api.request", "The request does not have the form that the API description gives.")
	ErrSyntax   = fault.New(fault.Malformed, "api.syntax", "The request cannot be read.")
	ErrMedia    = fault.New(fault.Unsupported, "api.media", "Send the body as application/json.")
	ErrNoCall   = fault.New(fault.NotFound, "api.no_call", "There is no such call.")
	ErrPage     = fault.New(fault.Invalid, "api.page", "This is not an id from the page before.")
	ErrLocale   = fault.New(fault.Invalid, "api.locale", "This shop does not speak that language.")
	ErrFile     = fault.New(fault.Invalid, "api.file", "Send the picture as multipart/form-data in the field file.")
	ErrFileForm = fault.New(fault.Unsupported, "api.file_form", "Send the picture as multipart/form-data in the field file.")
)

// problemOf writes what a caller may know of err.
func problemOf(ctx context.Context, err error) *Problem {
	p, e := serve.Printer(ctx), fault.Of(err)
	status := serve.Status(e.Kind)
	out := &Problem{Type: "about:blank", Title: title(p, status), Status: status, Detail: serve.Sentence(p, err), Code: e.Name(),
		RequestID: serve.RequestID(ctx)}
	if fields := serve.Fields(p, err); len(fields) > 0 {
		out.Fields = fields
	}
	return out
}

func title(p *i18n.Printer, status int) string {
	if key := "serve.title_" + strconv.Itoa(status); p.Has(key) {
		return p.T(key)
	}
	return http.StatusText(status)
}

// problem is err as huma wants it, with its headers; what is our fault is
// logged here.
func (a *API) problem(ctx context.Context, err error) error {
	if errors.Is(err, context.DeadlineExceeded) && fault.Of(err).Kind == fault.Internal {
		err = serve.ErrTimedOut.Because(err)
	}
	out, header := problemOf(ctx, err), http.Header{}
	switch {
	case errors.Is(err, context.Canceled) && ctx.Err() != nil: // the caller left: nobody reads this
		a.Log.DebugContext(ctx, "the client left", "error", err)
	case out.Status >= http.StatusInternalServerError:
		a.Log.ErrorContext(ctx, "call failed", "code", out.Code, "error", err)
	case out.Status == http.StatusUnauthorized:
		header.Set("WWW-Authenticate", "Bearer")
	}
	if wait, ok := fault.Of(err).Args["retry_after"]; ok {
		header.Set("Retry-After", fmt.Sprint(wait))
	}
	return huma.ErrorWithHeaders(out, header)
}

func init() { // huma's own errors take our shape
	huma.NewErrorWithContext = func(c huma.Context, status int, _ string, errs ...error) huma.StatusError {
		ctx := context.Background()
		if c != nil {
			ctx = c.Context()
		}
		return misshapen(ctx, status, errs)
	}
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return huma.NewErrorWithContext(nil, status, message, errs...)
	}
}

// misshapen is the problem of a request that does not have the form that is
// described.
func misshapen(ctx context.Context, status int, errs []error) *Problem {
	joined := errors.Join(errs...)
	var large *http.MaxBytesError
	switch {
	case errors.As(joined, &large):
		return problemOf(ctx, serve.ErrTooLarge)
	case status == http.StatusUnsupportedMediaType:
		return problemOf(ctx, ErrMedia)
	case status != http.StatusUnprocessableEntity: // neither the body's end nor its syntax was found
		return problemOf(ctx, ErrSyntax)
	}
	out := problemOf(ctx, ErrRequest)
	out.Fields = map[string]string{}
	for _, err := range errs {
		var d huma.ErrorDetailer
		if errors.As(err, &d) {
			field, sentence := blamed(serve.Printer(ctx), d.ErrorDetail())
			out.Fields[field] = sentence
		}
	}
	return out
}

// blamed names the input that huma blames, and says what is wrong with it.
func blamed(p *i18n.Printer, d *huma.ErrorDetail) (field, sentence string) {
	field = d.Location
	for _, place := range []string{"body.", "query.", "path.", "header."} {
		field = strings.TrimPrefix(field, place)
	}
	_, missing, _ := strings.Cut(d.Message, "expected required property ")
	switch {
	case missing != "":
		return strings.TrimPrefix(strings.TrimSuffix(field, "body")+"."+strings.TrimSuffix(missing, " to be present"), "."), p.T("api.missing")
	case strings.HasSuffix(d.Message, "parameter is missing"):
		return field, p.T("api.missing")
	case d.Message == "unexpected property":
		return field, p.T("api.unknown")
	}
	return field, p.T("api.value", i18n.Args{"why": d.Message})
}

// refusals turns what the routes or a protocol refuse in plain text into
// problems, and answers OPTIONS with the methods that there are.
type refusals struct {
	http.ResponseWriter
	r       *http.Request
	refused bool
}

// Unwrap is for http.ResponseController.
func (w *refusals) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *refusals) WriteHeader(status int) {
	h := w.Header()
	if status < 400 || w.refused || strings.HasPrefix(h.Get("Content-Type"), "application/problem+json") {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	w.refused = true
	maps.DeleteFunc(h, func(name string, _ []string) bool { return name == "Content-Length" || name == "Content-Disposition" })
	if w.r.Method == http.MethodOptions && status == http.StatusMethodNotAllowed {
		h.Del("Content-Type")
		w.ResponseWriter.WriteHeader(http.StatusNoContent)
		return
	}
	serve.ProblemJSON(w.ResponseWriter, w.r, refusal(w.r.Context(), status))
}

func (w *refusals) Write(b []byte) (int, error) {
	if w.refused {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

// refusal is the problem of a bare status.
func refusal(ctx context.Context, status int) serve.Problem {
	p := serve.Printer(ctx)
	out := serve.Problem{Status: status, Title: title(p, status), Code: ErrSyntax.Name(), Detail: p.T(ErrSyntax.Code), RequestID: serve.RequestID(ctx)}
	switch status {
	case http.StatusNotFound:
		out.Code, out.Detail = ErrNoCall.Name(), p.T(ErrNoCall.Code)
	case http.StatusMethodNotAllowed:
		out.Code, out.Detail = "method", p.T("api.method")
	case http.StatusPreconditionFailed:
		out.Code, out.Detail = "precondition", p.T("api.precondition")
	case http.StatusRequestedRangeNotSatisfiable:
		out.Code, out.Detail = "range", p.T("api.range")
	}
	return out
}
