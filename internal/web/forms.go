package web

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"safelight/internal/account"
	"safelight/internal/i18n"
	"safelight/internal/serve"
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

// agreements fills the boxes of a sign-up form with the statements that are
// kept as proof, word for word. Ticked holds what the reader ticked before the
// form came back, and wrong what is the matter with a box, by its control.
func agreements(v *SignUpView, all []account.Statement, ticked map[string]bool, wrong map[string]string) {
	v.Seal = account.Seal(all)
	for _, s := range all {
		t := Tick{Name: s.Control, Label: s.Text, Required: s.Required, Checked: ticked[s.Control], Wrong: wrong[s.Control]}
		for _, d := range s.Documents {
			t.Links = append(t.Links, Link{v.T("web.foot_" + d.Name), "/" + d.Name})
		}
		v.Agreements = append(v.Agreements, t)
	}
}

// A Choice is what the form of a photo's page has chosen.
type Choice struct {
	Operation string // upscale, denoise, restore
	Scale     string // 2, 3, 4
	Strength  string // auto, or a number above 0 up to 1
	Model     string // quality, fast
	Format    string // jpeg, png, webp, avif
}

// choose fills the strips of a photo's page with what there is to choose.
// Models are those on offer for enlarging; other work takes its own.
func choose(v *ImageView, c Choice, models []string) {
	p := v.P
	v.Operations = mark(c.Operation, []Option{
		{Value: "upscale", Label: p.T("web.op_upscale")},
		{Value: "denoise", Label: p.T("web.op_denoise")},
		{Value: "restore", Label: p.T("web.op_restore")}})
	v.Scales = mark(c.Scale, []Option{
		{Value: "2", Label: "×2"}, {Value: "3", Label: "×3"}, {Value: "4", Label: "×4"}})
	v.Strengths = mark(c.Strength, []Option{
		{Value: "auto", Label: p.T("web.strength_auto")}, {Value: "0.33", Label: p.T("web.strength_low")},
		{Value: "0.67", Label: p.T("web.strength_medium")}, {Value: "1", Label: p.T("web.strength_high")}})
	for _, m := range models {
		v.Models = append(v.Models, Option{Value: m, Label: p.T("web.model_" + m)})
	}
	v.Models = mark(c.Model, v.Models)
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
	if len(options) > 0 {
		options[0].Checked = true
	}
	return options
}

// onceKey is the key of a form that may be sent only once with these choices:
// a second press of its button is the same request. Every form that is shown
// has a mark of its own; one without a mark has no key.
func onceKey(f serve.Form, choices ...string) string {
	mark := f.Get("once")
	if mark == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(strings.Join(append([]string{"form", mark}, choices...), "\n")))
	return hex.EncodeToString(sum[:])
}
