package web

import (
	"net/http"
	"slices"
	"strconv"

	"safelight/internal/fault"
	"safelight/internal/i18n"
	"safelight/internal/serve"
)

// A refusal is why a form comes back: sentences beside its fields, and one
// above it for what no field is to blame for.
type refusal struct {
	fields map[string]string
	text   string
	status int
}

// asShown is a form that nobody has sent yet.
var asShown = refusal{status: http.StatusOK}

// refused makes a refusal of an error that the person at the form can do
// something about; fields are those that have a place for a sentence. Another
// error comes back.
func refused(w http.ResponseWriter, p *i18n.Printer, err error, fields ...string) (refusal, error) {
	r := refusal{fields: serve.Fields(p, err), status: http.StatusUnprocessableEntity}
	e := fault.Of(err)
	switch e.Kind {
	case fault.Invalid, fault.Conflict, fault.Unauthenticated, fault.Forbidden:
	case fault.RateLimited:
		r.status = http.StatusTooManyRequests
		if seconds, ok := e.Args["retry_after"].(int); ok {
			w.Header().Set("Retry-After", strconv.Itoa(seconds))
		}
	default:
		return r, err
	}
	placed := false
	for name := range r.fields {
		placed = placed || slices.Contains(fields, name)
	}
	if !placed {
		r.text = serve.Sentence(p, err)
	}
	return r, nil
}
