package onboard

import "image"

// A view is the part of a picture that a tile needs, with its context, in the
// picture's coordinates. Colours have been carried under what is transparent.
type view struct {
	px                   []float32 // four a pixel
	r                    image.Rectangle
	translucent, visible bool
}

// newView reads r and margin pixels around it into the buffer.
func newView(p picture, r image.Rectangle, margin int, buffer *[]float32) view {
	if p.alpha {
		margin += bleedReach
	}
	v := view{r: r.Inset(-margin), visible: true}
	v.px = take(buffer, 4*v.r.Dx()*v.r.Dy())
	p.window(v.px, v.r.Min.X, v.r.Min.Y, v.r.Dx(), v.r.Dy())
	if p.alpha {
		v.translucent, v.visible = bleed(v.px, v.r.Dx(), v.r.Dy())
	}
	return v
}

// at gives the numbers of n pixels from (x, y) on.
func (v view) at(x, y, n int) []float32 {
	i := 4 * ((y-v.r.Min.Y)*v.r.Dx() + x - v.r.Min.X)
	return v.px[i : i+4*n]
}

// colours copies the colours of r into a network's input. The fourth channel
// is zero.
func (v view) colours(to field, r image.Rectangle) {
	for y := range to.h {
		row := to.row(y)
		copy(row, v.at(r.Min.X, r.Min.Y+y, to.w))
		for i := 3; i < len(row); i += 4 {
			row[i] = 0
		}
	}
}

// seed begins out, which shows core k times as large, with the picture's own
// colours times keep. Only a pass that does not enlarge keeps any.
func (v view) seed(out []float32, core image.Rectangle, k int, keep float32) {
	for i := 3; i < len(out); i += 4 {
		out[i] = 1
	}
	if k > 1 || keep == 0 {
		return
	}
	for y := range core.Dy() {
		row := v.at(core.Min.X, core.Min.Y+y, core.Dx())
		to := out[4*y*core.Dx() : 4*(y+1)*core.Dx()]
		for i := range row {
			if i%4 != 3 {
				to[i] = keep * row[i]
			}
		}
	}
}

// ofAlpha is the view of the transparency as a grey picture.
func (v view) ofAlpha() view {
	px := make([]float32, len(v.px))
	for i := 0; i < len(px); i += 4 {
		a := v.px[i+3]
		px[i], px[i+1], px[i+2], px[i+3] = a, a, a, 1
	}
	v.px = px
	return v
}

// settle sets the transparency of out, which shows core k times as large. Where
// a neighbourhood is all transparent or all opaque, so is the result; elsewhere
// it keeps what was drawn, or repeats the picture's own.
func (v view) settle(out []float32, core image.Rectangle, k int, drawn bool) {
	w := core.Dx()
	for y := range core.Dy() {
		for x := range w {
			px, py := core.Min.X+x, core.Min.Y+y
			a := v.at(px, py, 1)[3]
			if drawn {
				a = level(v.px, px-v.r.Min.X, py-v.r.Min.Y, v.r.Dx(), v.r.Dy())
			}
			if a < 0 {
				continue
			}
			for i := range k * k {
				out[4*((k*y+i/k)*w*k+k*x+i%k)+3] = a
			}
		}
	}
}
