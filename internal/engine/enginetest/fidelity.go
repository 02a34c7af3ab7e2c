package enginetest

import (
	"image"
	"image/color"
	"math"
	"testing"

	"safelight/internal/engine"
)

// faithful are the operations whose result must still be the same picture.
var faithful = []engine.Operation{engine.Upscale, engine.Denoise, engine.Restore}

// Fidelity proves that the engine works on the very picture it was given: its
// size, its transparency, its greyness, and the same answer for the same
// question.
func Fidelity(t *testing.T, fresh Maker) {
	e := fresh(t)
	for _, op := range faithful {
		if !e.Supports(op) {
			continue
		}
		t.Run(string(op), func(t *testing.T) {
			t.Run("every size comes out as promised", func(t *testing.T) { sizes(t, e, op) })
			t.Run("what is opaque stays opaque and what is transparent stays transparent", func(t *testing.T) { alpha(t, e, op) })
			t.Run("grey stays grey", func(t *testing.T) { grey(t, e, op) })
			t.Run("the same request gives the same picture", func(t *testing.T) { deterministic(t, e, fresh(t), op) })
			t.Run("it is still the same picture", func(t *testing.T) { recognisable(t, e, op) })
			t.Run("the corner of the picture's coordinates does not matter", func(t *testing.T) { shifted(t, e, op) })
			t.Run("the picture given is left alone", func(t *testing.T) { untouched(t, e, op) })
		})
	}
}

func render(t *testing.T, e engine.Engine, r engine.Request) image.Image {
	t.Helper()
	got, err := e.Render(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	b := r.Image.Bounds()
	w, h := r.Output(b.Dx(), b.Dy())
	if got.Image.Bounds() != image.Rect(0, 0, w, h) {
		t.Fatalf("%s of %v: got %v, promised %dx%d", r.Operation, b, got.Image.Bounds(), w, h)
	}
	return got.Image
}

func sizes(t *testing.T, e engine.Engine, op engine.Operation) {
	for _, s := range []image.Point{{1, 1}, {2, 1}, {1, 3}, {5, 7}, {16, 16}, {33, 18}, {1, 200}} {
		r := request(op, Photo(s.X, s.Y))
		render(t, e, r)
		if op == engine.Upscale {
			for r.Scale = 3; r.Scale <= 4; r.Scale++ {
				render(t, e, r)
			}
		}
	}
}

func alpha(t *testing.T, e engine.Engine, op engine.Operation) {
	const w, h = 40, 24
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{200, 120, 40, 255}
			if x >= w/2 {
				c = color.NRGBA{0, 255, 0, 0} // a loud colour that nobody may see
			}
			img.SetNRGBA(x, y, c)
		}
	}
	r := request(op, img)
	got := render(t, e, r)
	k := got.Bounds().Dx() / w
	for y := range h * k {
		for x := range w * k {
			c := color.NRGBAModel.Convert(got.At(x, y)).(color.NRGBA)
			switch {
			case x < (w/2-2)*k && c.A != 255 || x >= (w/2+2)*k && c.A != 0:
				t.Fatalf("transparency %d at %d,%d", c.A, x, y)
			case c.A > 0 && (absDiff(c.R, 200) > 24 || absDiff(c.G, 120) > 24 || absDiff(c.B, 40) > 24):
				t.Fatalf("a halo %v at %d,%d", c, x, y)
			}
		}
	}
}

func absDiff(a, b uint8) int { return int(max(a, b)) - int(min(a, b)) }

func grey(t *testing.T, e engine.Engine, op engine.Operation) {
	photo := Photo(30, 22)
	plain := image.NewGray(photo.Bounds())
	coloured := image.NewNRGBA(photo.Bounds())
	for y := range 22 {
		for x := range 30 {
			plain.Set(x, y, photo.At(x, y))
			coloured.Set(x, y, plain.At(x, y))
		}
	}
	if m := render(t, e, request(op, plain)).ColorModel(); m != color.GrayModel {
		t.Error("a grey picture came back with another kind of colour")
	}
	got := render(t, e, request(op, coloured))
	for y := range got.Bounds().Dy() {
		for x := range got.Bounds().Dx() {
			if r, g, b, _ := got.At(x, y).RGBA(); r != g || g != b {
				t.Fatalf("a tint %d,%d,%d at %d,%d", r>>8, g>>8, b>>8, x, y)
			}
		}
	}
}

func deterministic(t *testing.T, e, again engine.Engine, op engine.Operation) {
	r := request(op, Photo(90, 50))
	if d := worst(render(t, e, r), render(t, again, r)); d != 0 {
		t.Errorf("two answers differ by %d of 255", d)
	}
}

// recognisable compares with the picture enlarged by repeating its pixels: a
// loose bound that catches swapped colours and shifted pictures.
func recognisable(t *testing.T, e engine.Engine, op engine.Operation) {
	photo := Photo(64, 48)
	r := request(op, photo)
	scales := []int{1}
	if op == engine.Upscale {
		scales = []int{2, 3, 4}
	}
	for _, k := range scales {
		r.Scale = k
		got := render(t, e, r)
		sum := 0.0
		for y := range 48 * k {
			for x := range 64 * k {
				a, b := color.NRGBAModel.Convert(got.At(x, y)).(color.NRGBA), photo.NRGBAAt(x/k, y/k)
				sum += sq(a.R, b.R) + sq(a.G, b.G) + sq(a.B, b.B)
			}
		}
		if rms := math.Sqrt(sum / float64(3*64*48*k*k)); rms > 20 {
			t.Errorf("%d times as large, it is %.1f of 255 away from the picture", k, rms)
		}
	}
}

func sq(a, b uint8) float64 { d := float64(a) - float64(b); return d * d }

func shifted(t *testing.T, e engine.Engine, op engine.Operation) {
	photo := Photo(20, 14)
	moved := image.NewNRGBA(image.Rect(-7, 5, 13, 19))
	copy(moved.Pix, photo.Pix)
	if d := worst(render(t, e, request(op, photo)), render(t, e, request(op, moved))); d != 0 {
		t.Errorf("they differ by %d of 255", d)
	}
}

func untouched(t *testing.T, e engine.Engine, op engine.Operation) {
	photo, same := Photo(30, 30), Photo(30, 30)
	render(t, e, request(op, photo))
	if d := worst(photo, same); d != 0 {
		t.Error("the picture was written to")
	}
}

// worst is the largest difference of any channel of two pictures, of 255.
func worst(a, b image.Image) int {
	d := 0
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			p := color.NRGBAModel.Convert(a.At(a.Bounds().Min.X+x, a.Bounds().Min.Y+y)).(color.NRGBA)
			q := color.NRGBAModel.Convert(b.At(b.Bounds().Min.X+x, b.Bounds().Min.Y+y)).(color.NRGBA)
			d = max(d, absDiff(p.R, q.R), absDiff(p.G, q.G), absDiff(p.B, q.B), absDiff(p.A, q.A))
		}
	}
	return d
}

// Photo draws a picture of w by h pixels with smooth and sharp parts in every
// colour. It is the same every time.
func Photo(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			u, v := float64(x)/24, float64(y)/24
			c := color.NRGBA{wave(u + v), wave(u - 0.4*v + 1), wave(0.7*v - 0.3*u + 2), 255}
			if dx, dy := x%64-30, y%64-26; dx*dx+dy*dy < 150 {
				c.R, c.B = 230, c.B/2
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func wave(v float64) uint8 { return uint8(128 + 90*math.Sin(v)) }
