package lab

import (
	"context"
	"net/http"

	"safelight/internal/account"
)

// A Gate is what a transport knows of its requests.
type Gate struct {
	Path string // under which the handler is mounted, such as "/api/v1/uploads/"
	// Who says who sends a request; an error ends it.
	Who func(r *http.Request) (account.ID, error)
	// Problem writes an error as an answer for programs in the request's language.
	Problem func(r *http.Request, err error) (status int, contentType string, body []byte)
}

type gateKey struct{}

type visit struct {
	who account.ID
	r   *http.Request
}

func visitOf(ctx context.Context) (visit, bool) {
	v, ok := ctx.Value(gateKey{}).(visit)
	return v, ok
}
