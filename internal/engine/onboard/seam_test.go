package onboard

import (
	"image"
	"testing"

	"safelight/internal/engine"
	"safelight/internal/engine/enginetest"
)

// render runs r, automatic and twofold unless it says otherwise.
func render(t *testing.T, e *Engine, r engine.Request) image.Image {
	t.Helper()
	if r.Operation == "" {
		r.Operation = engine.Upscale
	}
	if r.Scale == 0 {
		r.Scale = 2
	}
	got, err := e.Render(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return got.Image
}

// difference gives the largest and the mean difference of two pictures' bytes.
func difference(a, b *image.NRGBA) (worst int, mean float64) {
	for i, p := range a.Pix {
		d := int(max(p, b.Pix[i])) - int(min(p, b.Pix[i]))
		worst, mean = max(worst, d), mean+float64(d)
	}
	return worst, mean / float64(len(a.Pix))
}

// deepPhoto is a photograph whose sixteen bits are all in use.
func deepPhoto(w, h int) image.Image {
	from, to := enginetest.Photo(w, h), image.NewNRGBA64(image.Rect(0, 0, w, h))
	for i := range to.Pix {
		to.Pix[i] = from.Pix[i/2]
	}
	return to
}

// TestTileSizesDifferByRoundingAlone compares sixteen bits a channel, which show
// what eight hide.
func TestTileSizesDifferByRoundingAlone(t *testing.T) {
	photo := deepPhoto(150, 110)
	for _, r := range []engine.Request{
		{Model: engine.Fast, Strength: 0, Image: photo},
		{Model: engine.Fast, Strength: 1, Scale: 3, Image: deepPhoto(100, 60)},
		{Model: engine.Quality, Strength: 0, Image: photo},
		{Operation: engine.Restore, Strength: 1, Image: photo},
	} {
		var first *image.NRGBA64
		for _, side := range []int{136, 144, 160} {
			e := fresh(t, Config{})
			e.side = side
			got := render(t, e, r).(*image.NRGBA64)
			if first == nil {
				first = got
			}
			worst, share := deepDifference(first, got)
			t.Logf("%s %s, tiles of %d and of 136: worst %d of 65535, %.4f of all differ", r.Operation, r.Model, side, worst, share)
			if worst > 1 {
				t.Errorf("%s %s: tiles of %d and of 136 differ by %d of 65535", r.Operation, r.Model, side, worst)
			}
		}
	}
}

// deepDifference gives the largest difference and the share that differs.
func deepDifference(a, b *image.NRGBA64) (worst int, share float64) {
	n := 0
	for i := 0; i < len(a.Pix); i += 2 {
		d := int(a.Pix[i])<<8 + int(a.Pix[i+1]) - int(b.Pix[i])<<8 - int(b.Pix[i+1])
		worst = max(worst, d, -d)
		if d != 0 {
			n++
		}
	}
	return worst, float64(n) / float64(len(a.Pix)/2)
}

// TestTiledAndWholeAgree compares with the picture computed as one tile, where
// every squeeze sees all of it. Without squeezes they differ by rounding; with
// them the survey comes as near as its sample of the picture allows.
func TestTiledAndWholeAgree(t *testing.T) {
	photo := dandelion(t)
	for _, c := range []struct {
		r     engine.Request
		worst int
		mean  float64
	}{
		{engine.Request{Model: engine.Fast, Strength: 0, Image: photo}, 1, 1e-4},
		{engine.Request{Model: engine.Quality, Strength: 0, Image: photo}, 1, 0.05},
		{engine.Request{Operation: engine.Restore, Strength: 1, Image: photo}, 1, 0.05},
	} {
		tiled, whole := fresh(t, Config{}), fresh(t, Config{MemoryMB: 1000})
		tiled.side, whole.side = 136, 400
		worst, mean := difference(render(t, tiled, c.r).(*image.NRGBA), render(t, whole, c.r).(*image.NRGBA))
		t.Logf("%s %s: worst %d, mean %.4f of 255", c.r.Operation, c.r.Model, worst, mean)
		if worst > c.worst || mean > c.mean {
			t.Errorf("%s %s: worst %d, mean %.4f of 255", c.r.Operation, c.r.Model, worst, mean)
		}
	}
}
