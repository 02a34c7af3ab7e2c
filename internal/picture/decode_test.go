package picture

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"testing"
)

func TestEveryFormatIsReadUprightAndTrue(t *testing.T) {
	type want struct {
		w, h        int
		kind        string
		orientation int
		tl, tr      color.NRGBA
		alpha, grey bool
		bits        int
	}
	upright := want{96, 64, "rgb", 1, red, green, false, false, 8}
	files := map[string]struct {
		data []byte
		want want
	}{
		"png":                {pngOf(t, scene()), upright},
		"jpeg":               {jpegOf(t, scene(), 95), upright},
		"progressive jpeg":   {sample(t, "progressive.jpg"), upright},
		"lossy webp":         {sample(t, "lossy.webp"), upright},
		"lossless webp":      {sample(t, "lossless.webp"), upright},
		"turned webp":        {sample(t, "turned.webp"), want{64, 96, "rgb", 8, green, white, false, false, 8}},
		"avif":               {sample(t, "plain.avif"), upright},
		"turned avif":        {sample(t, "rot.avif"), want{64, 96, "rgb", 8, green, white, false, false, 8}},
		"heic":               {sample(t, "plain.heic"), upright},
		"lossless heic":      {sample(t, "lossless.heic"), upright},
		"tiled heic":         {gridOf(t, "plain.heic", "heic", "hvc1", 2, 2, 192, 128), want{192, 128, "rgb", 1, red, green, false, false, 8}},
		"tiled heic, ragged": {gridOf(t, "plain.heic", "heic", "hvc1", 2, 1, 180, 64), want{180, 64, "rgb", 1, red, green, false, false, 8}},
	}
	for name, f := range files {
		t.Run(name, func(t *testing.T) {
			p := decoded(t, f.data)
			if b := p.Image.Bounds(); b != image.Rect(0, 0, f.want.w, f.want.h) || p.Info.Width != f.want.w || p.Info.Height != f.want.h {
				t.Fatalf("size %v, info %d×%d", b, p.Info.Width, p.Info.Height)
			}
			if p.Info.Orientation != f.want.orientation || p.Info.Bits != f.want.bits || p.Info.Alpha != f.want.alpha {
				t.Errorf("info %+v", p.Info)
			}
			near(t, p.Image, 4, 4, f.want.tl, 5)
			near(t, p.Image, f.want.w-5, 4, f.want.tr, 5)
		})
	}
}

func TestATurnedHEICIsTurnedOnce(t *testing.T) {
	data, config := codedIn(t, "plain.heic")
	for angle, corner := range []color.NRGBA{red, green, white, blue} {
		irot := mkbox("irot", []byte{byte(angle)})
		file := heifOf("heic", heifItemOf{kind: "hvc1", data: data, props: [][]byte{config, ispe(96, 64), irot}})
		p := decoded(t, file)
		if (p.Info.Width == 64) != (angle%2 == 1) {
			t.Errorf("turned by %d quarters it is %d wide", angle, p.Info.Width)
		}
		near(t, p.Image, 4, 4, corner, 5)
	}
}

func TestAllEightOrientationsShowTheSamePicture(t *testing.T) {
	straightUp := scene()
	for orientation := 1; orientation <= 8; orientation++ {
		stored := planeOf(straightUp).turned(inverse(orientation)).image(straightUp)
		block := exifBlock(orientation, nil)
		for name, file := range map[string][]byte{
			"jpeg": withSegments(jpegOf(t, stored, 95), segment(0xe1, block)),
			"png":  withChunks(pngOf(t, stored), chunk("eXIf", block[6:])),
		} {
			p := decoded(t, file)
			if p.Info.Orientation != orientation || p.Info.Width != 96 || p.Info.Height != 64 {
				t.Errorf("%s: %+v", name, p.Info)
			}
			for _, corner := range []struct {
				x, y int
				c    color.NRGBA
			}{{4, 4, red}, {91, 4, green}, {4, 59, blue}, {91, 59, white}} {
				near(t, p.Image, corner.x, corner.y, corner.c, 5)
			}
		}
	}
}

// inverse is the orientation that undoes another: 6 and 8 change places.
func inverse(o int) int { return [9]int{0, 1, 2, 3, 4, 5, 8, 7, 6}[o] }

