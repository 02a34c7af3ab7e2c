package onboard

import "unsafe"

// Winograd's F(4x4, 3x3) computes 4 by 4 result pixels of a 3 by 3 convolution
// with 36 products instead of 144 for every pair of channels. The blocks of a
// field start at its first pixel; the last of a row or column, where it does not
// fit, starts as far back as it must, and gives only what none before it gave.

// minWinograd is the fewest input channels that it pays for.
const minWinograd = 16

// A winograd is what a convolution needs besides to run that way.
type winograd struct {
	transformer
	values []float32 // [36][out/kernel.width][in][kernel.width]
	strip  int       // channels computed between the transforms: 64, 32 or 16
	blocks int       // that are multiplied together
}

// Room for the values of a chunk of blocks: they stay in a core's second cache.
const (
	roomWinograd = 200 << 10 // numbers before and after the products, together
	mostBlocks   = 48
	padWinograd  = 16 // numbers between values, so that they do not meet in the first cache
)

// winogradKernel gives the 36 values of 3 by 3 weights in each way.
var winogradKernel = [6][3]float64{{1. / 4, 0, 0}, {-1. / 6, -1. / 6, -1. / 6}, {-1. / 6, 1. / 6, -1. / 6},
	{1. / 24, 1. / 12, 1. / 6}, {1. / 24, -1. / 12, 1. / 6}, {0, 0, 1}}

// packWinograd packs weights, given as to packConv, for Winograd's way.
func packWinograd(c conv, t transformer, outs, ins int, w func(o, ky, kx, i int) float32) conv {
	width := c.kernel.width
	p := &winograd{transformer: t, strip: 16, values: make([]float32, 36*c.out*c.in)}
	for p.strip < 64 && c.out%(2*p.strip) == 0 {
		p.strip *= 2
	}
	p.blocks = roomWinograd / (36 * (c.in + p.strip)) / maxRows * maxRows
	p.blocks = max(maxRows, min(p.blocks, mostBlocks))
	for o := range outs {
		for i := range ins {
			var g [9]float64
			for k := range g {
				g[k] = float64(w(o, k/3, k%3, i))
			}
			at := (o/width*c.in+i)*width + o%width
			for k, v := range kernelValues(&g) {
				p.values[k*c.out*c.in+at] = float32(v)
			}
		}
	}
	c.winograd = p
	return c
}

func kernelValues(g *[9]float64) (v [36]float64) {
	var down [6][3]float64
	for i, k := range winogradKernel {
		for x := range 3 {
			down[i][x] = k[0]*g[x] + k[1]*g[3+x] + k[2]*g[6+x]
		}
	}
	for i, d := range down {
		for j, k := range winogradKernel {
			v[6*i+j] = k[0]*d[0] + k[1]*d[1] + k[2]*d[2]
		}
	}
	return v
}

// A span is where a block starts in a direction, and which of its four pixels
// are its own to give.
type span struct{ at, from, to int }

func spanOf(i, n int) span {
	at := min(4*i, max(0, n-4))
	return span{at, 4*i - at, min(4, n-at)}
}

func (s span) whole() bool { return s.to-s.from == 4 }

// A mill is what one goroutine needs to compute chunks.
type mill struct {
	conv   *conv
	y, x   field
	h, w   int // of the result before its layout
	across int // blocks in a row
	bench  *bench
	v, m   []float32 // values before and after the products
}

// runWinograd computes all of y from x.
func (c crew) runWinograd(cv *conv, y, x field) error {
	h, w := cv.rows(x.h), cv.rows(x.w)
	across := (w + 3) / 4
	n := across * ((h + 3) / 4)
	size := cv.winograd.blocks
	return c.share((n+size-1)/size, func(i int) {
		b := benches.Get().(*bench)
		defer benches.Put(b)
		m := mill{conv: cv, y: y, x: x, h: h, w: w, across: across, bench: b}
		m.v = b.room(&b.before, 36*m.before())
		m.m = b.room(&b.after, 36*m.after())
		m.chunk(i*size, min(n, (i+1)*size))
	})
}

// room gives n numbers from a buffer, which grows where it must.
func (b *bench) room(buffer *[]float32, n int) []float32 {
	if len(*buffer) < n {
		*buffer = make([]float32, n)
	}
	return (*buffer)[:n]
}

// before and after are the distances from one of the 36 values to the next.
func (m *mill) before() int { return m.conv.winograd.blocks*m.conv.in + padWinograd }
func (m *mill) after() int  { return m.conv.winograd.blocks*m.conv.winograd.strip + padWinograd }

