package onboard

import "unsafe"

// A transform is one call of either way between pixels and the values that
// Winograd's F(4x4, 3x3) multiplies, over groups of 16 channels: forward from 6
// by 6 pixels to 36 values, inverse from 36 values to 4 by 4 pixels, biased and
// rectified. The assembly knows the offsets of the fields.
type transform struct {
	pixels unsafe.Pointer // first pixel's first channel
	values unsafe.Pointer // first value's first channel
	tmp    unsafe.Pointer // room for maxTransform numbers
	bias   unsafe.Pointer // inverse: [channels]
	row    int            // bytes from one row of pixels to the next
	col    int            // bytes from one pixel to the next
	step   int            // bytes from one of the 36 values to the next
	groups int            // of 16 channels
	slope  float32        // inverse: below zero; 0 to 1
}

// A transformer does both ways of a transform.
type transformer struct{ forward, inverse func(*transform) }

// maxTransform is how many numbers a transform keeps at a time.
const maxTransform = 36 * 16

var scalarTransformer = transformer{scalarForward, scalarInverse}

// line is one channel of six pixels or values.
type line [6]float32

// spread computes the six values of six pixels in a line.
func (l *line) spread() line {
	c, e := l[4]-l[2], l[3]-l[1]
	a, b := l[4]-4*l[2], l[3]-4*l[1]
	return line{4*(l[0]-l[2]) + c, a + b, a - b, c + 2*e, c - 2*e, l[5] - l[3] - 4*e}
}

// gather computes the four pixels of six values in a line.
func (l *line) gather() [4]float32 {
	a, b := l[1]+l[2], l[1]-l[2]
	c, d := l[3]+l[4], l[3]-l[4]
	return [4]float32{l[0] + a + c, b + 2*d, a + 4*c, b + 8*d + l[5]}
}

func scalarForward(t *transform) {
	for ch := range t.groups * 16 {
		var down [6]line // [row of values][column of pixels]
		for x := range 6 {
			var d line
			for y := range d {
				d[y] = *number(t.pixels, y*t.row+x*t.col, ch)
			}
			for i, v := range d.spread() {
				down[i][x] = v
			}
		}
		for i := range down {
			for j, v := range down[i].spread() {
				*number(t.values, (6*i+j)*t.step, ch) = v
			}
		}
	}
}

func scalarInverse(t *transform) {
	for ch := range t.groups * 16 {
		var down [4]line // [row of pixels][column of values]
		for j := range 6 {
			var m line
			for i := range m {
				m[i] = *number(t.values, (6*i+j)*t.step, ch)
			}
			for y, v := range m.gather() {
				down[y][j] = v
			}
		}
		bias := *number(t.bias, 0, ch)
		for y := range down {
			for x, v := range down[y].gather() {
				v += bias
				*number(t.pixels, y*t.row+x*t.col, ch) = max(v, t.slope*v)
			}
		}
	}
}

// number is channel ch at off bytes from p.
func number(p unsafe.Pointer, off, ch int) *float32 { return (*float32)(unsafe.Add(p, off+4*ch)) }
