package picture

import (
	"image"

	"golang.org/x/image/draw"
)

// Thumbnail gives img reduced so that its longer side is at most maxSide pixels,
// or as it is if it is no longer. Large reductions average whole squares first
// and then filter, so that nothing of the source is skipped.
func Thumbnail(img image.Image, maxSide int) image.Image {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	if maxSide <= 0 || max(w, h) <= maxSide {
		return img
	}
	outW, outH := fit(w, h, maxSide)
	small := img
	if n := min(w/outW, h/outH) / 3; n >= 2 {
		small = averaged(img, n)
	}
	dst := image.NewRGBA(image.Rect(0, 0, outW, outH))
	draw.CatmullRom.Scale(dst, dst.Rect, small, small.Bounds(), draw.Src, nil)
	unmultiply8(dst)
	return &image.NRGBA{Pix: dst.Pix, Stride: dst.Stride, Rect: dst.Rect}
}

// fit keeps the ratio of w to h; no side falls below one pixel.
func fit(w, h, side int) (int, int) {
	if w >= h {
		return side, max(1, (h*side+w/2)/w)
	}
	return max(1, (w*side+h/2)/h), side
}

// averaged gives each square of n by n pixels as one. The ragged edge joins the
// last squares' neighbours as smaller ones.
func averaged(img image.Image, n int) *image.RGBA {
	b := img.Bounds()
	dst := image.NewRGBA(image.Rect(0, 0, (b.Dx()+n-1)/n, (b.Dy()+n-1)/n))
	strip := image.NewRGBA(image.Rect(0, 0, b.Dx(), n))
	for y := range dst.Rect.Dy() {
		rows := min(n, b.Dy()-y*n)
		draw.Draw(strip, image.Rect(0, 0, b.Dx(), rows), img, image.Pt(b.Min.X, b.Min.Y+y*n), draw.Src)
		for x := range dst.Rect.Dx() {
			columns := min(n, b.Dx()-x*n)
			mean(dst.Pix[y*dst.Stride+4*x:], strip, x*n, columns, rows)
		}
	}
	return dst
}

func mean(out []byte, strip *image.RGBA, x, columns, rows int) {
	var sum [4]uint32
	for y := range rows {
		row := strip.Pix[y*strip.Stride+4*x:][:4*columns]
		for i := 0; i < len(row); i += 4 {
			sum[0] += uint32(row[i])
			sum[1] += uint32(row[i+1])
			sum[2] += uint32(row[i+2])
			sum[3] += uint32(row[i+3])
		}
	}
	count := uint32(columns * rows)
	for c, s := range sum {
		out[c] = byte((s + count/2) / count)
	}
}
