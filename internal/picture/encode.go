package picture

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"

	"github.com/gen2brain/avif"
	gowebp "github.com/gen2brain/webp"

	"safelight/internal/fault"
)

// Options say how a file is written.
type Options struct {
	Quality  int     // 1 to 100; 0 is the format's default
	Lossless bool    // WebP alone; PNG always is
	Budget   *Budget // what WebP and AVIF encoders share with the decoders; nil is unlimited
}

// The qualities taken where none is asked for.
const (
	defaultJPEG = 90
	defaultWebP = 85
	defaultAVIF = 70
	avifSpeed   = 8
)

// maxSide is the longest side a format can store; maxArea the most pixels that its
// encoder has memory for, 0 for no bound of its own; encoderBytes what it needs for
// each pixel, as measured.
var (
	maxSide      = map[Format]int{JPEG: 65_535, PNG: 1<<31 - 1, WebP: 16_383, AVIF: 65_535}
	maxArea      = map[Format]int64{AVIF: 16_000_000}
	encoderBytes = map[Format]int64{AVIF: 175, WebP: 30}
)

// CanEncode refuses what [Encode] would refuse for a picture of w by h pixels:
// [ErrNotWritable], [ErrOutputTooLong] or [ErrOutputTooLarge].
func CanEncode(f Format, w, h int) error {
	if !f.Writable() {
		return ErrNotWritable.With(fault.Args{"format": string(f)})
	}
	if side := max(w, h); side > maxSide[f] {
		return ErrOutputTooLong.With(fault.Args{"limit": maxSide[f], "actual": side, "format": string(f)})
	}
	if most := maxArea[f]; most > 0 && area(w, h) > most {
		return ErrOutputTooLarge.With(fault.Args{"limit": mega(most), "actual": mega(area(w, h))})
	}
	return nil
}

// Encode writes pixels as a file of format f. Pixels alone pass: the file has no
// metadata. JPEG has no transparency: it is laid on white. Pixels of 16 bits stay
// so in PNG; the other formats get 8.
//
// JPEG and PNG stop at their next write after ctx ends. WebP and AVIF encoders
// cannot be stopped: Encode returns at once, writes nothing more, and the encoder
// runs to its end on its own, holding its share of the budget until then.
func Encode(ctx context.Context, w io.Writer, img image.Image, f Format, o Options) error {
	b := img.Bounds()
	if b.Empty() {
		return ErrEmpty
	}
	if err := CanEncode(f, b.Dx(), b.Dy()); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("picture: encode %s: %w", f, err)
	}
	w = &until{ctx: ctx, w: w}
	var err error
	switch f {
	case JPEG:
		err = encodeJPEG(w, opaque(img), quality(o.Quality, defaultJPEG))
	case PNG:
		encoder := png.Encoder{CompressionLevel: png.BestSpeed}
		err = encoder.Encode(w, img)
	default:
		err = encodeApart(ctx, w, img, f, o)
	}
	if err != nil {
		return fmt.Errorf("picture: encode %s: %w", f, err)
	}
	return nil
}

func quality(asked, otherwise int) int {
	if asked <= 0 {
		return otherwise
	}
	return min(asked, 100)
}

// until is a writer that fails once its context has ended.
type until struct {
	ctx context.Context
	w   io.Writer
}

func (u *until) Write(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.w.Write(p)
}

// encodeApart runs an encoder that cannot be stopped on its own goroutine and
// copies its whole output once it has one.
func encodeApart(ctx context.Context, w io.Writer, img image.Image, f Format, o Options) error {
	type result struct {
		file []byte
		err  error
	}
	share, err := o.Budget.forEncoder(ctx, f, img.Bounds())
	if err != nil {
		return err
	}
	done := make(chan result, 1)
	go func() {
		defer share.Release()
		var file buffer
		err := func() (err error) {
			defer func() {
				if r := recover(); r != nil {
					err = fmt.Errorf("encoder panicked: %v", r)
				}
			}()
			return encodeWhole(&file, img, f, o)
		}()
		done <- result{file, err}
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case r := <-done:
		if r.err != nil {
			return r.err
		}
		_, err := w.Write(r.file)
		return err
	}
}

type buffer []byte

func (b *buffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}

func encodeWhole(w io.Writer, img image.Image, f Format, o Options) error {
	if f == WebP {
		return gowebp.Encode(w, packed(img), gowebp.Options{Quality: quality(o.Quality, defaultWebP), Lossless: o.Lossless, Method: 4})
	}
	q := quality(o.Quality, defaultAVIF)
	ratio := image.YCbCrSubsampleRatio420
	if q >= fullChromaFrom {
		ratio = image.YCbCrSubsampleRatio444
	}
	return avif.Encode(w, multiplied(img), avif.Options{Quality: q, QualityAlpha: q, Speed: avifSpeed, ChromaSubsampling: ratio})
}

// packed gives img as NRGBA without gaps between its rows.
func packed(img image.Image) *image.NRGBA {
	b := img.Bounds()
	if m, ok := img.(*image.NRGBA); ok && m.Stride == 4*b.Dx() && b.Min == (image.Point{}) {
		return m
	}
	dst := image.NewNRGBA(moved(b))
	draw.Draw(dst, dst.Rect, img, b.Min, draw.Src)
	return dst
}

// multiplied gives img with its colours multiplied by their alpha.
func multiplied(img image.Image) *image.RGBA {
	b := img.Bounds()
	if m, ok := img.(*image.RGBA); ok && m.Stride == 4*b.Dx() && b.Min == (image.Point{}) {
		return m
	}
	dst := image.NewRGBA(moved(b))
	draw.Draw(dst, dst.Rect, img, b.Min, draw.Src)
	return dst
}

// opaque lays what is transparent on white. Grey stays grey.
func opaque(img image.Image) image.Image {
	switch m := img.(type) {
	case *image.Gray:
		return m
	case *image.Gray16:
		dst := image.NewGray(moved(m.Rect))
		draw.Draw(dst, dst.Rect, m, m.Rect.Min, draw.Src)
		return dst
	case *image.NRGBA:
		if m.Opaque() {
			return &image.RGBA{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect}
		}
	case *image.RGBA:
		if m.Opaque() {
			return m
		}
	}
	b := img.Bounds()
	dst := image.NewRGBA(moved(b))
	draw.Draw(dst, dst.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(dst, dst.Rect, img, b.Min, draw.Over)
	return dst
}
