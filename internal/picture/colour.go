package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"

	"github.com/kovidgoyal/imaging/prism/meta/icc"
)

// toSRGB brings decoded pixels to one of the package's four kinds, in sRGB.
func toSRGB(ctx context.Context, img image.Image, info Info) (image.Image, error) {
	profile := readableProfile(info.profile)
	if cmyk, ok := img.(*image.CMYK); ok {
		return cmykToSRGB(ctx, cmyk, profile)
	}
	flat := straight(img, info)
	if profile == nil {
		return flat, ctx.Err()
	}
	switch string(profile[16:20]) {
	case "GRAY":
		applyGrey(flat, profile)
	case "RGB ":
		return flat, applyRGB(ctx, flat, profile)
	}
	return flat, ctx.Err()
}

// readableProfile gives an ICC profile that is safe to hand to a reader which
// trusts its lengths, or nil.
func readableProfile(p []byte) []byte {
	const maxTags = 200
	if len(p) < 132 || string(p[36:40]) != "acsp" {
		return nil
	}
	tags := be32(p[128:])
	if tags > maxTags || uint64(132)+uint64(tags)*12 > uint64(len(p)) {
		return nil
	}
	for i := range int(tags) {
		entry := p[132+12*i:]
		at, size := uint64(be32(entry[4:])), uint64(be32(entry[8:]))
		if at < 132+uint64(tags)*12 || at+size > uint64(len(p)) {
			return nil
		}
	}
	return p
}

// transformer builds the transform of a profile to sRGB; nil says the profile is
// sRGB already. A profile that its reader stumbles over is an error.
func transformer(profile []byte, channels int) (t *icc.Pipeline, err error) {
	defer func() {
		if r := recover(); r != nil {
			t, err = nil, fmt.Errorf("picture: colour profile: %v", r)
		}
	}()
	p, err := icc.DecodeProfile(bytes.NewReader(profile))
	if err != nil {
		return nil, fmt.Errorf("picture: colour profile: %w", err)
	}
	if channels == 3 && p.IsSRGB() {
		return nil, nil
	}
	// Colours outside sRGB are cut off later: a cut within the transform would put an
	// edge into the lattice that is looked up.
	t, err = p.CreateTransformerToSRGB(icc.RelativeColorimetricRenderingIntent, true, channels, false, false, true)
	if err != nil {
		return nil, fmt.Errorf("picture: colour profile: %w", err)
	}
	return t, nil
}

// applyRGB converts pixels in place. An unreadable profile leaves them as they
// are.
func applyRGB(ctx context.Context, img image.Image, profile []byte) error {
	if _, ok := img.(*image.Gray); ok {
		return nil // a profile of three channels says nothing about one
	}
	if _, ok := img.(*image.Gray16); ok {
		return nil
	}
	p := planeOf(img)
	convert := rowConverter(profile, p.size)
	if convert == nil {
		return ctx.Err()
	}
	for y := range p.height {
		if y%64 == 0 && ctx.Err() != nil {
			return fmt.Errorf("picture: convert colours: %w", ctx.Err())
		}
		convert(p.pix[y*p.stride:][:p.width*p.size])
	}
	return nil
}

// rowConverter chooses how pixels of size bytes are converted: exactly where the
// profile is three curves and a matrix, else through a lattice of its transform. It
// gives nil where there is nothing to convert, or no way to.
func rowConverter(profile []byte, size int) func(row []byte) {
	if m, err := newShaper(profile, size); err == nil {
		if m.isSRGB() {
			return nil
		}
		return m.row
	}
	t, err := transformer(profile, 3)
	if t == nil || err != nil {
		return nil
	}
	c, err := newCube(t)
	if err != nil {
		return nil
	}
	return func(row []byte) { c.row(row, size) }
}

// cube is a transform of red, green and blue sampled on a lattice. Looking colours
// up in it is some forty times faster than the transform itself.
type cube struct{ at []float32 }

const cubeSide = 65

var errNoColours = errors.New("picture: colour profile gives no colours")

func newCube(t *icc.Pipeline) (c *cube, err error) {
	defer func() {
		if r := recover(); r != nil {
			c, err = nil, fmt.Errorf("picture: colour profile: %v", r)
		}
	}()
	c = &cube{at: make([]float32, 0, cubeSide*cubeSide*cubeSide*3)}
	const step = 1.0 / (cubeSide - 1)
	for r := range cubeSide {
		for g := range cubeSide {
			for b := range cubeSide {
				x, y, z := t.Transform(float64(r)*step, float64(g)*step, float64(b)*step)
				if sum := x + y + z; math.IsNaN(sum) || math.IsInf(sum, 0) {
					return nil, errNoColours
				}
				c.at = append(c.at, float32(x), float32(y), float32(z))
			}
		}
	}
	return c, nil
}

