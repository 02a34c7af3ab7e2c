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

func TestTilesOfAnySizeGiveTheSameBits(t *testing.T) {
	photo := enginetest.Photo(150, 110)
	for _, r := range []engine.Request{
		{Model: engine.Fast, Strength: 0, Image: photo},
		{Model: engine.Fast, Strength: 1, Scale: 3, Image: photo.SubImage(image.Rect(0, 0, 100, 60))},
		{Model: engine.Quality, Strength: 0, Image: photo},
		{Operation: engine.Restore, Strength: 1, Image: photo},
	} {
		var first *image.NRGBA
		for _, side := range []int{136, 160} {
			e := fresh(t, Config{})
			e.side = side
			got := render(t, e, r).(*image.NRGBA)
			if first == nil {
				first = got
			}
			if worst, _ := difference(first, got); worst != 0 {
				t.Errorf("%s %s: tiles of %d and of 136 differ by %d of 255", r.Operation, r.Model, side, worst)
			}
		}
	}
}

// TestTiledAndWholeAgree compares with the picture computed as one tile, where
// every squeeze sees all of it. Without squeezes they are the same bits; with
// them the survey comes as near as its sample of the picture allows.
func TestTiledAndWholeAgree(t *testing.T) {
	photo := dandelion(t)
	for _, c := range []struct {
		r     engine.Request
		worst int
		mean  float64
	}{
		{engine.Request{Model: engine.Fast, Strength: 0, Image: photo}, 0, 0},
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
