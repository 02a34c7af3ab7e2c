package serve

import (
	"context"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"safelight/internal/clock"
)

// maxKeys bounds the memory of a [Burst].
const maxKeys = 50_000

// A Burst limits by key, in this process alone and forgotten at its end: a
// shield against floods. What must hold across processes is a [Window]. It is
// safe for concurrent use.
type Burst struct {
	clock  clock.Clock
	rate   rate.Limit
	burst  int
	mu     sync.Mutex
	limits map[string]*rate.Limiter
}

// NewBurst lets each key act burst times at once and so often a second in the
// long run.
func NewBurst(c clock.Clock, perSecond float64, burst int) *Burst {
	return &Burst{clock: c, rate: rate.Limit(perSecond), burst: burst, limits: map[string]*rate.Limiter{}}
}

// Allow counts one act of key and returns nil, or [ErrTooMany] with the time
// to wait.
func (b *Burst) Allow(key string) error {
	now := b.clock.Now()
	r := b.limiter(key, now).ReserveN(now, 1)
	if wait := r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
		return TooMany(wait)
	}
	return nil
}

func (b *Burst) limiter(key string, now time.Time) *rate.Limiter {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l, ok := b.limits[key]; ok {
		return l
	}
	if len(b.limits) >= maxKeys {
		b.forget(now)
	}
	l := rate.NewLimiter(b.rate, b.burst)
	b.limits[key] = l
	return l
}

// forget drops the keys that have nothing to remember, and everything when
// that leaves too many: under such a flood memory counts for more.
func (b *Burst) forget(now time.Time) {
	for key, l := range b.limits {
		if l.TokensAt(now) >= float64(b.burst) {
			delete(b.limits, key)
		}
	}
	if len(b.limits) >= maxKeys/2 {
		clear(b.limits)
	}
}

// Limit refuses requests beyond b, counted by key; an empty key is not
// counted.
func (s *Site) Limit(b *Burst, key func(r *http.Request) string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return s.Handle(func(w http.ResponseWriter, r *http.Request) error {
			if k := key(r); k != "" {
				if err := b.Allow(k); err != nil {
					return err
				}
			}
			next.ServeHTTP(w, r)
			return nil
		})
	}
}

// Shed lets at most limit requests be under way and refuses the rest at once:
// for routes whose answers end.
func (s *Site) Shed(limit int) func(http.Handler) http.Handler {
	slots := make(chan struct{}, limit)
	return func(next http.Handler) http.Handler {
		return s.Handle(func(w http.ResponseWriter, r *http.Request) error {
			select {
			case slots <- struct{}{}:
			default:
				return ErrBusy.With(map[string]any{retryAfter: 1})
			}
			defer func() { <-slots }()
			next.ServeHTTP(w, r)
			return nil
		})
	}
}

// Within gives h so much time; then its context ends, and what it returns for
// that is [ErrTimedOut].
func Within(d time.Duration, h Handler) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx, cancel := context.WithTimeout(r.Context(), d)
		defer cancel()
		return h(w, r.WithContext(ctx))
	}
}

// ByIP is a key for [Site.Limit]: the client's address.
func ByIP(r *http.Request) string { return Network(ClientIP(r.Context())) }

// Network is what one client can be taken to hold: an IPv4 address, or the
// /64 of an IPv6 address.
func Network(ip netip.Addr) string {
	if ip.Is6() {
		if p, err := ip.Prefix(64); err == nil {
			return p.String()
		}
	}
	if !ip.IsValid() {
		return ""
	}
	return ip.String()
}
