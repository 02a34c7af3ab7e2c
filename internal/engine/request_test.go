package engine_test

import (
	"errors"
	"image"
	"math"
	"testing"

	"pgregory.net/rapid"

	"safelight/internal/engine"
	"safelight/internal/fault"
)

func TestOutputIsPure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 20000).Draw(t, "w"), rapid.IntRange(1, 20000).Draw(t, "h")
		s := rapid.IntRange(2, 4).Draw(t, "scale")
		gw, gh := engine.Request{Operation: engine.Upscale, Scale: s}.Output(w, h)
		if gw != w*s || gh != h*s {
			t.Fatalf("upscale %d of %dx%d promised %dx%d", s, w, h, gw, gh)
		}
		for _, op := range []engine.Operation{engine.Denoise, engine.Restore, engine.Portrait, engine.Generate} {
			if gw, gh := (engine.Request{Operation: op, Scale: s}).Output(w, h); gw != w || gh != h {
				t.Fatalf("%s of %dx%d promised %dx%d", op, w, h, gw, gh)
			}
		}
	})
}

func TestCheckNamesTheField(t *testing.T) {
	pic := image.NewGray(image.Rect(0, 0, 2, 2))
	for _, c := range []struct {
		what  string
		r     engine.Request
		field string
	}{
		{"a sound request passes", engine.Request{Operation: engine.Upscale, Scale: 2, Strength: engine.Auto, Image: pic}, ""},
		{"words need no picture", engine.Request{Operation: engine.Generate}, ""},
		{"no picture", engine.Request{Operation: engine.Denoise}, "image"},
		{"an empty picture", engine.Request{Operation: engine.Denoise, Image: image.NewGray(image.Rect(0, 0, 0, 5))}, "image"},
		{"upscaling by one", engine.Request{Operation: engine.Upscale, Scale: 1, Image: pic}, "scale"},
		{"upscaling by five", engine.Request{Operation: engine.Upscale, Scale: 5, Image: pic}, "scale"},
		{"too strong", engine.Request{Operation: engine.Restore, Strength: 1.5, Image: pic}, "strength"},
		{"not a number", engine.Request{Operation: engine.Restore, Strength: math.NaN(), Image: pic}, "strength"},
		{"an impossible quality", engine.Request{Operation: engine.Restore, JPEGQuality: 101, Image: pic}, "jpeg_quality"},
	} {
		t.Run(c.what, func(t *testing.T) {
			err := c.r.Check()
			if c.field == "" && err == nil {
				return
			}
			if !errors.Is(err, engine.ErrInvalid) || fault.Of(err).Field != c.field {
				t.Errorf("got %v, want the field %q", err, c.field)
			}
		})
	}
}
