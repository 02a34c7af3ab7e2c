package picture

import (
	"image"
	"image/color"
	"image/draw"
)

// straight turns what a decoder gave into one of the four kinds of pixels that
// this package hands out: Gray, Gray16, NRGBA or NRGBA64, with the origin at 0,0.
// CMYK is not among what it accepts usefully; [colourOf] serves that first.
func straight(img image.Image, info Info) image.Image {
	switch m := img.(type) {
	case *image.YCbCr:
		if info.Grey {
			return info.yuv.widen(&image.Gray{Pix: m.Y, Stride: m.YStride, Rect: moved(m.Rect)})
		}
		return rgbFrom(m, info.yuv)
	case *image.NYCbCrA:
		return rgbaFrom(m, info.yuv)
	case *image.RGBA:
		unmultiply8(m)
		return greyed(&image.NRGBA{Pix: m.Pix, Stride: m.Stride, Rect: moved(m.Rect)}, info)
	case *image.RGBA64:
		unmultiply16(m)
		return greyed(&image.NRGBA64{Pix: m.Pix, Stride: m.Stride, Rect: moved(m.Rect)}, info)
	case *image.NRGBA:
		m.Rect = moved(m.Rect)
		return m
	case *image.NRGBA64:
		m.Rect = moved(m.Rect)
		return m
	case *image.Gray:
		m.Rect = moved(m.Rect)
		return info.yuv.widen(m)
	case *image.Gray16:
		m.Rect = moved(m.Rect)
		return m
	}
	return drawn(img)
}

// owned copies the pixels of a decoder whose whole memory would otherwise be kept
// for them.
func owned(img image.Image, err error) (image.Image, error) {
	if m, ok := img.(*image.RGBA); ok {
		c := *m
		c.Pix = append([]byte(nil), m.Pix...)
		return &c, err
	}
	return img, err
}

func moved(r image.Rectangle) image.Rectangle { return image.Rect(0, 0, r.Dx(), r.Dy()) }

// drawn converts any image to NRGBA, pixel by pixel.
func drawn(img image.Image) *image.NRGBA {
	b := img.Bounds()
	dst := image.NewNRGBA(moved(b))
	if p, ok := img.(*image.Paletted); ok {
		paint(dst, p)
		return dst
	}
	draw.Draw(dst, dst.Rect, img, b.Min, draw.Src)
	return dst
}

// paint spells a palette out without the detour over premultiplied colours.
func paint(dst *image.NRGBA, src *image.Paletted) {
	var colours [256][4]byte
	for i, c := range src.Palette {
		n := color.NRGBAModel.Convert(c).(color.NRGBA)
		colours[i&255] = [4]byte{n.R, n.G, n.B, n.A}
	}
	for y := range dst.Rect.Dy() {
		row := src.Pix[y*src.Stride : y*src.Stride+dst.Rect.Dx()]
		for x, index := range row {
			copy(dst.Pix[y*dst.Stride+4*x:], colours[index][:])
		}
	}
}

func rgbaFrom(m *image.NYCbCrA, space yuvSpace) *image.NRGBA {
	dst := rgbFrom(&m.YCbCr, space)
	for y := range dst.Rect.Dy() {
		alpha := m.A[y*m.AStride : y*m.AStride+dst.Rect.Dx()]
		row := dst.Pix[y*dst.Stride:]
		for x, a := range alpha {
			row[4*x+3] = a
		}
	}
	return dst
}

// unmultiply8 divides colours by their alpha, in place.
func unmultiply8(m *image.RGBA) {
	for i := 0; i+3 < len(m.Pix); i += 4 {
		a := uint32(m.Pix[i+3])
		if a == 255 || a == 0 {
			continue
		}
		for c := range 3 {
			m.Pix[i+c] = byte(min((uint32(m.Pix[i+c])*255+a/2)/a, 255))
		}
	}
}

func unmultiply16(m *image.RGBA64) {
	for i := 0; i+7 < len(m.Pix); i += 8 {
		a := uint32(be16(m.Pix[i+6:]))
		if a == 0xffff || a == 0 {
			continue
		}
		for c := i; c < i+6; c += 2 {
			v := min((uint32(be16(m.Pix[c:]))*0xffff+a/2)/a, 0xffff)
			m.Pix[c], m.Pix[c+1] = byte(v>>8), byte(v)
		}
	}
}

// greyed makes one channel of three that a decoder spread a grey picture over.
func greyed(img image.Image, info Info) image.Image {
	if !info.Grey || info.Alpha {
		return img
	}
	p := planeOf(img)
	wide := p.size / 4
	out := plane{size: wide, stride: p.width * wide, width: p.width, height: p.height, pix: make([]byte, p.width*p.height*wide)}
	for y := range p.height {
		for x := range p.width {
			copy(out.pix[y*out.stride+x*wide:], p.pix[y*p.stride+x*p.size:][:wide])
		}
	}
	if wide == 2 {
		return out.image((*image.Gray16)(nil))
	}
	return out.image((*image.Gray)(nil))
}
