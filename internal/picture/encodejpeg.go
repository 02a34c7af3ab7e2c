package picture

import (
	"bufio"
	"bytes"
	"image"
	"image/jpeg"
	"io"
)

// fullChromaFrom is the quality from which colour is stored at full size. The
// standard library always halves it, which shows on saturated edges.
const fullChromaFrom = 90

// encodeJPEG writes img, which is *image.Gray or an opaque *image.RGBA.
func encodeJPEG(w io.Writer, img image.Image, quality int) error {
	m, colour := img.(*image.RGBA)
	if !colour || quality < fullChromaFrom {
		return jpeg.Encode(w, img, &jpeg.Options{Quality: quality})
	}
	e, err := newFullChroma(w, m.Rect.Dx(), m.Rect.Dy(), quality)
	if err != nil {
		return err
	}
	return e.write(m)
}

// fullChroma writes a baseline JPEG without chroma subsampling. Headers and tables
// are those that the standard library writes for the same quality.
type fullChroma struct {
	out     *bufio.Writer
	header  []byte
	divisor [2][64]float32   // by table and natural position, DCT scale folded in
	codes   [2][2][256]entry // by class (DC, AC) and table
	bits    uint32
	count   uint
	dc      [3]int32
}

// entry is a Huffman code and its length in bits.
type entry struct {
	code uint32
	size uint
}

func newFullChroma(w io.Writer, width, height, quality int) (*fullChroma, error) {
	var model bytes.Buffer
	if err := jpeg.Encode(&model, image.NewRGBA(image.Rect(0, 0, 8, 8)), &jpeg.Options{Quality: quality}); err != nil {
		return nil, err
	}
	e := &fullChroma{out: bufio.NewWriterSize(w, 1<<16)}
	e.header = append(e.header, "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"...)
	for rest := model.Bytes()[2:]; ; {
		marker, body, after, err := nextSegment(rest)
		if err != nil {
			return nil, err
		}
		e.segment(marker, body, width, height)
		e.header = append(e.header, 0xff, marker, byte((len(body)+2)>>8), byte(len(body)+2))
		e.header = append(e.header, body...)
		if rest = after; marker == 0xda {
			return e, nil
		}
	}
}

// segment learns tables from a header segment, or puts the size and the sampling
// into the frame's.
func (e *fullChroma) segment(marker byte, body []byte, width, height int) {
	switch marker {
	case 0xdb:
		for ; len(body) >= 65; body = body[65:] {
			e.quantise(int(body[0]&1), body[1:65])
		}
	case 0xc4:
		for len(body) >= 17 {
			body = e.huffman(body)
		}
	case 0xc0:
		body[1], body[2] = byte(height>>8), byte(height)
		body[3], body[4] = byte(width>>8), byte(width)
		for c := range 3 {
			body[7+3*c] = 0x11
		}
	}
}

// scale is what the fast DCT leaves in each row and column.
var scale = [8]float32{1, 1.387039845, 1.306562965, 1.175875602, 1, 0.785694958, 0.541196100, 0.275899379}

func (e *fullChroma) quantise(table int, zigzagged []byte) {
	for i, q := range zigzagged {
		at := zigzag[i]
		e.divisor[table][at] = 1 / (float32(q) * scale[at/8] * scale[at%8] * 8)
	}
}

func (e *fullChroma) huffman(body []byte) (after []byte) {
	class, table := body[0]>>4&1, body[0]&1
	lengths, values := body[1:17], body[17:]
	code := uint32(0)
	for size, n := range lengths {
		for range n {
			e.codes[class][table][values[0]] = entry{code, uint(size + 1)}
			code++
			values = values[1:]
		}
		code <<= 1
	}
	return values
}

// zigzag maps the order of storage to natural positions.
var zigzag = func() (order [64]int) {
	x, y := 0, 0
	for i := range order {
		order[i] = 8*y + x
		switch up := (x+y)%2 == 0; {
		case up && x == 7:
			y++
		case up && y == 0:
			x++
		case up:
			x, y = x+1, y-1
		case y == 7:
			x++
		case x == 0:
			y++
		default:
			x, y = x-1, y+1
		}
	}
	return order
}()

