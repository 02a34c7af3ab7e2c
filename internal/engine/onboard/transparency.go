package onboard

// bleedReach is how far visible colours are carried into what is fully
// transparent, in pixels.
const bleedReach = 12

// bleed gives transparent pixels of a w by h window the mean colour of their
// visible neighbours, ring by ring, so that the network does not draw the
// colours hidden there into the visible edge. A pixel's new colour depends on
// nothing farther away than bleedReach. It reports whether the window has any
// pixel that is not opaque, and any that is visible.
func bleed(px []float32, w, h int) (translucent, visible bool) {
	known := make([]bool, w*h)
	missing := 0
	for i := range known {
		a := px[4*i+3]
		known[i] = a > 0
		visible = visible || a > 0
		translucent = translucent || a < 1
		if a == 0 {
			missing++
		}
	}
	if missing == 0 || !visible {
		return translucent, visible
	}
	var ring []int
	for range bleedReach {
		ring = ring[:0]
		for i := range known {
			if !known[i] && meanOfKnown(px, known, i, w, h) {
				ring = append(ring, i)
			}
		}
		for _, i := range ring {
			known[i] = true
		}
		if missing -= len(ring); len(ring) == 0 || missing == 0 {
			break
		}
	}
	return translucent, visible
}

// meanOfKnown sets pixel i to the mean of its known neighbours, if it has one.
func meanOfKnown(px []float32, known []bool, i, w, h int) bool {
	var sum [3]float32
	n := float32(0)
	x, y := i%w, i/w
	for v := max(0, y-1); v <= min(h-1, y+1); v++ {
		for u := max(0, x-1); u <= min(w-1, x+1); u++ {
			if j := v*w + u; known[j] {
				n++
				for c := range sum {
					sum[c] += px[4*j+c]
				}
			}
		}
	}
	for c := range sum {
		if n > 0 {
			px[4*i+c] = sum[c] / n
		}
	}
	return n > 0
}

// level is what the 3 by 3 pixels around (x, y) have in common: 0 if all are
// fully transparent, 1 if all are opaque, otherwise -1.
func level(px []float32, x, y, w, h int) float32 {
	first := px[4*(y*w+x)+3]
	if first != 0 && first != 1 {
		return -1
	}
	for v := max(0, y-1); v <= min(h-1, y+1); v++ {
		for u := max(0, x-1); u <= min(w-1, x+1); u++ {
			if px[4*(v*w+u)+3] != first {
				return -1
			}
		}
	}
	return first
}
