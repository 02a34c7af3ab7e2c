package sandbox

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"safelight/internal/db"
	"safelight/internal/id"
)

// Config is what the sandbox needs to know of the shop.
type Config struct {
	URL    string              // the product's own address: the hosted page is there, and the webhook
	Token  string              // SAFELIGHT_SANDBOX_TOKEN: lets controls be used from elsewhere; empty for never
	Live   bool                // whether the shop takes real money
	Moved  func(time.Duration) // told the shop's clock's new shift; may be nil
	Client *http.Client        // posts webhooks; nil for one with a timeout of 10 s
	Log    *slog.Logger        // nil for none
}

// ErrLive means that the shop takes real money.
var ErrLive = errors.New("sandbox: this shop is in live mode, where the sandbox does not run")

// Validate names what is wrong.
func (c Config) Validate() error {
	if c.Live {
		return ErrLive
	}
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || (u.Path != "" && u.Path != "/") {
		return errors.New("sandbox: the product's address must be like http://127.0.0.1:8080")
	}
	return nil
}

// A Server is the sandbox. It is safe for concurrent use.
type Server struct {
	d      *db.DB
	config Config
	base   string // the product's address without a slash at its end
	key    string
	secret string
	mux    *http.ServeMux
	wake   chan struct{}
}

// New opens the sandbox. Its keys are made once and shared by all processes on
// the database.
func New(ctx context.Context, d *db.DB, c Config) (*Server, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{d: d, config: c, wake: make(chan struct{}, 1)}
	u, _ := url.Parse(c.URL)
	s.base = u.Scheme + "://" + u.Host
	err := d.InTx(ctx, func(tx *db.Tx) (err error) {
		if s.key, err = setting(ctx, tx, "key", "sk_test_"+id.Secret()); err != nil {
			return err
		}
		s.secret, err = setting(ctx, tx, "webhook_secret", "whsec_"+id.Secret())
		return err
	})
	if err != nil {
		return nil, err
	}
	s.mux = s.routes()
	return s, nil
}

// Key is the secret API key, "sk_test_…".
func (s *Server) Key() string { return s.key }

// WebhookSecret is what notices are signed with, "whsec_…".
func (s *Server) WebhookSecret() string { return s.secret }

// API is the base address of the API, to which "/v1/…" is added.
func (s *Server) API() string { return s.base + "/sandbox/stripe" }

// ServeHTTP serves /sandbox/pay, /sandbox/control, /sandbox/stripe and
// /sandbox/sandbox.css.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func (s *Server) routes() *http.ServeMux {
	m := http.NewServeMux()
	m.Handle("/sandbox/stripe/", http.StripPrefix("/sandbox/stripe", http.HandlerFunc(s.serveAPI)))
	m.HandleFunc("GET /sandbox/pay/{session}", s.showPage)
	m.HandleFunc("POST /sandbox/pay/{session}", s.payPage)
	m.HandleFunc("GET /sandbox/sandbox.css", serveStyle)
	for pattern, f := range s.controls() {
		m.Handle(pattern, s.guarded(f))
	}
	return m
}

// nudge tells the delivery loop of this process that there is something to do.
func (s *Server) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