func TestMirroredAVIFAgreesWithEXIF(t *testing.T) {
	p := decoded(t, sample(t, "mir.avif")) // a quarter to the right, then left and right change places
	if p.Info.Orientation != 5 || p.Info.Width != 64 {
		t.Fatalf("%+v", p.Info)
	}
	near(t, p.Image, 4, 4, red, 5)
	near(t, p.Image, 59, 4, blue, 5)
}

func TestACroppedAVIFShowsItsAperture(t *testing.T) {
	p := decoded(t, sample(t, "crop.avif")) // 64 by 48 from 8,8
	if p.Info.Width != 64 || p.Info.Height != 48 {
		t.Fatalf("%+v", p.Info)
	}
	near(t, p.Image, 4, 4, red, 5)
	whole := decoded(t, sample(t, "plain.avif")).Image
	near(t, p.Image, 20, 12, color.NRGBAModel.Convert(whole.At(28, 20)).(color.NRGBA), 6)
}

func TestDepthAndGreyAreKept(t *testing.T) {
	deep := image.NewNRGBA64(image.Rect(0, 0, 9, 5))
	deep.SetNRGBA64(3, 2, color.NRGBA64{1000, 20001, 65535, 30000})
	grey16 := image.NewGray16(image.Rect(0, 0, 9, 5))
	grey16.SetGray16(3, 2, color.Gray16{12345})
	grey := image.NewGray(image.Rect(0, 0, 9, 5))
	grey.SetGray(3, 2, color.Gray{77})

	if m, ok := decoded(t, pngOf(t, deep)).Image.(*image.NRGBA64); !ok || m.NRGBA64At(3, 2) != deep.NRGBA64At(3, 2) {
		t.Error("16-bit colour is not kept")
	}
	if m, ok := decoded(t, pngOf(t, grey16)).Image.(*image.Gray16); !ok || m.Gray16At(3, 2).Y != 12345 {
		t.Error("16-bit grey is not kept")
	}
	if m, ok := decoded(t, pngOf(t, grey)).Image.(*image.Gray); !ok || m.GrayAt(3, 2).Y != 77 {
		t.Error("8-bit grey is not kept")
	}
	for _, file := range [][]byte{jpegOf(t, grey, 95), sample(t, "grey.avif"), sample(t, "grey.heic")} {
		p := decoded(t, file)
		if _, ok := p.Image.(*image.Gray); !ok || !p.Info.Grey {
			t.Errorf("%s: grey became %T", p.Info.Format, p.Image)
		}
	}
	if p := decoded(t, sample(t, "deep.avif")); p.Info.Bits != 10 {
		t.Errorf("a 10-bit AVIF has %d bits", p.Info.Bits)
	} else if _, ok := p.Image.(*image.NRGBA64); !ok {
		t.Errorf("a 10-bit AVIF became %T", p.Image)
	}
}

func TestTransparencyIsKept(t *testing.T) {
	for _, name := range []string{"alpha.webp", "alpha.avif", "alpha.heic"} {
		p := decoded(t, sample(t, name))
		near(t, p.Image, 4, 4, color.NRGBA{200, 60, 40, 67}, 8)
		if !p.Info.Alpha {
			t.Errorf("%s is called opaque", name)
		}
	}
	see := image.NewPaletted(image.Rect(0, 0, 4, 4), color.Palette{color.NRGBA{10, 200, 30, 128}, color.NRGBA{1, 2, 3, 255}})
	near(t, decoded(t, pngOf(t, see)).Image, 1, 1, color.NRGBA{10, 200, 30, 128}, 1)
}

func TestHEICKeepsItsColours(t *testing.T) {
	p := decoded(t, sample(t, "plain.heic"))
	for _, corner := range []struct {
		x, y int
		c    color.NRGBA
	}{{0, 0, red}, {95, 0, green}, {0, 63, blue}, {95, 63, white}} {
		near(t, p.Image, corner.x, corner.y, corner.c, 5)
	}
}

