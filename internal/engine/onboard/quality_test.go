package onboard

import (
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"golang.org/x/image/draw"

	"safelight/internal/engine"
	"safelight/internal/engine/enginetest"
)

func dandelion(t *testing.T) *image.NRGBA {
	t.Helper()
	f, err := os.Open("testdata/dandelion.png")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	out := image.NewNRGBA(m.Bounds())
	draw.Draw(out, out.Rect, m, image.Point{}, draw.Src)
	return out
}

func resized(m image.Image, w, h int, by draw.Scaler) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	by.Scale(out, out.Rect, m, m.Bounds(), draw.Src, nil)
	return out
}

// psnr is the peak signal-to-noise ratio of the lightness in decibels, the
// outer pixels left out.
func psnr(a, b image.Image, border int) float64 {
	sum, n := 0., 0.
	for y := border; y < a.Bounds().Dy()-border; y++ {
		for x := border; x < a.Bounds().Dx()-border; x++ {
			d := lightness(a.At(x, y)) - lightness(b.At(x, y))
			sum, n = sum+d*d, n+1
		}
	}
	return 10 * math.Log10(255*255*n/sum)
}

func lightness(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	return 16 + (65.481*float64(r)+128.553*float64(g)+24.966*float64(b))/65535
}

func TestEnlargingBeatsLanczosOnAPhotograph(t *testing.T) {
	truth := dandelion(t)
	w, h := truth.Rect.Dx(), truth.Rect.Dy()
	small := resized(truth, w/2, h/2, draw.CatmullRom)
	three := &draw.Kernel{Support: 3, At: lanczos}
	base := psnr(resized(small, w, h, three), truth, 2)
	e := fresh(t, Config{})
	for model, least := range map[string]float64{engine.Quality: 1.5, engine.Fast: 1.2} {
		got := psnr(render(t, e, engine.Request{Model: model, Strength: engine.Auto, Image: small}), truth, 2)
		t.Logf("%s: %.2f dB, Lanczos %.2f dB", model, got, base)
		if got < base+least {
			t.Errorf("%s gains only %.2f dB", model, got-base)
		}
	}
}

func TestThreeTimesIsAsSharpAsItShouldBe(t *testing.T) {
	truth := dandelion(t).SubImage(image.Rect(0, 0, 222, 222))
	small := resized(truth, 74, 74, draw.CatmullRom)
	base := psnr(resized(small, 222, 222, &draw.Kernel{Support: 3, At: lanczos}), truth, 3)
	got := psnr(render(t, fresh(t, Config{}), engine.Request{Scale: 3, Strength: engine.Auto, Image: small}), truth, 3)
	t.Logf("three times: %.2f dB, Lanczos %.2f dB", got, base)
	if got < base+0.5 {
		t.Errorf("it gains only %.2f dB", got-base)
	}
}

func TestStrengthMixesContinuously(t *testing.T) {
	e := fresh(t, Config{})
	photo := enginetest.Photo(20, 16)
	at := func(s float64) *image.NRGBA {
		return render(t, e, engine.Request{Operation: engine.Restore, Strength: s, Image: photo}).(*image.NRGBA)
	}
	if worst, _ := difference(at(0), photo); worst != 0 {
		t.Errorf("strength 0 changes the picture by %d of 255", worst)
	}
	for _, s := range []float64{1. / 3, 2. / 3} {
		below, above := at(s-0.001), at(s+0.001)
		if worst, _ := difference(below, above); worst > 1 {
			t.Errorf("around %.2f it jumps by %d of 255", s, worst)
		}
	}
}

func TestDenoisingHelpsANoisyPhotographAndSparesAClean(t *testing.T) {
	truth := dandelion(t)
	noisy := image.NewNRGBA(truth.Rect)
	r := rand.New(rand.NewPCG(3, 4))
	for i, v := range truth.Pix {
		noisy.Pix[i] = 255
		if i%4 != 3 {
			noisy.Pix[i] = uint8(max(0, min(255, math.Round(float64(v)+6*r.NormFloat64()))))
		}
	}
	e := fresh(t, Config{})
	auto := engine.Request{Operation: engine.Denoise, Strength: engine.Auto, Image: noisy}
	before, after := psnr(noisy, truth, 0), psnr(render(t, e, auto), truth, 0)
	auto.Image = truth
	clean := psnr(render(t, e, auto), truth, 0)
	t.Logf("noisy %.2f dB, denoised %.2f dB; a clean picture is kept to %.2f dB", before, after, clean)
	if after < before+2 || clean < 45 {
		t.Errorf("noisy %.2f dB, denoised %.2f dB; a clean picture is kept to %.2f dB", before, after, clean)
	}
}

func TestNoiseIsEstimated(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, sigma := range []float64{0, 5, 10, 25} {
		m := image.NewGray(image.Rect(0, 0, 200, 150))
		for i := range m.Pix {
			m.Pix[i] = uint8(math.Round(math.Max(0, math.Min(255, 120+sigma*r.NormFloat64()))))
		}
		if got := newPicture(m).noise(); math.Abs(got-sigma) > 0.1*sigma+0.3 {
			t.Errorf("noise of %v is taken for %.2f", sigma, got)
		}
	}
}

func TestNoiseLevelFollowsTheQuality(t *testing.T) {
	for _, c := range []struct {
		what string
		r    engine.Request
		want int
	}{
		{"not a JPEG", engine.Request{Strength: engine.Auto}, -1},
		{"nearly lossless", engine.Request{Strength: engine.Auto, JPEGQuality: 100}, -1},
		{"very good", engine.Request{Strength: engine.Auto, JPEGQuality: 92}, 0},
		{"usual", engine.Request{Strength: engine.Auto, JPEGQuality: 75}, 1},
		{"usual, fast", engine.Request{Strength: engine.Auto, JPEGQuality: 75, Model: engine.Fast}, 0},
		{"poor", engine.Request{Strength: engine.Auto, JPEGQuality: 50}, 2},
		{"poor, fast", engine.Request{Strength: engine.Auto, JPEGQuality: 50, Model: engine.Fast}, 3},
		{"ruined", engine.Request{Strength: engine.Auto, JPEGQuality: 5}, 3},
		{"none wanted", engine.Request{Strength: 0, JPEGQuality: 5}, -1},
		{"half strength", engine.Request{Strength: 0.5, JPEGQuality: 100}, 1},
		{"all of it", engine.Request{Strength: 1}, 3},
	} {
		if got := noiseLevel(c.r); got != c.want {
			t.Errorf("%s: level %d, want %d", c.what, got, c.want)
		}
	}
}
