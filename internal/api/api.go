package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"safelight/internal/account"
	"safelight/internal/catalog"
	"safelight/internal/db"
	"safelight/internal/fault"
	"safelight/internal/lab"
	"safelight/internal/order"
	"safelight/internal/payment"
	"safelight/internal/serve"
	"safelight/internal/shop"
)

// Config is what the API calls.
type Config struct {
	DB        *db.DB
	Site      *serve.Site
	Shop      *shop.Shop
	Catalog   *catalog.Catalog
	Lab       *lab.Lab
	Desk      order.Desk
	Processor payment.Processor
	Uploads   http.Handler // tus, at /api/v1/uploads
	Log       *slog.Logger
}

// Version of the API's description.
const Version = "1.0.0"

// An API answers under /api.
type API struct {
	Config
	site *serve.Site // shows errors as problem+json
	huma huma.API
	mux  *http.ServeMux
}

// New describes and wires all calls.
func New(c Config) *API {
	a := &API{Config: c, mux: http.NewServeMux()}
	if c.Site != nil {
		a.site = c.Site.With(serve.ProblemJSON)
	}
	config := huma.DefaultConfig("Safelight", Version)
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.CreateHooks = nil // no $schema links in answers
	config.Info.Description = "Upload photos, ask what an operation costs, have it done, and see each credit accounted for."
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer", Description: "An API token from your account page."}}
	config.Security = []map[string][]string{{"token": {}}}
	a.huma = humago.New(a.mux, config)
	a.people()
	a.images()
	a.jobs()
	a.orders()
	a.docs()
	return a
}

// Handler serves everything under /api.
func (a *API) Handler() http.Handler {
	once := a.site.Once(a.DB, func(r *http.Request) string { return string(account.Who(r.Context()).Account.ID) })
	kept := once(a.mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(context.WithValue(r.Context(), clientKey{}, account.ClientOf(r)))
		if moves[r.URL.Path] {
			kept.ServeHTTP(w, r)
			return
		}
		a.mux.ServeHTTP(w, r)
	})
}

type clientKey struct{}

// clientOf is from where the call comes.
func clientOf(ctx context.Context) account.Client {
	c, _ := ctx.Value(clientKey{}).(account.Client)
	return c
}

// moves are the calls that move credits or money: each takes an
// Idempotency-Key.
var moves = map[string]bool{"/api/v1/jobs": true, "/api/v1/checkout": true}

// Description is the OpenAPI 3.1 document, in JSON.
func (a *API) Description() ([]byte, error) { return a.huma.OpenAPI().MarshalJSON() }

// call registers one call for signed-in people.
func call[I, O any](a *API, op huma.Operation, verb func(ctx context.Context, who account.Visitor, in *I) (*O, error)) {
	op.Errors = append(op.Errors, http.StatusUnauthorized, http.StatusTooManyRequests)
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		who := account.Who(ctx)
		if err := who.Require(account.Customer); err != nil {
			return nil, a.problem(ctx, err)
		}
		out, err := verb(ctx, who, in)
		if err != nil {
			return nil, a.problem(ctx, err)
		}
		return out, nil
	})
}

// handle registers a call that reads or writes a stream; describe adds it to
// the document.
func (a *API) handle(op huma.Operation, verb func(w http.ResponseWriter, r *http.Request, who account.Visitor) error) {
	if a.site != nil {
		a.mux.Handle(op.Method+" "+op.Path, a.site.Handle(func(w http.ResponseWriter, r *http.Request) error {
			who := account.Who(r.Context())
			if err := who.Require(account.Customer); err != nil {
				return err
			}
			return verb(w, r, who)
		}))
	}
	a.huma.OpenAPI().AddOperation(&op)
}

// Problem is what every refused call gets (RFC 9457).
type Problem struct {
	Type      string            `json:"type" doc:"Always about:blank; the code tells."`
	Title     string            `json:"title"`
	Status    int               `json:"status"`
	Detail    string            `json:"detail" doc:"A sentence for people, in their language."`
	Code      string            `json:"code" doc:"Stable, for programs: shortfall"`
	Field     string            `json:"field,omitempty" doc:"The input that is wrong."`
	Fields    map[string]string `json:"fields,omitempty" doc:"A sentence for each input that is wrong."`
	RequestID string            `json:"request_id"`
}

func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus is for huma.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is for huma.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// problem turns an error into what the caller may know, and logs what is our
// fault.
func (a *API) problem(ctx context.Context, err error) error {
	e := fault.Of(err)
	status := serve.Status(e.Kind)
	if errors.Is(err, context.Canceled) {
		status = 499 // the caller left: nobody reads this
	}
	if status >= http.StatusInternalServerError {
		a.Log.ErrorContext(ctx, "call failed", "code", e.Code, "error", err)
	}
	p := serve.Printer(ctx)
	out := &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: serve.Sentence(p, err), Code: e.Name(),
		Field: e.Field, Fields: serve.Fields(p, err), RequestID: serve.RequestID(ctx)}
	if wait, ok := e.Args["retry_after"]; ok {
		return huma.ErrorWithHeaders(out, http.Header{"Retry-After": {itoa(wait)}})
	}
	return out
}

// ErrRequest means that a request does not have the shape that is described.
var ErrRequest = fault.New(fault.Invalid, "api.request", "The request does not have the expected form.")

func init() { // huma's errors take our shape
	huma.NewErrorWithContext = func(c huma.Context, status int, message string, errs ...error) huma.StatusError {
		ctx := context.Background()
		if c != nil {
			ctx = c.Context()
		}
		p := &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: ErrRequest.Name(),
			Detail: serve.Printer(ctx).T("api.request"), RequestID: serve.RequestID(ctx)}
		for _, err := range errs {
			var d huma.ErrorDetailer
			if errors.As(err, &d) {
				if p.Fields == nil {
					p.Fields = map[string]string{}
				}
				p.Fields[d.ErrorDetail().Location] = d.ErrorDetail().Message
			}
		}
		if len(p.Fields) == 0 && message != "" && status < http.StatusInternalServerError {
			p.Detail += " " + message
		}
		return p
	}
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return huma.NewErrorWithContext(nil, status, message, errs...)
	}
}
