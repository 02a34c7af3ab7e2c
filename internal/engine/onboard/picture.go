package onboard

import (
	"image"
	"image/color"
)

// A picture is a source of pixels as floats. Values are 0 to 1, colours are not
// multiplied by alpha.
type picture struct {
	w, h  int
	deep  bool // 16 bits a channel
	alpha bool // some pixel is not opaque
	grey  bool // every pixel is grey
	plane bool // stored as grey, without colours or alpha
	span  func(to []float32, x, y int)
}

// newPicture reads img's kind; its pixels are read when asked for.
func newPicture(img image.Image) picture {
	b := img.Bounds()
	p := picture{w: b.Dx(), h: b.Dy(), alpha: true}
	if o, ok := img.(interface{ Opaque() bool }); ok {
		p.alpha = !o.Opaque()
	}
	switch m := img.(type) {
	case *image.Gray:
		p.plane = true
		p.span = func(to []float32, x, y int) { graySpan(to, m.Pix[m.PixOffset(b.Min.X+x, b.Min.Y+y):]) }
	case *image.Gray16:
		p.plane, p.deep = true, true
	case *image.NRGBA:
		p.span = func(to []float32, x, y int) { nrgbaSpan(to, m.Pix[m.PixOffset(b.Min.X+x, b.Min.Y+y):]) }
	case *image.YCbCr:
		p.span = func(to []float32, x, y int) { ycbcrSpan(to, m, b.Min.X+x, b.Min.Y+y) }
	case *image.NRGBA64:
		p.deep = true
		p.span = func(to []float32, x, y int) { nrgba64Span(to, m, b.Min.X+x, b.Min.Y+y) }
	case *image.RGBA64:
		p.deep = true
	}
	if p.span == nil {
		p.span = anySpan(img, b.Min)
	}
	p.grey = p.plane || p.allGrey()
	return p
}

func graySpan(to []float32, from []uint8) {
	for i := 0; i < len(to); i += 4 {
		v := float32(from[i/4]) / 255
		to[i], to[i+1], to[i+2], to[i+3] = v, v, v, 1
	}
}

func nrgbaSpan(to []float32, from []uint8) {
	for i, v := range from[:len(to)] {
		to[i] = float32(v) / 255
	}
}

func nrgba64Span(to []float32, m *image.NRGBA64, x, y int) {
	from := m.Pix[m.PixOffset(x, y):][:2*len(to)]
	for i := range to {
		to[i] = float32(uint16(from[2*i])<<8|uint16(from[2*i+1])) / 65535
	}
}

func ycbcrSpan(to []float32, m *image.YCbCr, x, y int) {
	for i := 0; i < len(to); i += 4 {
		yi, ci := m.YOffset(x+i/4, y), m.COffset(x+i/4, y)
		r, g, b := color.YCbCrToRGB(m.Y[yi], m.Cb[ci], m.Cr[ci])
		to[i], to[i+1], to[i+2], to[i+3] = float32(r)/255, float32(g)/255, float32(b)/255, 1
	}
}

// anySpan reads every other kind of image through its premultiplied colours.
func anySpan(img image.Image, min image.Point) func([]float32, int, int) {
	at := func(x, y int) (r, g, b, a uint32) { return img.At(x, y).RGBA() }
	if fast, ok := img.(image.RGBA64Image); ok {
		at = func(x, y int) (r, g, b, a uint32) { return fast.RGBA64At(x, y).RGBA() }
	}
	return func(to []float32, x, y int) {
		for i := 0; i < len(to); i += 4 {
			r, g, b, a := at(min.X+x+i/4, min.Y+y)
			if a == 0 {
				to[i], to[i+1], to[i+2], to[i+3] = 0, 0, 0, 0
				continue
			}
			by := 1 / float32(a)
			to[i], to[i+1], to[i+2], to[i+3] = float32(r)*by, float32(g)*by, float32(b)*by, float32(a)/65535
		}
	}
}

// allGrey stops at the first row with a colour in it.
func (p picture) allGrey() bool {
	row := make([]float32, 4*p.w)
	for y := range p.h {
		p.span(row, 0, y)
		for i := 0; i < len(row); i += 4 {
			if row[i] != row[i+1] || row[i] != row[i+2] {
				return false
			}
		}
	}
	return true
}

// window reads w by h pixels from (x, y) on, the picture being reflected at its
// edges.
func (p picture) window(to []float32, x, y, w, h int) {
	lo, hi := p.w, -1
	column := make([]int, w)
	for i := range column {
		column[i] = mirror(x+i, p.w)
		lo, hi = min(lo, column[i]), max(hi, column[i])
	}
	row := make([]float32, 4*(hi-lo+1))
	for j := range h {
		p.span(row, lo, mirror(y+j, p.h))
		out := to[4*j*w : 4*(j+1)*w]
		for i, c := range column {
			copy(out[4*i:4*i+4], row[4*(c-lo):])
		}
	}
}

// mirror maps any coordinate into 0 to n-1 by reflection at the first and last
// pixel, neither of which is doubled.
func mirror(i, n int) int {
	if n == 1 {
		return 0
	}
	period := 2 * (n - 1)
	i = (i%period + period) % period
	return min(i, period-i)
}
