package picture

import (
	"context"
	"errors"
	"image"
	"os"
	"path/filepath"
	"testing"
	"time"

	"safelight/internal/fault"
)

// small keeps a fuzzer quick: it is the structure that it should get lost in.
var small = Limits{Bytes: 1 << 20, Pixels: 1 << 18, Side: 4096, Frames: 1, OutputPixels: 1 << 20}

func seeds(f *testing.F) {
	names, err := filepath.Glob("testdata/*.*")
	if err != nil || len(names) == 0 {
		f.Fatal("no samples", err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, b := range bombs(f) {
		if len(b.data) < 10_000 {
			f.Add(b.data)
		}
	}
	f.Add(jpegOf(f, scene(), 90))
	f.Add(pngOf(f, scene()))
	f.Add(withSegments(jpegOf(f, scene(), 90), segment(0xe1, exifBlock(6, nil)), iccSegment(displayP3())))
	f.Add(withChunks(pngOf(f, scene()), chunk("iCCP", append([]byte("p\x00\x00"), deflated(displayP3())...))))
	f.Add(gridOf(f, "plain.heic", "heic", "hvc1", 2, 2, 192, 128))
}

func FuzzProbe(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		start := time.Now()
		info, err := Probe(data, small)
		if took := time.Since(start); took > time.Second {
			t.Errorf("took %v", took)
		}
		if err != nil {
			if fault.Of(err).Kind == fault.Internal {
				t.Errorf("refused without a reason: %v", err)
			}
			return
		}
		if info.Width < 1 || info.Height < 1 || area(info.Width, info.Height) > small.Pixels || max(info.Width, info.Height) > small.Side {
			t.Errorf("passed %d×%d", info.Width, info.Height)
		}
		if info.Frames != 1 || info.Orientation < 1 || info.Orientation > 8 || !info.Format.Valid() || info.Need() <= 0 {
			t.Errorf("passed %+v", info)
		}
	})
}

func FuzzDecode(f *testing.F) {
	Warm() // or the first AVIF would look like a hang
	seeds(f)
	budget := NewBudget(1 << 28)
	f.Fuzz(func(t *testing.T, data []byte) {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		p, err := Decode(ctx, data, small, budget)
		if errors.Is(err, context.DeadlineExceeded) {
			t.Fatal("the decoder hangs")
		}
		if err != nil {
			if fault.Of(err).Kind == fault.Internal {
				t.Errorf("refused without a reason: %v", err)
			}
			return
		}
		defer p.Release()
		if b := p.Image.Bounds(); b != image.Rect(0, 0, p.Info.Width, p.Info.Height) {
			t.Errorf("decoded %v, probed %d×%d", b, p.Info.Width, p.Info.Height)
		}
		switch p.Image.(type) {
		case *image.Gray, *image.Gray16, *image.NRGBA, *image.NRGBA64:
			p.Image.At(p.Info.Width-1, p.Info.Height-1)
		default:
			t.Errorf("decoded to %T", p.Image)
		}
	})
}