func TestProfilesBecomeSRGB(t *testing.T) {
	flat := image.NewNRGBA(image.Rect(0, 0, 16, 16))
	for i := range flat.Pix {
		flat.Pix[i] = []byte{200, 60, 40, 255}[i%4]
	}
	iccp := func(profile []byte) []byte {
		return withChunks(pngOf(t, flat), chunk("iCCP", append([]byte("p\x00\x00"), deflated(profile)...)))
	}
	// By the definitions of the colour spaces.
	p3, adobe := color.NRGBA{218, 42, 23, 255}, color.NRGBA{231, 57, 34, 255}
	near(t, decoded(t, iccp(displayP3())).Image, 8, 8, p3, 1)
	near(t, decoded(t, withSegments(jpegOf(t, flat, 98), iccSegment(displayP3()))).Image, 8, 8, p3, 5)
	near(t, decoded(t, iccp(adobeRGB())).Image, 8, 8, adobe, 1)
	near(t, decoded(t, sample(t, "p3.avif")).Image, 4, 4, p3, 6)
	near(t, decoded(t, sample(t, "p3.heic")).Image, 4, 4, p3, 8)
	near(t, decoded(t, sample(t, "p3.webp")).Image, 4, 4, p3, 6)
	near(t, decoded(t, iccp([]byte("no profile at all"))).Image, 8, 8, red, 0)
	near(t, decoded(t, iccp(bytes.Repeat([]byte{0xff}, 4000))).Image, 8, 8, red, 0)
}

// TestBothWaysOfConvertingAgree compares the exact way with the library's own
// transform, and the lattice with that where the eye could tell.
func TestBothWaysOfConvertingAgree(t *testing.T) {
	for name, profile := range map[string][]byte{"P3": displayP3(), "Adobe": adobeRGB()} {
		tr, err := transformer(profile, 3)
		if err != nil {
			t.Fatal(err)
		}
		c, err := newCube(tr)
		if err != nil {
			t.Fatal(err)
		}
		exact, err := newShaper(profile, 4)
		if err != nil {
			t.Fatal(err)
		}
		var worstExact, worstCube float64
		for i := range 20_000 {
			pixel := []byte{byte(i * 37), byte(i * 91), byte(i * 173), 255}
			r, g, b := float64(pixel[0])/255, float64(pixel[1])/255, float64(pixel[2])/255
			x, y, z := tr.Transform(r, g, b)
			v := c.look(float32(r), float32(g), float32(b))
			exact.row(pixel)
			for k, want := range []float64{x, y, z} {
				want = 255 * min(max(want, 0), 1)
				worstExact = max(worstExact, abs(float64(pixel[k])-want))
				worstCube = max(worstCube, abs(255*float64(v[k])-want))
			}
		}
		t.Logf("%s: exact %.2f, lattice %.2f of 255", name, worstExact, worstCube)
		if worstExact > 1 || worstCube > 6 {
			t.Errorf("%s: exact %.2f, lattice %.2f of 255", name, worstExact, worstCube)
		}
	}
}

func abs(v float64) float64 { return max(v, -v) }

func TestAnSRGBProfileChangesNothing(t *testing.T) {
	srgb := profileOf("RGB ", "XYZ ", "mntr", map[string][]byte{
		"rXYZ": xyz(0.43607, 0.22249, 0.01392), "gXYZ": xyz(0.38515, 0.71687, 0.09708), "bXYZ": xyz(0.14307, 0.06061, 0.71410),
		"rTRC": srgbCurve(), "gTRC": srgbCurve(), "bTRC": srgbCurve(), "wtpt": xyz(0.9642, 1, 0.8249),
	})
	m := scene()
	file := withChunks(pngOf(t, m), chunk("iCCP", append([]byte("p\x00\x00"), deflated(srgb)...)))
	if !bytes.Equal(decoded(t, file).Image.(*image.NRGBA).Pix, m.Pix) {
		t.Error("pixels changed")
	}
}

func TestGreyProfilesBecomeSRGB(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 4, 4))
	for i := range grey.Pix {
		grey.Pix[i] = 128
	}
	file := withChunks(pngOf(t, grey), chunk("iCCP", append([]byte("g\x00\x00"), deflated(greyGamma(1))...)))
	if m := decoded(t, file).Image.(*image.Gray); m.GrayAt(1, 1).Y != 188 { // half the light
		t.Errorf("linear grey 128 became %d", m.GrayAt(1, 1).Y)
	}
	grey16 := image.NewGray16(image.Rect(0, 0, 4, 4))
	grey16.SetGray16(1, 1, color.Gray16{32896})
	file = withChunks(pngOf(t, grey16), chunk("iCCP", append([]byte("g\x00\x00"), deflated(greyGamma(1))...)))
	if v := decoded(t, file).Image.(*image.Gray16).Gray16At(1, 1).Y >> 8; v != 188 {
		t.Errorf("linear 16-bit grey became %d", v)
	}
}

