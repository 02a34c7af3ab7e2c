package onboard

import "math"

// reduceMargin is how many pixels reduce needs on every side of what it keeps.
const reduceMargin = 4

// reduceTaps are, for each of three result pixels, the first of the eight
// source pixels it is made of, counted from the group's first source pixel less
// the margin, and their weights: Lanczos with three lobes, stretched so that it
// takes in the whole area of the result pixel.
var reduceTaps = func() (taps [3]struct {
	first int
	w     [9]float32
}) {
	for j := range taps {
		centre := (float64(j)+0.5)*4/3 - 0.5 + reduceMargin
		t := &taps[j]
		t.first = int(math.Ceil(centre - 4))
		sum := 0.0
		var w [9]float64
		for i := range w {
			w[i] = lanczos((float64(t.first+i) - centre) * 3 / 4)
			sum += w[i]
		}
		for i := range w {
			t.w[i] = float32(w[i] / sum)
		}
	}
	return taps
}()

func lanczos(x float64) float64 {
	if x == 0 {
		return 1
	}
	if math.Abs(x) >= 3 {
		return 0
	}
	p := math.Pi * x
	return 3 * math.Sin(p) * math.Sin(p/3) / (p * p)
}

// reduce makes three pixels of four in both directions. The tile of w by h
// pixels has reduceMargin pixels on every side that the result leaves out; what
// is left is a multiple of four.
func reduce(px []float32, w, h int) []float32 {
	nw, nh := (w-2*reduceMargin)*3/4, (h-2*reduceMargin)*3/4
	rows := make([]float32, 4*nw*h)
	for y := range h {
		reduceLine(rows[4*y*nw:], px[4*y*w:4*(y+1)*w], nw, 4)
	}
	out := make([]float32, 4*nw*nh)
	for x := range nw {
		reduceLine(out[4*x:], rows[4*x:], nh, 4*nw)
	}
	return out
}

// reduceLine reduces one line of pixels that lie step numbers apart.
func reduceLine(to, from []float32, n, step int) {
	for j := range n {
		t := &reduceTaps[j%3]
		base := (j/3*4 + t.first) * step
		var sum [4]float32
		for i, w := range t.w {
			at := base + i*step
			if at >= len(from) {
				break // a tap of weight zero beyond the margin
			}
			for c := range sum {
				sum[c] += w * from[at+c]
			}
		}
		copy(to[j*step:j*step+4], sum[:])
	}
}
