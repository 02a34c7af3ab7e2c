package policy

import (
	"safelight/internal/i18n"
)

// In writes the setting's value in the printer's language: "7 days", "30 %".
func (s *Setting) In(p *i18n.Printer) string { return s.Name }

// Steps are the windows and the arithmetic, in order.
func (d *Decision) Steps(l i18n.Lang) []Step { return []Step{} }

// Letter is the written justification.
func (d *Decision) Letter(l i18n.Lang) string { return "" }