// row converts pixels of 4 bytes or of 8, in place.
func (c *cube) row(pix []byte, size int) {
	if size == 8 {
		for ; len(pix) >= 8; pix = pix[8:] {
			v := c.look(float32(be16(pix))/65535, float32(be16(pix[2:]))/65535, float32(be16(pix[4:]))/65535)
			for i, f := range v {
				n := uint16(f*65535 + 0.5)
				pix[2*i], pix[2*i+1] = byte(n>>8), byte(n)
			}
		}
		return
	}
	var last, result [3]byte
	known := false
	for ; len(pix) >= 4; pix = pix[4:] {
		have := [3]byte{pix[0], pix[1], pix[2]}
		if !known || have != last {
			v := c.look(float32(have[0])/255, float32(have[1])/255, float32(have[2])/255)
			last, known = have, true
			result = [3]byte{byte(v[0]*255 + 0.5), byte(v[1]*255 + 0.5), byte(v[2]*255 + 0.5)}
		}
		pix[0], pix[1], pix[2] = result[0], result[1], result[2]
	}
}

// look interpolates within the tetrahedron that the colour lies in: it walks from
// the cell's near corner to its far one along the largest fraction first.
func (c *cube) look(r, g, b float32) [3]float32 {
	const last = cubeSide - 2
	r, g, b = r*(cubeSide-1), g*(cubeSide-1), b*(cubeSide-1)
	ir, ig, ib := min(int(r), last), min(int(g), last), min(int(b), last)
	fr, fg, fb := r-float32(ir), g-float32(ig), b-float32(ib)
	const stepR, stepG, stepB = cubeSide * cubeSide * 3, cubeSide * 3, 3
	f1, f2, f3, s1, s2, s3 := fr, fg, fb, stepR, stepG, stepB
	if f1 < f2 {
		f1, f2, s1, s2 = f2, f1, s2, s1
	}
	if f2 < f3 {
		f2, f3, s2, s3 = f3, f2, s3, s2
	}
	if f1 < f2 {
		f1, f2, s1, s2 = f2, f1, s2, s1
	}
	at := ir*stepR + ig*stepG + ib*stepB
	p0, p1, p2, p3 := c.at[at:at+3], c.at[at+s1:at+s1+3], c.at[at+s1+s2:at+s1+s2+3], c.at[at+s1+s2+s3:at+s1+s2+s3+3]
	var v [3]float32
	for i := range v {
		v[i] = min(max(p0[i]*(1-f1)+p1[i]*(f1-f2)+p2[i]*(f2-f3)+p3[i]*f3, 0), 1)
	}
	return v
}

// cmykToSRGB converts with the profile where there is a readable one, else by the
// plain formula.
func cmykToSRGB(ctx context.Context, img *image.CMYK, profile []byte) (image.Image, error) {
	dst := image.NewNRGBA(moved(img.Rect))
	if profile != nil && string(profile[16:20]) == "CMYK" {
		if t, err := transformer(profile, 4); err == nil && t != nil {
			done, err := inks(ctx, dst, img, func(ink, out *[4]float64) { t.TransformGeneral(out[:], ink[:]) })
			if done || err != nil {
				return dst, err
			}
		}
	}
	_, err := inks(ctx, dst, img, func(ink, out *[4]float64) {
		r, g, b := color.CMYKToRGB(byte(ink[0]*255+0.5), byte(ink[1]*255+0.5), byte(ink[2]*255+0.5), byte(ink[3]*255+0.5))
		out[0], out[1], out[2] = float64(r)/255, float64(g)/255, float64(b)/255
	})
	return dst, err
}

// inks converts all pixels by f. It reports false if f panicked.
func inks(ctx context.Context, dst *image.NRGBA, src *image.CMYK, f func(ink, out *[4]float64)) (done bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			done, err = false, nil
		}
	}()
	var last [4]byte
	colour := [4]byte{3: 255}
	for y := range dst.Rect.Dy() {
		if ctx.Err() != nil {
			return false, fmt.Errorf("picture: convert colours: %w", ctx.Err())
		}
		row, out := src.Pix[y*src.Stride:][:4*dst.Rect.Dx()], dst.Pix[y*dst.Stride:]
		for x := 0; x < len(row); x += 4 {
			if have := [4]byte(row[x : x+4]); x == 0 || have != last {
				last = have
				ink := [4]float64{float64(have[0]) / 255, float64(have[1]) / 255, float64(have[2]) / 255, float64(have[3]) / 255}
				var v [4]float64
				f(&ink, &v)
				for i := range 3 {
					colour[i] = byte(min(max(v[i], 0), 1)*255 + 0.5)
				}
			}
			copy(out[x:x+4], colour[:])
		}
	}
	return true, nil
}
