package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"

	"safelight/internal/account"
	"safelight/internal/api"
	"safelight/internal/db"
	"safelight/internal/engine/onboard"
	"safelight/internal/lab"
	"safelight/internal/mail"
	"safelight/internal/obs"
	"safelight/internal/order"
	"safelight/internal/payment"
	"safelight/internal/picture"
	"safelight/internal/queue"
	"safelight/internal/refund"
	"safelight/internal/serve"
	"safelight/internal/web"
)

type serveCmd struct {
	siteSettings
	workSettings
	serveSettings
}

type workCmd struct {
	siteSettings
	workSettings
}

// Run serves until the process is asked to end.
func (c *serveCmd) Run(ctx context.Context, s streams, set *settings) error {
	if err := errors.Join(c.siteSettings.Validate(), c.workSettings.Validate()); err != nil {
		return err
	}
	log := set.logger(s)
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("SAFELIGHT_ADDR: %w", err)
	}
	defer l.Close()
	base := c.baseURL(l.Addr())
	a, err := assemble(ctx, set, c.workSettings, base, c.SandboxToken, log)
	if err != nil {
		return err
	}
	defer a.end()
	metrics := obs.NewMetrics()
	front := &transports{}
	site, err := c.site(a, base, metrics, front)
	if err != nil {
		return usage{err}
	}
	bench, q, err := a.workshop(c.workSettings, !c.NoWorkers)
	if err != nil {
		return err
	}
	if err := q.Start(ctx); err != nil {
		return err
	}
	defer a.stop(q)
	go a.keepClock(ctx)
	go a.shelf.Watch(ctx)
	if a.sandbox != nil {
		go a.sandbox.Run(ctx)
	}
	if err := c.metrics(ctx, metrics, a); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s is open at %s\n", a.shop.Title, base)
	if a.sandbox != nil {
		fmt.Fprintf(s.out, "On the sandbox: no real money; mail is at %s/sandbox/mail\n", base)
	}
	return site.Run(ctx, l, a.routes(site, bench, front, c.SandboxToken))
}

// Run works until the process is asked to end.
func (c *workCmd) Run(ctx context.Context, s streams, set *settings) error {
	if err := errors.Join(c.siteSettings.Validate(), c.workSettings.Validate()); err != nil {
		return err
	}
	if set.Database == "" || c.URL == "" {
		return usage{errors.New("work stands beside serve: it needs SAFELIGHT_DATABASE and SAFELIGHT_URL, the same as serve has")}
	}
	log := set.logger(s)
	a, err := assemble(ctx, set, c.workSettings, c.baseURL(nil), c.SandboxToken, log)
	if err != nil {
		return err
	}
	defer a.end()
	_, q, err := a.workshop(c.workSettings, true)
	if err != nil {
		return err
	}
	if err := q.Start(ctx); err != nil {
		return err
	}
	go a.keepClock(ctx)
	go a.shelf.Watch(ctx)
	fmt.Fprintln(s.out, "working")
	<-ctx.Done()
	a.stop(q)
	return nil
}

// transports are known only after the site that they stand on.
type transports struct{ pages *web.Server }

// problem shows the errors that no transport shows itself.
func (t *transports) problem(w http.ResponseWriter, r *http.Request, p serve.Problem) {
	if t.pages == nil || strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.URL.Path, "/webhooks/") {
		serve.ProblemJSON(w, r, p)
		return
	}
	t.pages.Problem(w, r, p)
}

func (c *serveCmd) site(a *app, base string, m *obs.Metrics, front *transports) (*serve.Site, error) {
	return serve.New(serve.Config{BaseURL: base, Plain: c.Plain, TrustedProxies: c.TrustedProxies, Languages: a.shop.Languages,
		FormTargets: a.formTargets(), Foreign: []string{"POST /webhooks/", "/sandbox/stripe/"}}, a.log, m, front.problem)
}

// formTargets are the origins to which the checkout form may lead.
func (a *app) formTargets() []string {
	if a.sandbox != nil {
		return nil
	}
	return []string{"https://checkout.stripe.com"}
}

func (c *serveCmd) metrics(ctx context.Context, m *obs.Metrics, a *app) error {
	if c.MetricsAddr == "" {
		return nil
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.MetricsAddr)
	if err != nil {
		return usage{fmt.Errorf("SAFELIGHT_METRICS_ADDR: %w", err)}
	}
	go func() {
		if err := m.Run(ctx, l); err != nil {
			a.log.ErrorContext(ctx, "metrics ended", "error", err)
		}
	}()
	return nil
}

