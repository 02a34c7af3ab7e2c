package picture

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"math"
	"testing"
)

func encoded(t testing.TB, m image.Image, f Format, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Encode(context.Background(), &b, m, f, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 37, 21))
	for i := range grey.Pix {
		grey.Pix[i] = byte(i % 37 * 6)
	}
	for _, f := range []Format{JPEG, PNG, WebP, AVIF} {
		for _, quality := range []int{0, 80, 95} {
			p := decoded(t, encoded(t, scene(), f, Options{Quality: quality}))
			if p.Info.Format != f || p.Info.Width != 96 || p.Info.Height != 64 {
				t.Fatalf("%s: %+v", f, p.Info)
			}
			near(t, p.Image, 4, 4, red, 8)
			near(t, p.Image, 91, 4, green, 8)
			near(t, p.Image, 4, 59, blue, 8)
			near(t, p.Image, 91, 59, white, 8)
		}
		p := decoded(t, encoded(t, grey, f, Options{Quality: 95}))
		near(t, p.Image, 20, 10, color.NRGBA{120, 120, 120, 255}, 6)
	}
	part := scene().SubImage(image.Rect(70, 2, 96, 20))
	for _, f := range []Format{JPEG, PNG, WebP, AVIF} {
		p := decoded(t, encoded(t, part, f, Options{Quality: 95}))
		if p.Info.Width != 26 || p.Info.Height != 18 {
			t.Fatalf("%s of a part: %+v", f, p.Info)
		}
		near(t, p.Image, 13, 6, green, 8)
	}
}

func TestLosslessIsLossless(t *testing.T) {
	for _, f := range []Format{PNG, WebP} {
		p := decoded(t, encoded(t, scene(), f, Options{Lossless: true}))
		if !bytes.Equal(p.Image.(*image.NRGBA).Pix, scene().Pix) {
			t.Errorf("%s changed pixels", f)
		}
	}
	deep := image.NewNRGBA64(image.Rect(0, 0, 5, 5))
	deep.SetNRGBA64(1, 1, color.NRGBA64{1, 300, 65535, 40000})
	if m := decoded(t, encoded(t, deep, PNG, Options{})).Image.(*image.NRGBA64); m.NRGBA64At(1, 1) != deep.NRGBA64At(1, 1) {
		t.Error("16 bits do not survive PNG")
	}
}

func TestTransparencyIsWrittenOrLaidOnWhite(t *testing.T) {
	glass := image.NewNRGBA(image.Rect(0, 0, 32, 32))
	for i := range glass.Pix {
		glass.Pix[i] = []byte{200, 60, 40, 128}[i%4]
	}
	for _, f := range []Format{PNG, WebP, AVIF} {
		near(t, decoded(t, encoded(t, glass, f, Options{Quality: 95})).Image, 16, 16, color.NRGBA{200, 60, 40, 128}, 6)
	}
	near(t, decoded(t, encoded(t, glass, JPEG, Options{Quality: 95})).Image, 16, 16, color.NRGBA{227, 157, 147, 255}, 4)
}

// TestHighQualityJPEGKeepsColourEdges needs colour at full size: red stripes of one
// pixel on blue are mud otherwise.
func TestHighQualityJPEGKeepsColourEdges(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 67, 35))
	for y := range 35 {
		for x := range 67 {
			m.SetNRGBA(x, y, []color.NRGBA{red, blue}[x%2])
		}
	}
	full, half := encoded(t, m, JPEG, Options{Quality: 95}), encoded(t, m, JPEG, Options{Quality: 85})
	if e := rootMeanSquare(m, decoded(t, full).Image); e > 4 {
		t.Errorf("quality 95 is off by %.1f", e)
	}
	if e := rootMeanSquare(m, decoded(t, half).Image); e < 10 {
		t.Errorf("quality 85 is off by %.1f only: the comparison shows nothing", e)
	}
	if q := decoded(t, full).Info.JPEGQuality; q != 95 {
		t.Errorf("quality 95 is read as %d", q)
	}
}

func rootMeanSquare(a, b image.Image) float64 {
	sum, n := 0.0, 0.0
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			p, q := color.NRGBAModel.Convert(a.At(x, y)).(color.NRGBA), color.NRGBAModel.Convert(b.At(x, y)).(color.NRGBA)
			for _, d := range []int{int(p.R) - int(q.R), int(p.G) - int(q.G), int(p.B) - int(q.B)} {
				sum, n = sum+float64(d*d), n+1
			}
		}
	}
	return math.Sqrt(sum / n)
}

