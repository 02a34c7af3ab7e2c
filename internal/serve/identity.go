package serve

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"safelight/internal/fault"
)

// Via says how a credential came.
type Via string

// The ways.
const (
	ByCookie Via = "cookie" // a browser's session
	ByBearer Via = "bearer" // Authorization: Bearer
)

// A Credential is what a request brings to say who it comes from.
type Credential struct {
	Token string
	Via   Via
}

// Credential returns what r brings. With an Authorization header of any kind
// the cookie is not looked at, which is what lets such a request pass the
// origin check.
func (s *Site) Credential(r *http.Request) (Credential, bool) {
	if all := r.Header.Values("Authorization"); len(all) > 0 && strings.Join(all, "") != "" {
		scheme, token, _ := strings.Cut(all[0], " ")
		if len(all) > 1 || !strings.EqualFold(scheme, "Bearer") {
			token = ""
		}
		return Credential{Token: strings.TrimSpace(token), Via: ByBearer}, true
	}
	token := s.Cookie(r, SessionCookie)
	return Credential{Token: token, Via: ByCookie}, token != ""
}

// Identify finds who each request comes from, for [Viewer]. A session that
// find does not know (an Unauthenticated error) is nobody, and its cookie is
// taken back; an unknown bearer token and any other error end the request.
func Identify[V any](s *Site, find func(ctx context.Context, c Credential) (V, error)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return s.Handle(func(w http.ResponseWriter, r *http.Request) error {
			c, ok := s.Credential(r)
			if !ok {
				next.ServeHTTP(w, r)
				return nil
			}
			v, err := find(r.Context(), c)
			switch {
			case err == nil:
				of(r.Context()).viewer = v
			case c.Via == ByCookie && errors.Is(err, fault.Unauthenticated):
				s.ClearCookie(w, SessionCookie)
			default:
				return err
			}
			next.ServeHTTP(w, r)
			return nil
		})
	}
}

// Viewer is who [Identify] found; false when nobody is signed in.
func Viewer[V any](ctx context.Context) (V, bool) {
	v, ok := of(ctx).viewer.(V)
	return v, ok
}
