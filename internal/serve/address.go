package serve

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"safelight/internal/fault"
)

// ErrAddress means that an address holds bytes that are no text.
var ErrAddress = fault.New(fault.Malformed, "serve.form_text", "This address contains characters that cannot be used.")

// checkAddress refuses what is no text in an address: a database would.
func checkAddress(r *http.Request) error {
	query, err := url.QueryUnescape(r.URL.RawQuery)
	if err != nil {
		query = "" // the handlers see what can be read of it
		for _, all := range r.URL.Query() {
			query += strings.Join(all, "")
		}
	}
	for _, s := range []string{r.URL.Path, query} {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			return ErrAddress
		}
	}
	return nil
}