// TestNoMetadataSurvives writes what was read from files with an owner, a serial
// number, GPS coordinates and a thumbnail, in every format from every format.
func TestNoMetadataSurvives(t *testing.T) {
	thumbnail := jpegOf(t, image.NewGray(image.Rect(0, 0, 16, 12)), 90)
	block := exifBlock(1, thumbnail)
	sources := map[string][]byte{
		"jpeg": withSegments(jpegOf(t, scene(), 90), segment(0xe1, block), segment(0xfe, []byte(owner)), iccSegment(displayP3())),
		"png": withChunks(pngOf(t, scene()), chunk("eXIf", block[6:]), chunk("tEXt", []byte("Author\x00"+owner)),
			chunk("iCCP", append([]byte("p3\x00\x00"), deflated(displayP3())...))),
		"webp": sample(t, "tagged.webp"), "avif": sample(t, "tagged.avif"), "heic": sample(t, "tagged.heic"),
	}
	traces := []string{owner, "7341", serial, "998877", "Exif", "GPS", "http://ns.adobe.com", "ICC_PROFILE", "acsp", string(thumbnail[:20]), "iCCP", "eXIf", "EXIF", "XMP"}
	for from, source := range sources {
		if !bytes.Contains(source, []byte(owner)) {
			t.Fatalf("the %s source has no owner", from)
		}
		p := decoded(t, source)
		for _, to := range []Format{JPEG, PNG, WebP, AVIF} {
			out := encoded(t, p.Image, to, Options{Quality: 90})
			for _, trace := range traces {
				if bytes.Contains(out, []byte(trace)) {
					t.Errorf("%s to %s: %q survives", from, to, trace)
				}
			}
			if n := bytes.Count(out, []byte("\xff\xd8\xff")); n > 1 || n == 1 && to != JPEG {
				t.Errorf("%s to %s: there is a picture within", from, to)
			}
			if info, err := Probe(out, DefaultLimits()); err != nil || info.ICC || info.Orientation != 1 {
				t.Errorf("%s to %s: %+v, %v", from, to, info, err)
			}
		}
	}
}

func TestEncodeRefusesWhatAFormatCannotHold(t *testing.T) {
	long := image.NewGray(image.Rect(0, 0, 16_384, 1))
	if err := Encode(context.Background(), &bytes.Buffer{}, long, WebP, Options{}); !errors.Is(err, ErrOutputTooLong) {
		t.Errorf("WebP of 16384: %v", err)
	}
	if err := Encode(context.Background(), &bytes.Buffer{}, scene(), HEIC, Options{}); !errors.Is(err, ErrNotWritable) {
		t.Errorf("HEIC: %v", err)
	}
	if err := Encode(context.Background(), &bytes.Buffer{}, scene(), AVIF, Options{Budget: NewBudget(1000)}); !errors.Is(err, ErrOverBudget) {
		t.Errorf("AVIF over the budget: %v", err)
	}
	if err := CanEncode(AVIF, 10_000, 10_000); !errors.Is(err, ErrOutputTooLarge) {
		t.Errorf("AVIF of 100 megapixels: %v", err)
	}
	if err := DefaultLimits().Output(20_000, 10_001); !errors.Is(err, ErrOutputTooLarge) {
		t.Errorf("200.02 megapixels: %v", err)
	}
	if err := DefaultLimits().Output(20_000, 10_000); err != nil {
		t.Errorf("200 megapixels: %v", err)
	}
}

func TestEncodeStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, f := range []Format{JPEG, PNG, WebP, AVIF} {
		var b bytes.Buffer
		if err := Encode(ctx, &b, scene(), f, Options{}); !errors.Is(err, context.Canceled) || b.Len() > 0 {
			t.Errorf("%s: %v after %d bytes", f, err, b.Len())
		}
	}
}

func TestThumbnailsKeepRatioAndColour(t *testing.T) {
	big := image.NewNRGBA(image.Rect(0, 0, 1003, 501))
	for y := range 501 {
		for x := range 1003 {
			big.SetNRGBA(x, y, []color.NRGBA{{255, 255, 255, 255}, {0, 0, 0, 255}}[(x+y)%2])
		}
	}
	m := Thumbnail(big, 100)
	if m.Bounds() != image.Rect(0, 0, 100, 50) {
		t.Fatalf("bounds %v", m.Bounds())
	}
	for _, at := range []image.Point{{0, 0}, {50, 25}, {99, 49}} {
		near(t, m, at.X, at.Y, color.NRGBA{127, 127, 127, 255}, 8) // a checkerboard is grey, not black or white
	}
	if m := Thumbnail(scene(), 96); m.Bounds().Dx() != 96 {
		t.Errorf("a small picture was scaled to %v", m.Bounds())
	}
	if m := Thumbnail(image.NewGray(image.Rect(0, 0, 20_000, 3)), 200); m.Bounds() != image.Rect(0, 0, 200, 1) {
		t.Errorf("a thread became %v", m.Bounds())
	}
	half := Thumbnail(scene(), 48)
	near(t, half, 4, 4, red, 2)
}

func TestJPEGQualityIsReadFromTables(t *testing.T) {
	for _, want := range []int{1, 10, 25, 50, 60, 75, 85, 90, 95, 98, 100} {
		info, err := Probe(jpegOf(t, scene(), want), DefaultLimits())
		if err != nil || info.JPEGQuality < want-1 || info.JPEGQuality > want+1 {
			t.Errorf("quality %d is read as %d (%v)", want, info.JPEGQuality, err)
		}
	}
	flat := make([]uint16, 64)
	for i := range flat {
		flat[i] = 8
	}
	if q := EstimateJPEGQuality(flat, flat); q < 75 || q > 96 {
		t.Errorf("tables of eights are quality %d", q)
	}
	for i := range flat {
		flat[i] = 60
	}
	if q := EstimateJPEGQuality(flat, nil); q < 20 || q > 60 {
		t.Errorf("tables of sixties are quality %d", q)
	}
	if q := EstimateJPEGQuality(nil, nil); q != 0 {
		t.Errorf("no tables are quality %d", q)
	}
}
