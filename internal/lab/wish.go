package lab

import (
	"cmp"
	"math"

	"safelight/internal/catalog"
	"safelight/internal/engine"
	"safelight/internal/picture"
)

// A Wish is what somebody wants done to an image. Everything but Operation may
// be left out.
type Wish struct {
	Operation engine.Operation
	Scale     int      // of an upscale: 2 to 4, 2 if 0
	Strength  *float64 // 0 to 1; nil or below zero lets the engine choose
	Model     string   // the engine's quality model if empty, or the cheapest that is offered
	Format    string   // "jpeg", "png", "webp" or "avif"; the image's own if empty, JPEG for HEIC
	Engine    string   // the shop's first if empty
}

// A Quote is what a wish costs and gives, and who does it.
type Quote struct {
	Operation     engine.Operation
	Scale         int
	Strength      int // thousandths, or Auto
	Model         string
	Format        picture.Format
	Cost          int64 // credits
	Engine        string
	Remote        bool   // the picture leaves this service's own machines
	TermsURL      string // whose terms apply besides the shop's; empty for none
	Width, Height int    // of the result
}

// Pixels is width times height of the result.
func (q Quote) Pixels() int64 { return int64(q.Width) * int64(q.Height) }

// scale checks and completes the scale.
func (w Wish) scale() (int, error) {
	switch {
	case w.Operation != engine.Upscale && w.Scale > 1 || w.Scale < 0:
		return 0, ErrNoScale.On("scale")
	case w.Operation != engine.Upscale:
		return 1, nil
	case w.Scale == 0:
		return 2, nil
	case w.Scale < 2 || w.Scale > 4:
		return 0, ErrScale.On("scale")
	}
	return w.Scale, nil
}

// strength gives thousandths, or Auto.
func (w Wish) strength() (int, error) {
	if w.Strength == nil || *w.Strength == engine.Auto {
		return Auto, nil
	}
	if s := *w.Strength; !(s >= 0 && s <= 1) {
		return 0, ErrStrength.On("strength")
	}
	return int(math.Round(*w.Strength * 1000)), nil
}

// format is what the result is written in.
func (w Wish) format(own picture.Format) (picture.Format, error) {
	f := picture.Format(cmp.Or(w.Format, string(own)))
	if w.Format == "" && !f.Writable() {
		return picture.JPEG, nil
	}
	if w.Format == "jpg" {
		f = picture.JPEG
	}
	if !f.Writable() {
		return "", ErrFormat.On("format")
	}
	return f, nil
}

// model chooses among what the catalog offers for the operation.
func (w Wish) model(offered []string) (string, error) {
	if len(offered) == 0 {
		return "", catalog.ErrNotOffered.On("operation")
	}
	wanted, chosen := cmp.Or(w.Model, engine.Quality), ""
	for _, m := range offered {
		if m == wanted {
			chosen = m
		}
	}
	switch {
	case chosen != "":
		return chosen, nil
	case w.Model == "":
		return offered[0], nil
	}
	return "", catalog.ErrNotOffered.On("model")
}
