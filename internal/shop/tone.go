package shop

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Tone is a colour that a screen shows: eight bits a channel, sRGB.
type Tone struct{ R, G, B uint8 }

// String writes the tone as "#rrggbb".
func (t Tone) String() string { return fmt.Sprintf("#%02x%02x%02x", t.R, t.G, t.B) }

// parseTone reads "#rrggbb"; anything else is black.
func parseTone(s string) Tone {
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "#"), 16, 24)
	if err != nil {
		return Tone{}
	}
	return Tone{uint8(n >> 16), uint8(n >> 8 & 0xff), uint8(n & 0xff)}
}

// Contrast is the ratio that WCAG 2 defines between two tones: 1 to 21.
func Contrast(a, b Tone) float64 {
	high, low := a.luminance(), b.luminance()
	if high < low {
		high, low = low, high
	}
	return (high + 0.05) / (low + 0.05)
}

func (t Tone) luminance() float64 {
	return 0.2126*linear(t.R) + 0.7152*linear(t.G) + 0.0722*linear(t.B)
}

// linear undoes the transfer curve of sRGB: 0 to 1.
func linear(v uint8) float64 {
	c := float64(v) / 255
	if c <= 0.04045 {
		return c / 12.92
	}
	return math.Pow((c+0.055)/1.055, 2.4)
}

func curved(c float64) float64 {
	if c <= 0.0031308 {
		return 12.92 * c
	}
	return 1.055*math.Pow(c, 1/2.4) - 0.055
}

// oklch is a colour by how light (0 to 1), how strong and of which hue
// (degrees) it looks: the space in which the design states its colours.
type oklch struct{ light, chroma, hue float64 }

// perceived gives the coordinates of a tone.
func perceived(t Tone) oklch {
	r, g, b := linear(t.R), linear(t.G), linear(t.B)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	x := 1.9779984951*l - 2.4285922050*m + 0.4505937099*s
	y := 0.0259040371*l + 0.7827717662*m - 0.8086757660*s
	hue := math.Atan2(y, x) * 180 / math.Pi
	if hue < 0 {
		hue += 360
	}
	return oklch{0.2104542553*l + 0.7936177850*m - 0.0040720468*s, math.Hypot(x, y), hue}
}

// tone is the colour as a screen shows it. Where it is too strong for a
// screen it is made weaker, with its lightness and hue kept.
func (c oklch) tone() Tone {
	for ; c.chroma > 0.0005; c.chroma -= 0.002 {
		if t, ok := c.exact(); ok {
			return t
		}
	}
	c.chroma = 0
	t, _ := c.exact()
	return t
}

// exact reports whether a screen can show the colour.
func (c oklch) exact() (Tone, bool) {
	x, y := c.chroma*math.Cos(c.hue*math.Pi/180), c.chroma*math.Sin(c.hue*math.Pi/180)
	l := cube(c.light + 0.3963377774*x + 0.2158037573*y)
	m := cube(c.light - 0.1055613458*x - 0.0638541728*y)
	s := cube(c.light - 0.0894841775*x - 1.2914855480*y)
	r, inR := channel(4.0767416621*l - 3.3077115913*m + 0.2309699292*s)
	g, inG := channel(-1.2684380046*l + 2.6097574011*m - 0.3413193965*s)
	b, inB := channel(-0.0041960863*l - 0.7034186147*m + 1.7076147010*s)
	return Tone{r, g, b}, inR && inG && inB
}

func cube(v float64) float64 { return v * v * v }

// channel is the eight bits of a linear channel, and whether they can say it.
func channel(v float64) (uint8, bool) {
	const slack = 0.0005
	in := v >= -slack && v <= 1+slack
	return uint8(math.Round(255 * curved(min(1, max(0, v))))), in
}
