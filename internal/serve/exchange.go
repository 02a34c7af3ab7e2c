package serve

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"safelight/internal/i18n"
	"safelight/internal/id"
	"safelight/internal/obs"
)

// An exchange is what is known of one request. It is filled in by the
// middleware in the request's own goroutine, so that no middleware needs to
// copy the request.
type exchange struct {
	id        string
	ip        netip.Addr
	chosen    i18n.Lang // by cookie
	preferred i18n.Lang // by the account
	accepted  i18n.Lang // by header
	viewer    any
	body      *body
	onceKey   string
}

type exchangeKey struct{}

func (x *exchange) attach(ctx context.Context) context.Context {
	return obs.WithRequestID(context.WithValue(ctx, exchangeKey{}, x), x.id)
}

// of returns the exchange of ctx; a detached empty one outside of [Site.Wrap].
func of(ctx context.Context) *exchange {
	if x, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return x
	}
	return &exchange{}
}

func (s *Site) exchange(r *http.Request) *exchange {
	peer := peer(r)
	x := &exchange{id: id.New[string]("req"), ip: s.clientIP(r, peer)}
	if given := r.Header.Get("X-Request-Id"); s.trusted(peer) && plausible(given) {
		x.id = given
	}
	x.accepted = i18n.Match(r.Header.Get("Accept-Language"), s.languages)
	if l := i18n.Lang(s.Cookie(r, languageCookie)); slices.Contains(s.languages, l) {
		x.chosen = l
	}
	return x
}

// plausible keeps a proxy's request id short and of harmless characters.
func plausible(id string) bool {
	return len(id) >= 8 && len(id) <= 64 && !strings.ContainsFunc(id, func(c rune) bool {
		return !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '_')
	})
}

// RequestID is the id of the request that ctx belongs to.
func RequestID(ctx context.Context) string { return of(ctx).id }

// ClientIP is the address of the client, as far as the trusted proxies know.
// It is the zero Addr outside of a request.
func ClientIP(ctx context.Context) netip.Addr { return of(ctx).ip }

// Lang is the language to answer in: the one chosen on this device, else the
// account's, else what the browser accepts.
func Lang(ctx context.Context) i18n.Lang {
	x := of(ctx)
	for _, l := range []i18n.Lang{x.chosen, x.preferred, x.accepted} {
		if l != "" {
			return l
		}
	}
	return i18n.English
}

// Printer writes in the language to answer in.
func Printer(ctx context.Context) *i18n.Printer { return i18n.For(Lang(ctx)) }

// PreferLang notes the language of the account.
func PreferLang(ctx context.Context, l i18n.Lang) { of(ctx).preferred = l }
