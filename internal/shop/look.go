package shop

import (
	"errors"
	"math"
	"regexp"
	"slices"
)

// Look is what distinguishes the shop within the design.
type Look struct {
	Accent string `yaml:"accent"` // "#rrggbb"; the pages use tones of it that are readable
	Theme  Theme  `yaml:"theme"`  // until a reader chooses
	Weight int    `yaml:"weight"` // of the largest type: 200, light, to 600, bold
	Flare  int    `yaml:"flare"`  // of headings: 0, plain strokes, to 100, flared ones
	Mark   string `yaml:"-"`      // the shapes of mark.svg on a field of 32 by 32; empty: the lamp
}

// plain is the look of a shop that says nothing about it.
var plain = Look{Theme: Dark, Weight: 300, Flare: 100}

// A Theme is light, dark, or what the reader's system prefers.
type Theme string

// The themes.
const (
	Dark  Theme = "dark"
	Light Theme = "light"
	Auto  Theme = "auto"
)

var accent = regexp.MustCompile(`^#[0-9a-f]{6}$`)

func (l Look) validate() (errs []error) {
	if !accent.MatchString(l.Accent) {
		errs = append(errs, errors.New("look.accent: a colour like #d8442f"))
	}
	if !slices.Contains([]Theme{Dark, Light, Auto}, l.Theme) {
		errs = append(errs, errors.New("look.theme: dark, light or auto"))
	}
	if l.Weight < 200 || l.Weight > 600 {
		errs = append(errs, errors.New("look.weight: 200 to 600"))
	}
	if l.Flare < 0 || l.Flare > 100 {
		errs = append(errs, errors.New("look.flare: 0 to 100"))
	}
	return errs
}

// A Palette is the shop's colours in one theme. Surfaces are nearly neutral,
// so that a photograph keeps its own colours; the accent is as near to the
// shop's as can be read.
type Palette struct {
	Ground, Raised, Surround, Line, Edge Tone // surfaces and what bounds them
	Ink, Soft                            Tone // text
	Mark                                 Tone // marks and large type: at least 3 to 1 on any ground
	Text                                 Tone // text: at least 4.5 to 1 on any ground
	Fill, Hover, OnFill                  Tone // a button, under the pointer, and its words: at least 4.5 to 1
}

// What is aimed for; a little more than the norm asks for.
const (
	markRatio = 3.1
	textRatio = 5.2
	fillRatio = 4.6
)

// Palette makes the tones of a valid look.
func (l Look) Palette(dark bool) Palette {
	own := perceived(parseTone(l.Accent))
	p := surfaces(own.hue, min(1, own.chroma/0.03), dark)
	grounds := []Tone{p.Ground, p.Raised}
	p.Mark = readable(own, dark, markRatio, grounds)
	p.Text = readable(own, dark, textRatio, grounds)
	p.fill(own)
	return p
}

// surfaces are tinted with the accent's hue, by as much as the eye takes for
// warm or cool; strength is less than one for an accent that is nearly grey.
func surfaces(hue, strength float64, dark bool) Palette {
	at := func(light, chroma float64) Tone { return oklch{light, chroma * strength, hue}.tone() }
	if dark {
		return Palette{Ground: at(0.168, 0.006), Raised: at(0.208, 0.007), Surround: at(0.115, 0), Line: at(0.305, 0.009), Edge: at(0.535, 0.01),
			Ink: at(0.935, 0.008), Soft: at(0.735, 0.012)}
	}
	return Palette{Ground: at(0.972, 0.004), Raised: at(0.995, 0.002), Surround: at(0.915, 0), Line: at(0.865, 0.006), Edge: at(0.585, 0.01),
		Ink: at(0.215, 0.012), Soft: at(0.445, 0.014)}
}

// readable is the tone nearest to c that stands out from all grounds: lighter
// in the dark, darker in the light.
func readable(c oklch, dark bool, ratio float64, grounds []Tone) Tone {
	step := -0.004
	if dark {
		step = 0.004
	}
	for ; c.light >= 0 && c.light <= 1; c.light += step {
		if t := c.tone(); stands(t, ratio, grounds) {
			return t
		}
	}
	c.light = min(1, max(0, c.light))
	return c.tone()
}

func stands(t Tone, ratio float64, on []Tone) bool {
	return !slices.ContainsFunc(on, func(g Tone) bool { return Contrast(t, g) < ratio })
}

// fill chooses the button: its words are white or nearly black, whichever lets
// it stay nearer to the accent, and it stands out from the ground.
func (p *Palette) fill(c oklch) {
	white, black := oklch{0.99, 0.004, c.hue}.tone(), oklch{0.14, 0.01, c.hue}.tone()
	words, nearest := white, math.Inf(1)
	found := c
	for _, on := range []struct {
		words Tone
		extra float64 // white is preferred where it costs little
	}{{white, 0}, {black, 0.07}} {
		for light := 0.0; light <= 1; light += 0.004 {
			far := math.Abs(light-c.light) + on.extra
			if t := (oklch{light, c.chroma, c.hue}).tone(); far < nearest && Contrast(t, on.words) >= fillRatio && Contrast(t, p.Ground) >= markRatio {
				nearest, words, found.light = far, on.words, light
			}
		}
	}
	p.Fill, p.OnFill = found.tone(), words
	found.light -= 0.05
	if words == black {
		found.light += 0.1
	}
	p.Hover = found.tone()
}