// workshop makes the lab and the process's part in the work. Without workers
// the process keeps ticks only.
func (a *app) workshop(w workSettings, workers bool) (*lab.Lab, *queue.Queue, error) {
	e, err := onboard.New(onboard.Config{Threads: w.Threads, SIMD: w.SIMD})
	if err != nil {
		return nil, nil, usage{err}
	}
	bench, err := lab.New(lab.Config{DB: a.db, Blobs: a.blobs, Catalog: a.catalog, Limits: a.shop.Lab, Engines: []lab.Offer{{Engine: e}},
		Budget: picture.NewBudget(int64(w.MemoryMB) << 20), Fetch: serve.NewOutboundClient(false), Spool: a.spool, Log: a.log})
	if err != nil {
		return nil, nil, err
	}
	c := queue.Config{}
	if workers {
		c.Workers = map[string]int{queue.DefaultQueue: 8, lab.RenderQueue: w.Renders}
	}
	q, err := queue.New(a.db, a.log, c)
	if err != nil {
		return nil, nil, err
	}
	go picture.Warm()
	bench.Register(q)
	mail.Register(q, a.db, a.sender)
	order.Register(q, a.db, a.desk)
	a.shelf.Register(q)
	a.upkeep(q)
	return bench, q, nil
}

func (a *app) stop(q *queue.Queue) {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	if err := q.Stop(ctx); err != nil {
		a.log.ErrorContext(ctx, "workers did not end in time", "error", err)
	}
}

// keepClock follows the shop's clock when another process moves it.
func (a *app) keepClock(ctx context.Context) {
	if a.sandbox == nil {
		return
	}
	for t := time.NewTicker(time.Second); ; {
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-t.C:
			if err := a.followClock(ctx); err != nil && ctx.Err() == nil {
				a.log.WarnContext(ctx, "the shop's clock was not read", "error", err)
			}
		}
	}
}

// ready asks the database for an answer.
func (a *app) ready(ctx context.Context) error {
	return a.db.View(ctx, func(tx *db.Tx) error {
		var one int
		return tx.QueryRow(ctx, "SELECT 1").Scan(&one)
	})
}

// routes puts the transports on one address. The token opens the sandbox's
// mailbox from elsewhere.
func (a *app) routes(site *serve.Site, bench *lab.Lab, front *transports, token string) http.Handler {
	calls := api.New(api.Config{DB: a.db, Site: site, Shop: a.shop, Catalog: a.catalog, Lab: bench, Desk: a.desk, Refunds: refund.Desk{Shelf: a.shelf},
		Processor: a.processor, Log: a.log})
	pages := web.New(web.Config{DB: a.db, Site: site, Shop: a.shop, Catalog: a.catalog, Shelf: a.shelf, People: a.people,
		Lab: bench, Desk: a.desk, Processor: a.processor, Settle: a.settle, Uploads: "/api/v1/uploads/",
		Describe: calls.Description, Log: a.log})
	front.pages = pages
	people := http.NewServeMux()
	people.Handle("/api/", calls.Handler())
	people.Handle("/api", pages) // the page about the calls
	people.Handle("/", pages)
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", site.Healthz())
	mux.Handle("GET /readyz", site.Readyz(serve.Check{Name: "database", Try: a.ready}))
	mux.Handle("POST /webhooks/stripe", site.Handle(a.webhook))
	if a.sandbox != nil {
		mux.Handle("/sandbox/", a.sandbox)
		mailbox := pages.Mailbox(token)
		mux.Handle("/sandbox/mail", mailbox)
		mux.Handle("/sandbox/mail/", mailbox)
	}
	mux.Handle("/", a.people.Identify(site)(a.goingOn(people)))
	return site.Wrap(mux)
}

// goingOn keeps the first use under a text that is accepted by going on using
// the service. To read the texts, to choose a language and to leave is no use.
func (a *app) goingOn(next http.Handler) http.Handler {
	reading := regexp.MustCompile(`^/(static|refund|privacy|terms|preferences|sign-out)(/|$)`)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if who := account.Who(r.Context()); who.SignedIn() && !reading.MatchString(r.URL.Path) {
			if err := a.shelf.Continue(r.Context(), who.Account, account.ClientOf(r)); err != nil && r.Context().Err() == nil {
				a.log.ErrorContext(r.Context(), "continued use was not kept; the next request keeps it", "error", err)
			}
		}
		next.ServeHTTP(w, r)
	})
}

func (a *app) webhook(w http.ResponseWriter, r *http.Request) error {
	serve.AllowBody(r.Context(), payment.MaxNotice+1)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return payment.ErrTooLarge.Because(err)
	}
	if err := payment.Receive(r.Context(), a.db, a.processor, body, r.Header, wake); err != nil {
		return err
	}
	return serve.JSON(w, http.StatusOK, struct{}{})
}