func TestCMYKBecomesSRGB(t *testing.T) {
	inks := image.NewCMYK(image.Rect(0, 0, 8, 8))
	for i := range inks.Pix {
		inks.Pix[i] = []byte{0, 0, 0, 255}[i%4]
	}
	plain, err := cmykToSRGB(context.Background(), inks, nil)
	if err != nil {
		t.Fatal(err)
	}
	near(t, plain, 1, 1, color.NRGBA{0, 0, 0, 255}, 0)
	byProfile, err := cmykToSRGB(context.Background(), inks, readableProfile(plainCMYK()))
	if err != nil {
		t.Fatal(err)
	}
	near(t, byProfile, 1, 1, color.NRGBA{8, 8, 8, 255}, 30) // black ink is a dark grey, without a tint
	if c := byProfile.(*image.NRGBA).NRGBAAt(1, 1); c.R != c.G && c.G != c.B {
		t.Errorf("black ink got a tint: %v", c)
	}
	p := decoded(t, sample(t, "cmyk.jpg"))
	if c := p.Image.(*image.NRGBA).NRGBAAt(4, 4); c.R < 150 || c.G > 110 || c.B > 110 {
		t.Errorf("the red corner of a CMYK photo became %v", c)
	}
}

func TestDecodedSizeIsTheProbedSize(t *testing.T) {
	lie := scene()
	info, err := Probe(pngOf(t, lie), DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	info.stored.width++
	if err := sameSize(lie, info); !errors.Is(err, ErrDamaged) {
		t.Errorf("another size passes: %v", err)
	}
}

func TestADecoderThatPanicsRefusesItsFileAlone(t *testing.T) {
	b := NewBudget(100)
	if _, err := b.Acquire(context.Background(), Info{working: 100}); err == nil {
		t.Fatal("an estimate below the least is taken for itself")
	}
	b = NewBudget(1 << 20)
	share, err := b.Acquire(context.Background(), Info{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = apart(context.Background(), share, func() (*Picture, error) { panic("the decoder fell over") })
	if !errors.Is(err, ErrDamaged) {
		t.Errorf("a panic became %v", err)
	}
	if _, err := b.Acquire(context.Background(), Info{}); err != nil {
		t.Errorf("its share was not returned: %v", err)
	}
}

func TestBudgetIsSharedAndReturned(t *testing.T) {
	file := pngOf(t, scene())
	b := NewBudget(1 << 20) // one picture at a time
	first, err := Decode(context.Background(), file, DefaultLimits(), b)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Decode(ctx, file, DefaultLimits(), b); !errors.Is(err, context.Canceled) {
		t.Errorf("a second picture did not wait: %v", err)
	}
	first.Release()
	first.Release()
	second, err := Decode(context.Background(), file, DefaultLimits(), b)
	if err != nil {
		t.Fatal(err)
	}
	second.Release()
	if _, err := NewBudget(1<<19).Acquire(ctx, Info{working: 1 << 30}); !errors.Is(err, ErrOverBudget) {
		t.Errorf("a picture over the whole budget: %v", err)
	}
}

func TestCancelledDecodeKeepsItsShare(t *testing.T) {
	b := NewBudget(1 << 20)
	share, err := b.Acquire(context.Background(), Info{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	running, finish := make(chan struct{}), make(chan struct{})
	go func() {
		<-running
		cancel()
	}()
	_, err = apart(ctx, share, func() (*Picture, error) {
		close(running)
		<-finish
		return &Picture{share: share}, nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled decode: %v", err)
	}
	if b.free.TryAcquire(1) {
		t.Error("the share went back while the decoder ran")
	}
	close(finish)
	if _, err := b.Acquire(context.Background(), Info{}); err != nil {
		t.Errorf("the share did not come back: %v", err)
	}
}

func TestCodecsStaySandboxed(t *testing.T) {
	if avifDynamic || webpDynamic {
		t.Error("a codec would call a library of the system")
	}
}

func TestQuarterChromaIsSmooth(t *testing.T) {
	ramp := image.NewYCbCr(image.Rect(0, 0, 64, 8), image.YCbCrSubsampleRatio420)
	for i := range ramp.Y {
		ramp.Y[i] = 128
	}
	for i := range ramp.Cr {
		ramp.Cb[i], ramp.Cr[i] = 128, byte(100+i%32*2)
	}
	m := rgbFrom(ramp, yuvFull601)
	for x := 2; x < 62; x++ {
		if step := int(m.Pix[4*x+4]) - int(m.Pix[4*x]); step < 0 || step > 3 {
			t.Fatalf("a step of %d at %d", step, x)
		}
	}
}
