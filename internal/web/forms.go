package web

import (
	"safelight/internal/i18n"
)

// emailField is the field of an address.
func emailField(p *i18n.Printer, value, wrong string) Field {
	return Field{Name: "email", Label: p.T("web.email"), Type: "email", Value: value, Wrong: wrong, Autocomplete: "username"}
}

// passwordField is the field of a password that exists.
func passwordField(p *i18n.Printer, wrong string) Field {
	return Field{Name: "password", Label: p.T("web.password"), Type: "password", Wrong: wrong, Autocomplete: "current-password"}
}

// newPasswordField is the field of a password to be.
func newPasswordField(p *i18n.Printer, name, label, wrong string) Field {
	return Field{Name: name, Label: label, Type: "password", Wrong: wrong, Hint: p.T("web.password_hint"), Autocomplete: "new-password"}
}

// agreements fills the ticks of a sign-up form. Ticked holds what the reader
// ticked before the form came back; what is needed and missing is said when
// the form comes back, never at first.
func agreements(v *SignUpView, ticked map[string]bool, back bool) {
	wrong := func(name string) string {
		if back && !ticked[name] {
			return v.T("web.agree_missing")
		}
		return ""
	}
	v.Adult = Tick{Name: "adult", Label: v.T("web.agree_adult"), Wrong: wrong("adult"), Checked: ticked["adult"]}
	v.Terms = Tick{Name: "terms", Label: v.T("web.agree_terms"), Wrong: wrong("terms"), Checked: ticked["terms"], Links: []Link{
		{v.T("web.agree_terms_terms"), "/terms"}, {v.T("web.agree_terms_privacy"), "/privacy"}}}
	v.Transfer = Tick{Name: "transfer", Label: v.T("web.agree_transfer"), Wrong: wrong("transfer"), Checked: ticked["transfer"]}
	v.Newsletter = Tick{Name: "newsletter", Label: v.T("web.agree_newsletter"), Checked: ticked["newsletter"]}
}

// A Choice is what the form of a photo's page has chosen.
type Choice struct {
	Operation string // upscale, denoise, restore
	Scale     string // 2, 3, 4
	Strength  string // auto, 1, 2, 3
	Model     string // quality, fast
	Format    string // jpeg, png, webp, avif
}

// choose fills the strips of a photo's page with what there is to choose.
func choose(v *ImageView, c Choice) {
	p := v.P
	v.Operations = mark(c.Operation, []Option{
		{Value: "upscale", Label: p.T("web.op_upscale")},
		{Value: "denoise", Label: p.T("web.op_denoise")},
		{Value: "restore", Label: p.T("web.op_restore")}})
	v.Scales = mark(c.Scale, []Option{
		{Value: "2", Label: "×2"}, {Value: "3", Label: "×3"}, {Value: "4", Label: "×4"}})
	v.Strengths = mark(c.Strength, []Option{
		{Value: "auto", Label: p.T("web.strength_auto")}, {Value: "1", Label: p.T("web.strength_low")},
		{Value: "2", Label: p.T("web.strength_medium")}, {Value: "3", Label: p.T("web.strength_high")}})
	v.Models = mark(c.Model, []Option{
		{Value: "quality", Label: p.T("web.model_quality")}, {Value: "fast", Label: p.T("web.model_fast")}})
	v.Formats = mark(c.Format, []Option{
		{Value: "jpeg", Label: "JPEG"}, {Value: "png", Label: "PNG"}, {Value: "webp", Label: "WebP"}, {Value: "avif", Label: "AVIF"}})
}

// mark checks the option with this value, or the first.
func mark(value string, options []Option) []Option {
	for n := range options {
		if options[n].Value == value {
			options[n].Checked = true
			return options
		}
	}
	options[0].Checked = true
	return options
}
