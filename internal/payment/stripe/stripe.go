package stripe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	api "github.com/stripe/stripe-go/v86"

	"safelight/internal/fault"
	"safelight/internal/payment"
)

// Name is the processor's name in our records.
const Name = "stripe"

// Config is how to reach Stripe.
type Config struct {
	Key     string       // SAFELIGHT_STRIPE_KEY: sk_test_…, sk_live_…, rk_test_… or rk_live_…
	Webhook string       // SAFELIGHT_STRIPE_WEBHOOK_SECRET: whsec_…
	URL     string       // base of the API; empty for Stripe's own
	Client  *http.Client // nil for one with a timeout of 20 s
}

// Validate names the variable that is wrong.
func (c Config) Validate() error {
	prefix, rest, ok := cutKey(c.Key)
	switch {
	case !ok || rest == "":
		return errors.New("SAFELIGHT_STRIPE_KEY: it must start with sk_test_, sk_live_, rk_test_ or rk_live_")
	case !strings.HasPrefix(c.Webhook, "whsec_") || len(c.Webhook) < 16:
		return errors.New("SAFELIGHT_STRIPE_WEBHOOK_SECRET: it must start with whsec_ and be the endpoint's signing secret")
	case strings.Contains(prefix, "_live_") && c.URL != "":
		return errors.New("SAFELIGHT_STRIPE_URL: a live key goes to Stripe alone")
	}
	return nil
}

func cutKey(key string) (prefix, rest string, ok bool) {
	for _, p := range []string{"sk_test_", "sk_live_", "rk_test_", "rk_live_"} {
		if rest, ok := strings.CutPrefix(key, p); ok {
			return p, rest, true
		}
	}
	return "", "", false
}

// A Processor is a [payment.Processor]. It is safe for concurrent use.
type Processor struct {
	client *api.Client
	secret string
	live   bool
}

var _ payment.Processor = (*Processor)(nil)

// New returns the processor for a valid config.
func New(c Config) (*Processor, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: 20 * time.Second}
	}
	backend := &api.BackendConfig{HTTPClient: c.Client, MaxNetworkRetries: api.Int64(2), EnableTelemetry: api.Bool(false),
		LeveledLogger: &api.LeveledLogger{Level: api.LevelNull}} // its errors are returned, and logged at the edge
	if c.URL != "" {
		u, err := url.Parse(c.URL)
		if err != nil {
			return nil, fmt.Errorf("SAFELIGHT_STRIPE_URL: %w", err)
		}
		backend.URL, backend.HTTPClient = api.String(u.Scheme+"://"+u.Host), under(u.Path, c.Client)
	}
	kind, _, _ := cutKey(c.Key)
	return &Processor{client: api.NewClient(c.Key, api.WithBackends(api.NewBackendsWithConfig(backend))),
		secret: c.Webhook, live: strings.Contains(kind, "_live_")}, nil
}

// under lets a client's requests go to a path below its host: the library
// wants an address without one.
func under(path string, c *http.Client) *http.Client {
	moved := *c
	moved.Transport = prefix{strings.TrimSuffix(path, "/"), c.Transport}
	if c.Transport == nil {
		moved.Transport = prefix{strings.TrimSuffix(path, "/"), http.DefaultTransport}
	}
	return &moved
}

type prefix struct {
	path string
	next http.RoundTripper
}

func (p prefix) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Path = p.path + r.URL.Path
	return p.next.RoundTrip(r)
}

// Identity is Stripe, in the mode of the key.
func (p *Processor) Identity() payment.Identity { return payment.Identity{Name: Name, Live: p.live} }

// Expire closes the hosted page of a session. A session that is closed
// already is fine.
func (p *Processor) Expire(ctx context.Context, ref string) error {
	_, err := p.client.V1CheckoutSessions.Expire(ctx, ref, &api.CheckoutSessionExpireParams{})
	var e *api.Error
	if errors.As(err, &e) && e.HTTPStatusCode == http.StatusBadRequest {
		return nil
	}
	return meaning("expire", err)
}

// meaning translates an error of the client. Stripe's requests that can never
// succeed are refused; all that time or the operator can mend is unavailable.
func meaning(doing string, err error) error {
	if err == nil {
		return nil
	}
	kind := payment.ErrUnavailable
	var e *api.Error
	if errors.As(err, &e) {
		err = fmt.Errorf("%d %s %s %s: %s", e.HTTPStatusCode, e.Type, e.Code, e.Param, e.Msg)
		switch e.HTTPStatusCode {
		case http.StatusNotFound:
			return fmt.Errorf("stripe: %s: %w: %w", doing, fault.NotFound, err)
		case http.StatusBadRequest, http.StatusPaymentRequired:
			kind = payment.ErrRefused
		}
	}
	return fmt.Errorf("stripe: %s: %w", doing, kind.Because(err))
}
