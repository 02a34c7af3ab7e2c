package onboard

import "safelight/internal/engine"

// recipe decides which networks make the picture that r asks for, and names
// them.
func (e *Engine) recipe(r engine.Request, p picture) ([]pass, string, error) {
	if r.Operation == engine.Upscale {
		return e.upscale(r)
	}
	s := r.Strength
	if s == engine.Auto {
		s = e.autoStrength(r, p)
	}
	return e.clean(s)
}

// upscale enlarges by two as often as is needed. The first time removes noise.
func (e *Engine) upscale(r engine.Request) ([]pass, string, error) {
	base := qualityX2
	if r.ModelName() == engine.Fast {
		base = fastX2
	}
	first := base
	if l := noiseLevel(r); l >= 0 {
		first = noisy(base, l)
	}
	names := []string{first, base}
	if r.Scale == 2 {
		names = names[:1]
	}
	alpha, err := e.library.net(fastX2)
	if err != nil {
		return nil, "", err
	}
	var passes []pass
	for _, name := range names {
		n, err := e.library.net(name)
		if err != nil {
			return nil, "", err
		}
		passes = append(passes, pass{parts: []part{{net: n, weight: 1}}, alpha: alpha})
	}
	passes[len(passes)-1].reduce = r.Scale == 3
	return passes, first, nil
}

// noiseLevel is the level of noise that enlarging removes, -1 for none.
func noiseLevel(r engine.Request) int {
	if r.Strength != engine.Auto {
		return int(r.Strength*4+0.5) - 1
	}
	switch q := r.JPEGQuality; {
	case q == 0 || q >= 95:
		return -1
	case q >= 85:
		return 0
	case q >= 60:
		return 1
	case q >= 40:
		return 2
	}
	return 3
}

// clean mixes the picture and the networks for noise levels 1 to 3: a strength
// of 0, 1/3, 2/3 or 1 is exactly one of them, anything between is a mix of two.
func (e *Engine) clean(strength float64) ([]pass, string, error) {
	low := min(int(strength*3), 2)
	high := float32(strength*3) - float32(low)
	s, model := pass{}, "none"
	for i, w := range []float32{1 - high, high} {
		switch level := low + i; {
		case level == 0:
			s.keep = w
		case w > 0:
			n, err := e.library.net(noisy(qualityX1, level))
			if err != nil {
				return nil, "", err
			}
			s.parts, model = append(s.parts, part{net: n, weight: w}), n.name
		}
	}
	return []pass{s}, model, nil
}

func (e *Engine) autoStrength(r engine.Request, p picture) float64 {
	switch q := r.JPEGQuality; {
	case r.Operation == engine.Denoise:
		return 1
	case q == 0 || q >= 70:
		return 1. / 3
	case q >= 40:
		return 2. / 3
	}
	return 1
}