// chunk computes blocks first to last-1.
func (m *mill) chunk(first, last int) {
	p := m.conv.winograd
	for b := first; b < last; b++ {
		m.forward(b, b-first)
	}
	for o := 0; o < m.conv.out; o += p.strip {
		m.multiply(o, last-first)
		for b := first; b < last; b++ {
			m.inverse(b, b-first, o)
		}
	}
}

func (m *mill) spans(b int) (down, right span) {
	return spanOf(b/m.across, m.h), spanOf(b%m.across, m.w)
}

// forward takes block b to place i of the values.
func (m *mill) forward(b, i int) {
	down, right := m.spans(b)
	in, t := m.conv.in, &m.bench.transform
	*t = transform{values: unsafe.Pointer(&m.v[i*in]), tmp: unsafe.Pointer(&m.bench.tmp[0]), step: 4 * m.before(),
		row: 4 * m.x.w * m.x.c, col: 4 * m.x.c, groups: in / 16}
	if down.at+6 <= m.x.h && right.at+6 <= m.x.w {
		t.pixels = unsafe.Pointer(&m.x.d[(down.at*m.x.w+right.at)*m.x.c])
	} else {
		t.pixels, t.row, t.col = unsafe.Pointer(&m.surrounded(down, right)[0]), 4*6*in, 4*in
	}
	m.conv.winograd.forward(t)
}

// surrounded copies a block of a field that is too small for one, with zeros
// around.
func (m *mill) surrounded(down, right span) []float32 {
	in := m.conv.in
	to := make([]float32, 36*in)
	for r := range min(6, m.x.h-down.at) {
		for q := range min(6, m.x.w-right.at) {
			from := ((down.at+r)*m.x.w + right.at + q) * m.x.c
			copy(to[(6*r+q)*in:(6*r+q+1)*in], m.x.d[from:from+in])
		}
	}
	return to
}

// multiply computes the products of n blocks for the strip at channel o.
func (m *mill) multiply(o, n int) {
	c, p := m.conv, m.conv.winograd
	width, rows := c.kernel.width, c.kernel.rows
	t := &m.bench.block
	*t = block{bias: unsafe.Pointer(&noBias[0]), taps: unsafe.Pointer(&oneTap[0]), ntaps: 1, k4: c.in / 4,
		lda: 4 * c.in, ldc: 4 * p.strip, slope: 1, rows: rows}
	for k := range 36 {
		v, to := m.v[k*m.before():], m.m[k*m.after():]
		for q := 0; q < p.strip; q += width {
			t.b = unsafe.Pointer(&p.values[k*c.out*c.in+(o+q)*c.in])
			for r := 0; r < n; r += rows {
				t.a, t.c = unsafe.Pointer(&v[r*c.in]), unsafe.Pointer(&to[r*p.strip+q])
				c.kernel.run(t)
			}
		}
	}
}

var (
	noBias [64]float32
	oneTap [1]int64
)

// inverse takes the strip at channel o from place i of the products to block b.
func (m *mill) inverse(b, i, o int) {
	c, p := m.conv, m.conv.winograd
	down, right := m.spans(b)
	t := &m.bench.transform
	*t = transform{values: unsafe.Pointer(&m.m[i*p.strip]), tmp: unsafe.Pointer(&m.bench.tmp[0]), step: 4 * m.after(),
		bias: unsafe.Pointer(&c.bias[o]), groups: p.strip / 16, slope: c.slope}
	if c.to == straight && down.whole() && right.whole() {
		t.pixels, t.row, t.col = unsafe.Pointer(&m.y.d[(down.at*m.y.w+right.at)*m.y.c+o]), 4*m.y.w*m.y.c, 4*m.y.c
		p.inverse(t)
		return
	}
	spill := &m.bench.pixels
	t.pixels, t.row, t.col = unsafe.Pointer(&spill[0]), 4*4*p.strip, 4*p.strip
	p.inverse(t)
	for r := down.from; r < down.to; r++ {
		from, n := spill[(4*r+right.from)*p.strip:], right.to-right.from
		m.give(from, down.at+r, right.at+right.from, o, n)
	}
}

// give puts n pixels of a strip into y, the first at row r and column q.
func (m *mill) give(from []float32, r, q, o, n int) {
	strip := m.conv.winograd.strip
	if m.conv.to == shuffled {
		shuffle(m.y, from, r, q, o, strip, n)
		return
	}
	for i := range n {
		at := (r*m.y.w+q+i)*m.y.c + o
		copy(m.y.d[at:at+strip], from[i*strip:(i+1)*strip])
	}
}
