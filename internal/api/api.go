package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"safelight/internal/account"
	"safelight/internal/catalog"
	"safelight/internal/db"
	"safelight/internal/id"
	"safelight/internal/lab"
	"safelight/internal/order"
	"safelight/internal/payment"
	"safelight/internal/refund"
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
	Refunds   refund.Desk
	Processor payment.Processor
	Log       *slog.Logger
}

// An API answers under /api.
type API struct {
	Config
	site  *serve.Site // shows errors as problem+json
	huma  huma.API
	mux   *http.ServeMux
	fetch *serve.Burst // pictures by address
	turns turns
}

// New describes and wires all calls.
func New(c Config) *API {
	a := describe()
	a.Config = c
	a.site = c.Site.With(serve.ProblemJSON)
	a.fetch = serve.NewBurst(c.DB.Clock(), fetchesPerSecond, fetchesAtOnce)
	a.uploads()
	return a
}

// describe makes the calls and their description; what they call comes after.
func describe() *API {
	a := &API{mux: http.NewServeMux(), turns: turns{lanes: map[string]*lane{}}}
	a.huma = humago.New(a.mux, description())
	a.people()
	a.images()
	a.jobs()
	a.orders()
	a.cases()
	a.docs()
	a.illustrate()
	return a
}

// Handler serves everything under /api.
func (a *API) Handler() http.Handler {
	once := a.site.Once(a.DB, func(r *http.Request) string { return string(account.Who(r.Context()).Account.ID) })
	kept := once(a.mux)
	return a.site.Handle(func(w http.ResponseWriter, r *http.Request) error {
		if _, pattern := a.mux.Handler(r); pattern == "" {
			a.mux.ServeHTTP(&refusals{ResponseWriter: w, r: r}, r)
			return nil
		}
		if strings.HasPrefix(r.URL.Path, "/api/v1/") {
			if err := account.Who(r.Context()).Require(account.Customer); err != nil {
				return err
			}
		}
		r = r.WithContext(context.WithValue(r.Context(), clientKey{}, account.ClientOf(r)))
		if moves[r.URL.Path] {
			kept.ServeHTTP(w, r)
			return nil
		}
		a.mux.ServeHTTP(w, r)
		return nil
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

// onceKey names what is asked, for the slice that must not do it twice: the
// caller's key with the body, since a key may be used anew after two days. It
// is empty without a key.
func onceKey(ctx context.Context, body any) (string, error) {
	key := serve.OnceKey(ctx)
	if key == "" {
		return "", nil
	}
	text, err := json.Marshal(body)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(append([]byte(key+"\n"), text...))
	return hex.EncodeToString(sum[:]), nil
}

// call registers one call; [API.Handler] has seen to it that somebody is
// signed in. A nil answer has no body.
func call[I, O any](a *API, op huma.Operation, verb func(ctx context.Context, who account.Visitor, in *I) (*O, error)) {
	op.Errors = append(op.Errors, everywhere...)
	op.MaxBodyBytes, op.BodyReadTimeout = -1, -1 // the site has its own
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := verb(ctx, account.Who(ctx), in)
		if err != nil {
			return nil, a.problem(ctx, err)
		}
		return out, nil
	})
}

// stream registers a call that reads or writes a stream, and describes it.
func (a *API) stream(op huma.Operation, verb func(w http.ResponseWriter, r *http.Request, who account.Visitor) error) {
	a.mux.HandleFunc(op.Method+" "+op.Path, func(w http.ResponseWriter, r *http.Request) {
		if err := verb(w, r, account.Who(r.Context())); err != nil {
			a.site.Fail(w, r, err)
		}
	})
	a.refusalsOf(&op)
	a.huma.OpenAPI().AddOperation(&op)
}

// valid refuses an id that the program did not make, before the database sees
// it.
func valid(prefix, s string, otherwise error) error {
	if !id.Valid(prefix, s) {
		return otherwise
	}
	return nil
}
