package web

import "safelight/internal/i18n"

// inWords are the sentences of a rule or an example.
func inWords(x any, p *i18n.Printer) []string {
	if w, ok := x.(interface {
		Words(p *i18n.Printer) []string
	}); ok {
		return w.Words(p)
	}
	return nil
}
