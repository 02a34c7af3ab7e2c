package onboard

import (
	"sync"
	"unsafe"
)

// A field is a feature map: h rows of w pixels of c channels, channel fastest.
type field struct {
	h, w, c int
	d       []float32
}

func (f field) row(y int) []float32 { return f.d[y*f.w*f.c : (y+1)*f.w*f.c] }

// A layout says where a convolution puts its results.
type layout int

const (
	straight layout = iota // pixel (x, y) to pixel (x, y)
	evenRows               // pixel (x, y) to pixels (2x, 2y), (2x+1, 2y): half of a 2 by 2 transposed convolution
	oddRows                // the other half
	shuffled               // 16 channels to 2 by 2 pixels of 4: a 4 by 4 transposed convolution
)

// A conv is a convolution ready to run: weights packed for one kernel.
type conv struct {
	side, stride int
	in           int // input channels, a multiple of 4
	out          int // channels computed, a multiple of 16
	slope        float32
	products     int // that its definition has for every pixel computed
	to           layout
	kernel       kernel
	weights      []float32 // [out/width][side*side][in][width]; nil with winograd
	bias         []float32 // [out]
	winograd     *winograd // nil where every product is computed
}

// pack packs the weights that w gives for output channel o, kernel position (ky,
// kx) and input channel i in the way that is the fastest for c.
func (s simd) pack(c conv, outs, ins int, w func(o, ky, kx, i int) float32) conv {
	if c.side == 3 && c.stride == 1 && ins >= minWinograd && (c.to == straight || c.to == shuffled) {
		c.in = up(ins, 16)
		return packWinograd(c, s.transformer, outs, ins, w)
	}
	return packConv(c, outs, ins, w)
}

// packConv packs weights for a convolution that computes every product.
func packConv(c conv, outs, ins int, w func(o, ky, kx, i int) float32) conv {
	width, taps := c.kernel.width, c.side*c.side
	c.weights = make([]float32, c.out*taps*c.in)
	for o := range outs {
		base := o / width * taps * c.in * width
		for t := range taps {
			for i := range ins {
				c.weights[base+(t*c.in+i)*width+o%width] = w(o, t/c.side, t%c.side, i)
			}
		}
	}
	return c
}

// rows is how many rows of results c computes from a field of h rows.
func (c *conv) rows(h int) int { return (h-c.side)/c.stride + 1 }

// offsets gives the kernel positions' distances in bytes within x.
func (c *conv) offsets(x field) []int64 {
	taps := make([]int64, 0, c.side*c.side)
	for ky := range c.side {
		for kx := range c.side {
			taps = append(taps, int64((ky*x.w+kx)*x.c*4))
		}
	}
	return taps
}

// A bench is what one goroutine needs beside it to compute blocks.
type bench struct {
	block         block
	transform     transform
	spill         [maxBlock]float32     // where results go that do not fit straight into place
	pixels        [16 * 64]float32      // the same for a strip of a winograd
	tmp           [maxTransform]float32 // for transforms
	before, after []float32             // a winograd's values
}

var benches = sync.Pool{New: func() any { return new(bench) }}

// convolve computes all of y from x. Both are views into a slab with room for
// reading past their end.
func (c crew) convolve(cv *conv, y, x field) error {
	if cv.winograd != nil {
		return c.runWinograd(cv, y, x)
	}
	taps := cv.offsets(x)
	return c.bands(cv.rows(x.h), func(y0, y1 int) { cv.run(y, x, taps, y0, y1) })
}

// run computes result rows y0 to y1 from x into y. Both are views into a slab
// with room for reading past their end.
func (c *conv) run(y, x field, taps []int64, y0, y1 int) {
	w, width := c.rows(x.w), c.kernel.width
	b := benches.Get().(*bench)
	defer benches.Put(b)
	t, spill := &b.block, b.spill[:]
	*t = block{taps: unsafe.Pointer(&taps[0]), ntaps: len(taps), k4: c.in / 4, lda: c.stride * x.c * 4, slope: c.slope}
	for o := 0; o < c.out; o += width {
		t.b, t.bias = unsafe.Pointer(&c.weights[o*len(taps)*c.in]), unsafe.Pointer(&c.bias[o])
		for r := y0; r < y1; r++ {
			for p := 0; p < w; p += c.kernel.rows {
				t.rows = min(c.kernel.rows, w-p)
				t.a = unsafe.Pointer(&x.d[(r*c.stride*x.w+p*c.stride)*x.c])
				c.put(t, y, r, p, o, w, spill)
			}
		}
	}
}

// put runs one block, straight into y where it fits.
func (c *conv) put(t *block, y field, r, p, o, w int, spill []float32) {
	at, step := (r*y.w+p)*y.c+o, y.c
	switch c.to {
	case evenRows, oddRows:
		at, step = ((2*r+int(c.to-evenRows))*w+p)*2*y.c+o, 2*y.c
	case shuffled:
		t.c, t.ldc = unsafe.Pointer(&spill[0]), c.kernel.width*4
		c.kernel.run(t)
		shuffle(y, spill, r, p, o, c.kernel.width, t.rows)
		return
	}
	if t.rows == c.kernel.rows || c.kernel.exact {
		t.c, t.ldc = unsafe.Pointer(&y.d[at]), step*4
		c.kernel.run(t)
		return
	}
	width := c.kernel.width
	t.c, t.ldc = unsafe.Pointer(&spill[0]), width*4
	c.kernel.run(t)
	for i := range t.rows {
		copy(y.d[at+i*step:at+i*step+width], spill[i*width:])
	}
}

// shuffle spreads channels o to o+width of n pixels over 2 by 2 pixels of 4
// channels.
func shuffle(y field, from []float32, r, p, o, width, n int) {
	for i := range n {
		for q := 0; q < width; q += 4 {
			py, px := (o+q)/8, (o+q)/4%2
			at := ((2*r+py)*y.w + 2*(p+i) + px) * 4
			copy(y.d[at:at+4], from[i*width+q:])
		}
	}
}
