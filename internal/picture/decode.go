package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"runtime/debug"

	"github.com/gen2brain/avif"
	"golang.org/x/image/webp"
)

// Picture is decoded pixels: upright, sRGB, of kind *image.Gray, *image.Gray16,
// *image.NRGBA or *image.NRGBA64, with the origin at 0,0.
type Picture struct {
	Image image.Image
	Info  Info
	share *Share
}

// Release gives the picture's share of the budget back. The pixels must not be
// used afterwards. It may be called more than once.
func (p *Picture) Release() { p.share.Release() }

// Decode probes data, waits for its share of the budget, decodes, and brings the
// pixels upright and to sRGB. A nil budget is an unlimited one.
//
// Its errors are the package's refusals, or ctx's. When ctx ends, Decode returns
// at once; a decoder that cannot be interrupted runs to its end on its own and
// holds its share of the budget until then.
func Decode(ctx context.Context, data []byte, l Limits, b *Budget) (*Picture, error) {
	info, err := probe(data, l)
	if err != nil {
		return nil, err
	}
	var share *Share
	if b != nil {
		if share, err = b.Acquire(ctx, info); err != nil {
			return nil, err
		}
	}
	return apart(ctx, share, func() (*Picture, error) {
		img, err := develop(ctx, data, info)
		if err != nil {
			return nil, err
		}
		share.Shrink(pixelBytes(info) * area(info.Width, info.Height))
		info.profile = nil
		return &Picture{Image: img, Info: info, share: share}, nil
	})
}

// apart runs f on its own goroutine, so that a caller need not wait for a decoder
// that cannot be stopped. Unless f's picture is handed out, its share goes back
// when f has ended.
func apart(ctx context.Context, share *Share, f func() (*Picture, error)) (*Picture, error) {
	type result struct {
		p   *Picture
		err error
	}
	handed := make(chan result)
	go func() {
		p, err := caught(f)
		if err != nil {
			share.Release()
		}
		select {
		case handed <- result{p, err}:
		case <-ctx.Done():
			share.Release()
		}
	}()
	select {
	case r := <-handed:
		return r.p, r.err
	case <-ctx.Done():
		return nil, fmt.Errorf("picture: decode: %w", ctx.Err())
	}
}

// caught turns a panic of f into damage of the file.
func caught(f func() (*Picture, error)) (p *Picture, err error) {
	defer func() {
		if r := recover(); r != nil {
			p, err = nil, ErrDamaged.Because(fmt.Errorf("decoder panicked: %v\n%s", r, debug.Stack()))
		}
	}()
	return f()
}

// develop makes finished pixels of data.
func develop(ctx context.Context, data []byte, info Info) (image.Image, error) {
	img, err := decoders[info.Format](data)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("picture: decode: %w", ctx.Err())
	}
	if err != nil {
		return nil, refused(err)
	}
	if err := sameSize(img, info); err != nil {
		return nil, err
	}
	flat, err := toSRGB(ctx, img, info)
	if err != nil {
		return nil, err
	}
	if info.Format == HEIC { // its decoder turns and cuts by itself
		return flat, nil
	}
	return upright(flat, info.crop, info.Orientation), nil
}

// decoders read whole files to pixels as stored.
var decoders = map[Format]func([]byte) (image.Image, error){
	JPEG: func(data []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(data)) },
	PNG:  func(data []byte) (image.Image, error) { return png.Decode(bytes.NewReader(data)) },
	WebP: func(data []byte) (image.Image, error) { return webp.Decode(bytes.NewReader(data)) },
	AVIF: func(data []byte) (image.Image, error) {
		return owned(avif.Decode(bytes.NewReader(data)))
	},
	HEIC: decodeHEIC,
}

func refused(err error) error {
	var rare jpeg.UnsupportedError
	if errors.As(err, &rare) {
		return unsupported("JPEG (" + string(rare) + ")")
	}
	return ErrDamaged.Because(err)
}

func sameSize(img image.Image, info Info) error {
	want := info.stored
	if info.Format == HEIC {
		want = stored{info.Width, info.Height}
	}
	if b := img.Bounds(); (stored{b.Dx(), b.Dy()}) != want {
		return damaged(fmt.Sprintf("decoded %v, the header says %v", b.Size(), want))
	}
	return nil
}

// Warm compiles what the first AVIF picture of a process would wait for, about a
// second of work. It is for a goroutine beside the start of a server.
func Warm() {
	_ = encodeWhole(&buffer{}, image.NewRGBA(image.Rect(0, 0, 1, 1)), AVIF, Options{}) // only its effect on the codec matters
}
