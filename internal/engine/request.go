package engine

// Output gives the size of the picture that r makes from one of w by h pixels.
func (r Request) Output(w, h int) (int, int) {
	if r.Operation == Upscale {
		return w * r.Scale, h * r.Scale
	}
	return w, h
}

// ModelName returns the model asked for, Quality if none was.
func (r Request) ModelName() string {
	if r.Model == "" {
		return Quality
	}
	return r.Model
}

// Check returns an [ErrInvalid] that names the first field with a value that no
// engine could work with. Engines call it first.
func (r Request) Check() error {
	switch {
	case r.Image == nil && r.Operation != Generate:
		return ErrInvalid.On("image")
	case r.Image != nil && r.Image.Bounds().Empty():
		return ErrInvalid.On("image")
	case r.Operation == Upscale && (r.Scale < 2 || r.Scale > 4):
		return ErrInvalid.On("scale")
	case r.Strength != Auto && !(r.Strength >= 0 && r.Strength <= 1):
		return ErrInvalid.On("strength")
	case r.JPEGQuality < 0 || r.JPEGQuality > 100:
		return ErrInvalid.On("jpeg_quality")
	}
	return nil
}
