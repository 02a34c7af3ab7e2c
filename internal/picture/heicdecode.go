package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"

	"github.com/gen2brain/heic"
)

// HEIC is decoded by libheif and libde265 as the heic module carries them: code
// that was compiled to WebAssembly and from there to Go, with a memory of its own
// that it cannot leave. We drive it ourselves. The module's driver asks for the Cr
// plane in a way that libheif answers with nothing, so its pictures have no red; it
// takes rows for shorter than they are in pictures under 128 pixels; it prints what
// the decoder complains of; and it prefers native code where it finds some.

// Numbers of the decoder's interface.
const (
	heifYCbCr       = 0
	heifRGB         = 1
	heifGrey        = 2
	heifChroma420   = 1
	heifChroma422   = 2
	heifChroma444   = 3
	heifY           = 0
	heifCb          = 1
	heifCr          = 2
	heifAlpha       = 6
	heifInterleaved = 10
	heifResults     = 24 // bytes for six numbers that it answers
)

// heifStack is where the sandbox's stack begins, and heifImage where its decode
// leaves the decoded image's address when it returns. The image itself stays, since
// nothing releases it but the end of the sandbox.
const (
	heifStack = 65_536
	heifImage = heifStack - 32 + 12
)

var errHEIC = errors.New("HEIC decoder refused the file")

// sandbox is one decoder with its memory; it serves one file.
type sandbox struct {
	*heic.Module
	linear heic.Memory
}

func decodeHEIC(data []byte) (image.Image, error) {
	s := &sandbox{Module: heic.New(&deafHost{})}
	s.linear = s.Xmemory()
	s.X_initialize()
	in, err := s.room(len(data))
	if err != nil {
		return nil, err
	}
	copy(s.memory(in), data)
	results, err := s.room(heifResults)
	if err != nil {
		return nil, err
	}
	shape, err := s.run(in, len(data), results, 1, 0)
	if err != nil {
		return nil, err
	}
	out, err := s.room(shape.room())
	if err != nil {
		return nil, err
	}
	if shape, err = s.run(in, len(data), results, 0, out); err != nil {
		return nil, err
	}
	return s.image(shape, results+heifResults-4)
}

// memory is the sandbox's memory from an address on.
func (s *sandbox) memory(at int32) []byte { return (*s.linear.Slice())[uint32(at):] }

// room reserves n bytes within the sandbox.
func (s *sandbox) room(n int) (int32, error) {
	if n > 1<<31-1 {
		return 0, fmt.Errorf("%w: too large", errHEIC)
	}
	at := s.Xmalloc(int32(n))
	if at == 0 || len(s.memory(at)) < n {
		return 0, fmt.Errorf("%w: out of memory", errHEIC)
	}
	return at, nil
}

// run calls the decoder: for the shape alone, or for the pixels too.
func (s *sandbox) run(in int32, size int, results, shapeOnly, out int32) (h heifShape, err error) {
	if s.Xdecode(in, int32(size), shapeOnly, results, results+4, results+8, results+12, results+16, out) == 0 {
		return h, errHEIC
	}
	m := s.memory(results)
	h = heifShape{int(le32(m)), int(le32(m[4:])), le32(m[8:]), le32(m[12:]), le32(m[16:]) == 1}
	if h.width < 1 || h.height < 1 || h.width > 1<<16 || h.height > 1<<16 {
		return h, errHEIC
	}
	return h, nil
}

// heifShape is what the decoder says of the pixels it makes.
type heifShape struct {
	width, height int
	colours       uint32
	chroma        uint32
	premultiplied bool
}

// room is more than the decoder's own copy of the pixels takes, which goes unused:
// it rounds rows up to 64 samples and to 16 bytes.
func (h heifShape) room() int {
	const padding = 64
	return 4 * (h.width + padding) * (h.height + 2)
}

// planes gives the chroma planes' size and the picture's subsampling.
func (h heifShape) planes() (width, height int, ratio image.YCbCrSubsampleRatio, err error) {
	switch h.chroma {
	case heifChroma420:
		return (h.width + 1) / 2, (h.height + 1) / 2, image.YCbCrSubsampleRatio420, nil
	case heifChroma422:
		return (h.width + 1) / 2, h.height, image.YCbCrSubsampleRatio422, nil
	case heifChroma444:
		return h.width, h.height, image.YCbCrSubsampleRatio444, nil
	}
	return 0, 0, 0, fmt.Errorf("%w: chroma of kind %d", errHEIC, h.chroma)
}

// plane copies one channel of the decoded image out of the sandbox: rows of n
// bytes. It gives nil where the image has no such channel. The decoder writes the
// length of its rows to scratch.
func (s *sandbox) plane(channel int32, n, rows int, scratch int32) ([]byte, error) {
	at := heifPlane(s.Module, int32(le32(s.memory(heifImage))), channel, scratch)
	if at == 0 {
		return nil, nil
	}
	stride := int(le32(s.memory(scratch)))
	from := s.memory(at)
	if stride < n || (rows-1)*stride+n > len(from) {
		return nil, fmt.Errorf("%w: rows of %d bytes for %d", errHEIC, stride, n)
	}
	out := make([]byte, n*rows)
	for y := range rows {
		copy(out[y*n:(y+1)*n], from[y*stride:])
	}
	return out, nil
}

// image copies the pixels out, so that the sandbox's memory can go.
func (s *sandbox) image(h heifShape, scratch int32) (image.Image, error) {
	r := image.Rect(0, 0, h.width, h.height)
	switch h.colours {
	case heifYCbCr:
		return s.ycbcr(h, scratch)
	case heifGrey:
		pix, err := s.needed(heifY, h.width, h.height, scratch)
		return &image.Gray{Pix: pix, Stride: h.width, Rect: r}, err
	case heifRGB:
		pix, err := s.needed(heifInterleaved, 4*h.width, h.height, scratch)
		if h.premultiplied {
			return &image.RGBA{Pix: pix, Stride: 4 * h.width, Rect: r}, err
		}
		return &image.NRGBA{Pix: pix, Stride: 4 * h.width, Rect: r}, err
	}
	return nil, fmt.Errorf("%w: colours of kind %d", errHEIC, h.colours)
}

func (s *sandbox) needed(channel int32, n, rows int, scratch int32) ([]byte, error) {
	pix, err := s.plane(channel, n, rows, scratch)
	if err == nil && pix == nil {
		err = fmt.Errorf("%w: no channel %d", errHEIC, channel)
	}
	return pix, err
}

func (s *sandbox) ycbcr(h heifShape, scratch int32) (image.Image, error) {
	across, down, ratio, err := h.planes()
	if err != nil {
		return nil, err
	}
	luma, err := s.needed(heifY, h.width, h.height, scratch)
	if err != nil {
		return nil, err
	}
	cb, err := s.needed(heifCb, across, down, scratch)
	if err != nil {
		return nil, err
	}
	cr, err := s.needed(heifCr, across, down, scratch)
	if err != nil {
		return nil, err
	}
	alpha, err := s.plane(heifAlpha, h.width, h.height, scratch)
	if err != nil {
		return nil, err
	}
	m := image.YCbCr{
		Y: luma, Cb: cb, Cr: cr, YStride: h.width, CStride: across,
		SubsampleRatio: ratio, Rect: image.Rect(0, 0, h.width, h.height),
	}
	if alpha == nil || bytes.Count(alpha, []byte{255}) == len(alpha) {
		return &m, nil
	}
	return &image.NYCbCrA{YCbCr: m, A: alpha, AStride: h.width}, nil
}
