package onboard

import "unsafe"

// block is one call of the inner loop: up to rows output pixels by width output
// channels of a convolution. The assembly knows the offsets of the fields.
type block struct {
	c    unsafe.Pointer // out: first pixel's first channel
	b    unsafe.Pointer // weights: [tap][input channel][width]
	bias unsafe.Pointer // [width]
	taps unsafe.Pointer // []int64, bytes from a, one for every kernel position
	a    unsafe.Pointer // in: first pixel's first channel
	ldc  int            // bytes from one output pixel to the next
	lda  int            // bytes from one output pixel's input to the next one's

	ntaps int
	k4    int     // input channels, in fours
	slope float32 // below zero; 0 to 1
	rows  int     // pixels wanted; assembly computes all it can, wanted or not
}

// A kernel computes blocks of rows pixels by width channels. It may read (and
// ignore) as many pixels' input past the last one wanted as make its rows full,
// and writes rows pixels unless it is exact.
type kernel struct {
	rows, width int
	exact       bool
	run         func(*block)
}

// simd is the set of kernels for one kind of processor, the widest first.
type simd struct {
	name    string
	kernels []kernel
	transformer
	peak  func(n int) // n rounds of peakSums fused multiply-adds on lanes numbers; nil where there is none
	lanes int
}

// maxRows and maxBlock bound what any kernel reads and writes beyond the end.
const (
	maxRows  = 12
	maxBlock = 384
)

// pick returns the kernel for a layer of out channels, a multiple of 16.
func (s simd) pick(out int) kernel {
	for _, k := range s.kernels {
		if out%k.width == 0 {
			return k
		}
	}
	panic("onboard: no kernel is narrow enough")
}

// scalar runs everywhere and is what the others are tested against.
var scalar = simd{name: "scalar", kernels: []kernel{{rows: 2, width: 4, exact: true, run: scalarBlock}}, transformer: scalarTransformer}

func scalarBlock(t *block) {
	if t.rows == 2 {
		scalarPair(t)
		return
	}
	k := t.k4 * 4
	acc := *(*[4]float32)(t.bias)
	taps := unsafe.Slice((*int64)(t.taps), t.ntaps)
	for i, off := range taps {
		a := unsafe.Slice((*float32)(unsafe.Add(t.a, off)), k)
		b := unsafe.Slice((*[4]float32)(unsafe.Add(t.b, i*k*16)), k)
		for j, v := range a {
			for q, w := range b[j] {
				acc[q] += v * w
			}
		}
	}
	storeBlock(t.c, acc, t.slope)
}

// scalarPair keeps eight sums in registers.
func scalarPair(t *block) {
	k := t.k4 * 4
	bias := (*[4]float32)(t.bias)
	c0, c1, c2, c3 := bias[0], bias[1], bias[2], bias[3]
	d0, d1, d2, d3 := c0, c1, c2, c3
	taps := unsafe.Slice((*int64)(t.taps), t.ntaps)
	for i, off := range taps {
		a := unsafe.Slice((*float32)(unsafe.Add(t.a, off)), k)
		e := unsafe.Slice((*float32)(unsafe.Add(t.a, off+int64(t.lda))), k)[:len(a)]
		b := unsafe.Slice((*[4]float32)(unsafe.Add(t.b, i*k*16)), k)[:len(a)]
		for j, v := range a {
			u, w := e[j], &b[j]
			c0 += v * w[0]
			c1 += v * w[1]
			c2 += v * w[2]
			c3 += v * w[3]
			d0 += u * w[0]
			d1 += u * w[1]
			d2 += u * w[2]
			d3 += u * w[3]
		}
	}
	storeBlock(t.c, [4]float32{c0, c1, c2, c3}, t.slope)
	storeBlock(unsafe.Add(t.c, t.ldc), [4]float32{d0, d1, d2, d3}, t.slope)
}

func storeBlock(to unsafe.Pointer, v [4]float32, slope float32) {
	for i := range v {
		v[i] = max(v[i], slope*v[i])
	}
	*(*[4]float32)(to) = v
}
