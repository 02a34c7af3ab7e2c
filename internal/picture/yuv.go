package picture

import "image"

// yuvSpace is how luma and chroma become red, green and blue: in 1/65536.
type yuvSpace struct {
	offset                                int32 // of luma
	luma, redCr, greenCb, greenCr, blueCb int32
	rgb                                   bool // the planes are green, blue and red
}

var (
	yuvFull601  = yuvOf(0.299, 0.114, true)
	yuvVideo601 = yuvOf(0.299, 0.114, false)
)

// yuvFrom finds the space of a matrix coefficient as H.273 numbers them.
// Unknown ones are taken for BT.601, as the still picture formats do.
func yuvFrom(matrix int, full bool) yuvSpace {
	switch matrix {
	case 0:
		return yuvSpace{rgb: true}
	case 1:
		return yuvOf(0.2126, 0.0722, full)
	case 9, 10:
		return yuvOf(0.2627, 0.0593, full)
	}
	return yuvOf(0.299, 0.114, full)
}

func yuvOf(kr, kb float64, full bool) yuvSpace {
	luma, chroma, offset := 1.0, 1.0, int32(0)
	if !full {
		luma, chroma, offset = 255.0/219, 255.0/224, 16
	}
	fixed := func(v float64) int32 { return int32(v*65536 + 0.5) }
	kg := 1 - kr - kb
	return yuvSpace{
		offset: offset, luma: fixed(luma),
		redCr: fixed(chroma * 2 * (1 - kr)), blueCb: fixed(chroma * 2 * (1 - kb)),
		greenCb: fixed(chroma * 2 * kb * (1 - kb) / kg), greenCr: fixed(chroma * 2 * kr * (1 - kr) / kg),
	}
}

// row converts one row whose chroma has been brought to full width.
func (s yuvSpace) row(dst, y, cb, cr []byte) {
	if s.rgb {
		for x := range y {
			dst[4*x], dst[4*x+1], dst[4*x+2], dst[4*x+3] = cr[x], y[x], cb[x], 255
		}
		return
	}
	for x := range y {
		l := (int32(y[x])-s.offset)*s.luma + 1<<15
		u, v := int32(cb[x])-128, int32(cr[x])-128
		d := dst[4*x : 4*x+4 : 4*x+4]
		d[0] = clamp8((l + v*s.redCr) >> 16)
		d[1] = clamp8((l - u*s.greenCb - v*s.greenCr) >> 16)
		d[2] = clamp8((l + u*s.blueCb) >> 16)
		d[3] = 255
	}
}

// widen brings grey of the narrow range of video to the whole range, in place.
func (s yuvSpace) widen(m *image.Gray) *image.Gray {
	if s.offset == 0 {
		return m
	}
	for i, v := range m.Pix {
		m.Pix[i] = clamp8(((int32(v)-s.offset)*s.luma + 1<<15) >> 16)
	}
	return m
}

func clamp8(v int32) byte {
	if uint32(v) > 255 {
		if v < 0 {
			return 0
		}
		return 255
	}
	return byte(v)
}

// rgbFrom converts planes to pixels. Chroma that is stored at half size is
// brought to full size by the triangle filter, three parts the nearer sample and
// one part the farther, so that colours have no steps where luma has none.
func rgbFrom(src *image.YCbCr, space yuvSpace) *image.NRGBA {
	b := src.Rect
	width, height := b.Dx(), b.Dy()
	dst := image.NewNRGBA(image.Rect(0, 0, width, height))
	up := upsampler{ratio: src.SubsampleRatio, width: width, height: height}
	cb, cr := make([]byte, width), make([]byte, width)
	for y := range height {
		up.row(cb, src.Cb, src.CStride, y)
		up.row(cr, src.Cr, src.CStride, y)
		at := y * src.YStride
		space.row(dst.Pix[y*dst.Stride:], src.Y[at:at+width], cb, cr)
	}
	return dst
}

// upsampler brings rows of a chroma plane to full width and height.
type upsampler struct {
	ratio         image.YCbCrSubsampleRatio
	width, height int
	near          []int32
}

func (u *upsampler) row(dst, plane []byte, stride, y int) {
	switch u.ratio {
	case image.YCbCrSubsampleRatio444:
		copy(dst, plane[y*stride:])
	case image.YCbCrSubsampleRatio422:
		u.blend(plane[y*stride:], nil)
		u.across(dst, 4)
	case image.YCbCrSubsampleRatio420:
		rows := (u.height + 1) / 2
		near := y / 2
		far := min(max(near-1+y&1*2, 0), rows-1)
		u.blend(plane[near*stride:], plane[far*stride:])
		u.across(dst, 16)
	case image.YCbCrSubsampleRatio440:
		rows := (u.height + 1) / 2
		near := y / 2
		far := min(max(near-1+y&1*2, 0), rows-1)
		for x := range dst {
			dst[x] = byte((3*int32(plane[near*stride+x]) + int32(plane[far*stride+x]) + 2) >> 2)
		}
	default:
		u.repeat(dst, plane, stride, y)
	}
}

// blend mixes two rows three to one, or takes the first alone.
func (u *upsampler) blend(near, far []byte) {
	n := (u.width + 1) / 2
	if len(u.near) < n {
		u.near = make([]int32, n)
	}
	for x := range n {
		if far == nil {
			u.near[x] = int32(near[x])
		} else {
			u.near[x] = 3*int32(near[x]) + int32(far[x])
		}
	}
}

// across doubles the blended row's width; scale is what its samples and the
// weights here multiply to.
func (u *upsampler) across(dst []byte, scale int32) {
	last := (u.width+1)/2 - 1
	for x := range dst {
		near := x / 2
		far := min(max(near-1+x&1*2, 0), last)
		dst[x] = byte((3*u.near[near] + u.near[far] + scale/2) / scale)
	}
}

// repeat serves the rare ratios, 4:1:1 and 4:1:0.
func (u *upsampler) repeat(dst, plane []byte, stride, y int) {
	if u.ratio == image.YCbCrSubsampleRatio410 {
		y /= 2
	}
	for x := range dst {
		dst[x] = plane[y*stride+x/4]
	}
}
