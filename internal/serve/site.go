package serve

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"

	"safelight/internal/clock"
	"safelight/internal/i18n"
	"safelight/internal/obs"
)

// A Handler answers a request or returns why it cannot. What it returns is
// shown by the site's [Renderer]; a handler that returned an error must not
// have begun its answer.
type Handler func(w http.ResponseWriter, r *http.Request) error

// A Site is what all handlers share. It is safe for concurrent use.
type Site struct {
	base      string
	secure    bool
	proxies   []netip.Prefix
	languages []i18n.Lang
	maxBody   int64
	headers   [][2]string
	cross     *http.CrossOriginProtection
	log       *slog.Logger
	metrics   *obs.Metrics
	render    Renderer
}

// New returns the site that c describes. Render shows the errors that no
// transport shows itself.
func New(c Config, log *slog.Logger, m *obs.Metrics, render Renderer) (*Site, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("serve: %w", err)
	}
	u, _ := origin(c.BaseURL)
	proxies, _ := networks(c.TrustedProxies)
	s := &Site{base: u.String(), secure: u.Scheme == "https", proxies: proxies,
		languages: c.Languages, maxBody: c.MaxBody, log: log, metrics: m, render: render}
	if len(s.languages) == 0 {
		s.languages = i18n.Languages
	}
	if s.maxBody == 0 {
		s.maxBody = 1 << 20
	}
	s.headers = headers(c.FormTargets, s.secure)
	cross, err := protection(s.base, c.Foreign)
	if err != nil {
		return nil, fmt.Errorf("serve: %w", err)
	}
	s.cross = cross
	return s, nil
}

// Base is the public address without a slash at its end.
func (s *Site) Base() string { return s.base }

// Secure reports whether the site is reached by https.
func (s *Site) Secure() bool { return s.secure }

// With returns a site that shows errors by render and is the same otherwise.
func (s *Site) With(render Renderer) *Site {
	c := *s
	c.render = render
	return &c
}

// Handle turns h into an http.Handler that shows h's error by the site's
// renderer.
func (s *Site) Handle(h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.Fail(w, r, err)
		}
	})
}

// Wrap goes around the whole mux: request id, client address, language, the
// protecting headers, the origin check, limits on body and time, the access
// log, metrics, and what a panic becomes.
func (s *Site) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(raw http.ResponseWriter, r *http.Request) {
		start := clock.System{}.Now()
		ended := s.metrics.Started()
		x := s.exchange(r)
		r = r.WithContext(x.attach(r.Context()))
		w := newWriter(raw)
		limitBody(raw, w, r, x, s.maxBody)
		for _, h := range s.headers {
			w.Header().Set(h[0], h[1])
		}
		w.Header().Set("X-Request-Id", x.id)
		defer func() {
			took := clock.System{}.Now().Sub(start)
			ended(route(r), r.Method, w.status(), w.bytes, took)
			s.access(r, w, took)
			w.extend()
		}()
		defer s.recover(w, r)
		if err := cmp.Or(checkAddress(r), s.checkOrigin(r)); err != nil {
			s.Fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// route is the mux's pattern: with the path the series would be without end.
func route(r *http.Request) string {
	if r.Pattern == "" {
		return "none"
	}
	return r.Pattern
}

func (s *Site) access(r *http.Request, w *writer, took any) {
	s.log.InfoContext(r.Context(), "request", "method", r.Method, "path", r.URL.Path,
		"status", w.status(), "bytes", w.bytes, "took", took, "ip", ClientIP(r.Context()).String())
}

func (s *Site) recover(w *writer, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler { //nolint:errorlint // the server compares it so
		panic(p)
	}
	s.log.ErrorContext(r.Context(), "panic", "value", fmt.Sprint(p), "stack", string(debug.Stack()))
	if w.began() {
		panic(http.ErrAbortHandler)
	}
	s.show(w, r, s.problem(r, errPanic))
}

// LocalPath returns path when it leads to this site, and otherwise the
// alternative: for the address to go to after signing in.
func LocalPath(path, otherwise string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.HasPrefix(path, "/\\") ||
		strings.ContainsFunc(path, func(c rune) bool { return c < ' ' || c == '\\' || c == 0x7f }) {
		return otherwise
	}
	return path
}

// SeeOther sends the browser on with a GET: the answer to a form.
func SeeOther(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}