func (e *fullChroma) write(m *image.RGBA) error {
	if _, err := e.out.Write(e.header); err != nil {
		return err
	}
	var blocks [3][64]float32
	width, height := m.Rect.Dx(), m.Rect.Dy()
	for y := 0; y < height; y += 8 {
		for x := 0; x < width; x += 8 {
			split(m, x, y, &blocks)
			for c := range blocks {
				if err := e.block(&blocks[c], c); err != nil {
					return err
				}
			}
		}
	}
	if e.count > 0 {
		e.emit(1<<(8-e.count%8)-1, (8-e.count%8)%8)
	}
	if _, err := e.out.Write([]byte{0xff, 0xd9}); err != nil {
		return err
	}
	return e.out.Flush()
}

// split takes one block of 8 by 8 as luma and chroma around zero. Past the edge
// the last pixels repeat.
func split(m *image.RGBA, x0, y0 int, out *[3][64]float32) {
	right, bottom := m.Rect.Dx()-1, m.Rect.Dy()-1
	for y := range 8 {
		row := m.Pix[min(y0+y, bottom)*m.Stride:]
		for x := range 8 {
			p := row[4*min(x0+x, right):]
			r, g, b := float32(p[0]), float32(p[1]), float32(p[2])
			out[0][8*y+x] = 0.299*r + 0.587*g + 0.114*b - 128
			out[1][8*y+x] = -0.168735892*r - 0.331264108*g + 0.5*b
			out[2][8*y+x] = 0.5*r - 0.418687589*g - 0.081312411*b
		}
	}
}

func (e *fullChroma) block(b *[64]float32, component int) error {
	for i := range 8 {
		transform(b, 8*i, 1)
	}
	for i := range 8 {
		transform(b, i, 8)
	}
	table := min(component, 1)
	var q [64]int32
	for i, at := range zigzag {
		v := b[at] * e.divisor[table][at]
		if v < 0 {
			q[i] = int32(v - 0.5)
		} else {
			q[i] = int32(v + 0.5)
		}
	}
	e.number(0, table, 0, q[0]-e.dc[component])
	e.dc[component] = q[0]
	run := 0
	for _, v := range q[1:] {
		if v == 0 {
			run++
			continue
		}
		for ; run > 15; run -= 16 {
			e.symbol(1, table, 0xf0)
		}
		e.number(1, table, run, v)
		run = 0
	}
	if run > 0 {
		e.symbol(1, table, 0)
	}
	_, err := e.out.Write(nil) // bufio keeps the first error of its writer
	return err
}

// transform is the fast one-dimensional DCT of Arai, Agui and Nakajima on eight
// values, step apart.
func transform(b *[64]float32, at, step int) {
	v := func(i int) *float32 { return &b[at+i*step] }
	s07, d07 := *v(0)+*v(7), *v(0)-*v(7)
	s16, d16 := *v(1)+*v(6), *v(1)-*v(6)
	s25, d25 := *v(2)+*v(5), *v(2)-*v(5)
	s34, d34 := *v(3)+*v(4), *v(3)-*v(4)

	outer, inner := s07+s34, s16+s25
	turn := (s16 - s25 + s07 - s34) * 0.707106781
	*v(0), *v(4) = outer+inner, outer-inner
	*v(2), *v(6) = s07-s34+turn, s07-s34-turn

	low, mid, high := d34+d25, d25+d16, d16+d07
	z5 := (low - high) * 0.382683433
	z2, z4, z3 := 0.541196100*low+z5, 1.306562965*high+z5, mid*0.707106781
	near, far := d07+z3, d07-z3
	*v(5), *v(3) = far+z2, far-z2
	*v(1), *v(7) = near+z4, near-z4
}

// number writes v after run zeros: the symbol says both the run and how many bits
// follow.
func (e *fullChroma) number(class, table, run int, v int32) {
	magnitude, bits := v, v
	if v < 0 {
		magnitude, bits = -v, v-1
	}
	size := uint(0)
	for ; magnitude > 0; magnitude >>= 1 {
		size++
	}
	e.symbol(class, table, byte(run<<4)|byte(size))
	e.emit(uint32(bits)&(1<<size-1), size)
}

func (e *fullChroma) symbol(class, table int, s byte) {
	c := e.codes[class][table][s]
	e.emit(c.code, c.size)
}

// emit appends size bits, at most 16, and stuffs a zero after each byte of ones.
func (e *fullChroma) emit(bits uint32, size uint) {
	e.bits, e.count = e.bits<<size|bits, e.count+size
	for e.count >= 8 {
		b := byte(e.bits >> (e.count - 8))
		e.out.WriteByte(b) //nolint:errcheck // kept by bufio until the next Write
		if b == 0xff {
			e.out.WriteByte(0) //nolint:errcheck // as above
		}
		e.count -= 8
	}
}
