package serve

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"safelight/internal/fault"
)

// The errors of a form.
var (
	ErrFormUnreadable = fault.New(fault.Malformed, "serve.form_unreadable", "We could not read this form.")
	ErrFormRepeated   = fault.New(fault.Malformed, "serve.form_repeated", "This field was sent more than once.")
	ErrFormText       = fault.New(fault.Malformed, "serve.form_text", "This field contains characters that cannot be used.")
)

// A Form is the body of a form, without what stands in the address.
type Form struct{ values url.Values }

// ReadForm reads the url-encoded body of r. Each name comes at most once and
// holds text; the repeated names listed may come often.
func ReadForm(r *http.Request, repeated ...string) (Form, error) {
	if err := r.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return Form{}, ErrTooLarge.Because(err)
		}
		return Form{}, ErrFormUnreadable.Because(err)
	}
	many := map[string]bool{}
	for _, name := range repeated {
		many[name] = true
	}
	for name, all := range r.PostForm {
		if len(all) > 1 && !many[name] {
			return Form{}, ErrFormRepeated.On(name)
		}
		for _, v := range all {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				return Form{}, ErrFormText.On(name)
			}
		}
	}
	return Form{r.PostForm}, nil
}

// Get is the value of name, or "".
func (f Form) Get(name string) string { return f.values.Get(name) }

// All are the values of a repeated name.
func (f Form) All(name string) []string { return f.values[name] }

// Ticked reports whether the box called name was ticked.
func (f Form) Ticked(name string) bool { return f.values.Get(name) != "" }
