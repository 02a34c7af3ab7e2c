package onboard

import "image"

// A canvas takes pixels as floats and keeps them with the depth and the
// channels of the picture they were made from.
type canvas struct {
	w, h int
	img  image.Image
	put  func(x, y int, px []float32)
}

func newCanvas(like picture, w, h int) canvas {
	c := canvas{w: w, h: h}
	r := image.Rect(0, 0, w, h)
	switch {
	case like.plane && like.deep:
		m := image.NewGray16(r)
		c.img, c.put = m, func(x, y int, px []float32) { put16(m.Pix[m.PixOffset(x, y):], px, 4) }
	case like.plane:
		m := image.NewGray(r)
		c.img, c.put = m, func(x, y int, px []float32) { put8(m.Pix[m.PixOffset(x, y):], px, 4) }
	case like.deep:
		m := image.NewNRGBA64(r)
		c.img, c.put = m, func(x, y int, px []float32) { put16(m.Pix[m.PixOffset(x, y):], px, 1) }
	default:
		m := image.NewNRGBA(r)
		c.img, c.put = m, func(x, y int, px []float32) { put8(m.Pix[m.PixOffset(x, y):], px, 1) }
	}
	return c
}

// put8 and put16 store every step-th value.
func put8(to []uint8, px []float32, step int) {
	for i, j := 0, 0; i < len(px); i, j = i+step, j+1 {
		to[j] = uint8(clamp(px[i])*255 + 0.5)
	}
}

func put16(to []uint8, px []float32, step int) {
	for i, j := 0, 0; i < len(px); i, j = i+step, j+2 {
		v := uint16(clamp(px[i])*65535 + 0.5)
		to[j], to[j+1] = uint8(v>>8), uint8(v)
	}
}

func clamp(v float32) float32 { return min(max(v, 0), 1) }

// paint puts the part of a tile of w by h pixels, its corner at (x, y), that
// lies on the canvas.
func (c canvas) paint(tile []float32, x, y, w, h int) {
	n := min(w, c.w-x)
	for j := range min(h, c.h-y) {
		c.put(x, y+j, tile[4*j*w:4*(j*w+n)])
	}
}

// turnGrey gives every pixel its own lightness in all three colours.
func turnGrey(px []float32) {
	for i := 0; i < len(px); i += 4 {
		v := 0.299*px[i] + 0.587*px[i+1] + 0.114*px[i+2]
		px[i], px[i+1], px[i+2] = v, v, v
	}
}
