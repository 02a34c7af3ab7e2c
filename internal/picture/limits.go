package picture

import (
	"errors"
	"strconv"

	"safelight/internal/fault"
)

// What a picture is refused for. Every refusal is one of these by errors.Is.
var (
	ErrTooLargeBytes  = fault.New(fault.TooLarge, "picture.too_large_bytes", "The file is larger than we accept.")
	ErrTooManyPixels  = fault.New(fault.TooLarge, "picture.too_many_pixels", "The picture has more pixels than we accept.")
	ErrTooLongSide    = fault.New(fault.TooLarge, "picture.too_long_side", "The picture is longer on one side than we accept.")
	ErrAnimated       = fault.New(fault.Unsupported, "picture.animated", "The picture is animated; please send a still one.")
	ErrDamaged        = fault.New(fault.Invalid, "picture.damaged", "The file is damaged or incomplete.")
	ErrUnsupported    = fault.New(fault.Unsupported, "picture.unsupported", "This kind of file is not accepted.")
	ErrUnrecognised   = fault.New(fault.Unsupported, "picture.unrecognised", "This is not a picture that we know.")
	ErrEmpty          = fault.New(fault.Invalid, "picture.empty", "The file is empty.")
	ErrOutputTooLarge = fault.New(fault.TooLarge, "picture.output_too_large", "The result would have more pixels than we make.")
	ErrOutputTooLong  = fault.New(fault.TooLarge, "picture.output_too_long", "The result would be too long on one side for this format.")
	ErrOverBudget     = fault.New(fault.TooLarge, "picture.over_budget", "The picture needs more memory than we can give to one picture.")
	ErrNotWritable    = fault.New(fault.Unsupported, "picture.not_writable", "We do not write files of this format.")
)

// Limits are what a picture may be at most.
type Limits struct {
	Bytes        int64 // the file
	Pixels       int64 // width times height of a source
	Side         int   // the longer side of a source, in pixels
	Frames       int   // pictures in a file; 1 refuses animations
	OutputPixels int64 // width times height of a result
}

// DefaultLimits are 50 MB, 50 megapixels, 20,000 a side, one frame, and 200
// megapixels out.
func DefaultLimits() Limits {
	return Limits{Bytes: 50_000_000, Pixels: 50_000_000, Side: 20_000, Frames: 1, OutputPixels: 200_000_000}
}

// Validate refuses limits that are not positive, or beyond what the decoders
// can be trusted with.
func (l Limits) Validate() error {
	const most = 1 << 30
	switch {
	case l.Bytes <= 0 || l.Bytes > most:
		return errors.New("picture: limit of bytes must be 1 to 1073741824")
	case l.Pixels <= 0 || l.Pixels > 500_000_000:
		return errors.New("picture: limit of pixels must be 1 to 500000000")
	case l.Side <= 0 || l.Side > 65_535:
		return errors.New("picture: limit of a side must be 1 to 65535")
	case l.Frames != 1:
		return errors.New("picture: limit of frames must be 1")
	case l.OutputPixels <= 0 || l.OutputPixels > most:
		return errors.New("picture: limit of output pixels must be 1 to 1073741824")
	}
	return nil
}

// Output refuses a result of w by h pixels that exceeds the limits, with
// [ErrOutputTooLarge].
func (l Limits) Output(w, h int) error {
	if n := area(w, h); n > l.OutputPixels {
		return ErrOutputTooLarge.With(fault.Args{"limit": mega(l.OutputPixels), "actual": mega(n)})
	}
	return nil
}

func (l Limits) bytes(n int64) error {
	if n > l.Bytes {
		return ErrTooLargeBytes.With(fault.Args{"limit": mega(l.Bytes), "actual": mega(n)})
	}
	return nil
}

// size judges claimed dimensions before anything is allocated for them.
func (l Limits) size(w, h int) error {
	if w <= 0 || h <= 0 {
		return damaged("no size")
	}
	if side := max(w, h); side > l.Side {
		return ErrTooLongSide.With(fault.Args{"limit": l.Side, "actual": side})
	}
	if n := area(w, h); n > l.Pixels {
		return ErrTooManyPixels.With(fault.Args{"limit": mega(l.Pixels), "actual": mega(n)})
	}
	return nil
}

func (l Limits) frames(n int) error {
	if n > l.Frames {
		return ErrAnimated.With(fault.Args{"limit": l.Frames, "actual": n})
	}
	return nil
}

func damaged(why string) error { return ErrDamaged.Because(errors.New(why)) }

func unsupported(looks string) error { return ErrUnsupported.With(fault.Args{"looks": looks}) }

func area(w, h int) int64 { return int64(w) * int64(h) }

// mega writes n in millions, with as many decimals as tell it from a limit:
// 50000000 is "50", 50000001 is "50.000001", 64032004 is "64.03".
func mega(n int64) string {
	millions := float64(n) / 1e6
	if rest := n % 1e6; rest != 0 && rest < 10_000 {
		return strconv.FormatFloat(millions, 'f', -1, 64)
	}
	s := strconv.FormatFloat(millions, 'f', 2, 64)
	for s[len(s)-1] == '0' {
		s = s[:len(s)-1]
	}
	if s[len(s)-1] == '.' {
		s = s[:len(s)-1]
	}
	return s
}
