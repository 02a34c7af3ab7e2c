package lab

import (
	"context"
	"errors"
	"time"

	"safelight/internal/account"
	"safelight/internal/catalog"
	"safelight/internal/db"
	"safelight/internal/engine"
	"safelight/internal/fault"
	"safelight/internal/picture"
)

// Quote says what a wish for an image of who's costs now and gives. What is not
// possible is an error that blames the field.
func (l *Lab) Quote(ctx context.Context, tx *db.Tx, who account.ID, id ImageID, w Wish) (Quote, error) {
	i, err := findImage(ctx, tx, who, id, tx.Now())
	if err != nil {
		return Quote{}, err
	}
	return l.quote(i, w, tx.Now())
}

// quote is pure but for what the engines say of themselves.
func (l *Lab) quote(i Image, w Wish, now time.Time) (Quote, error) {
	offer, err := l.offer(w.Engine)
	if err != nil {
		return Quote{}, err
	}
	q := Quote{Operation: w.Operation, Engine: offer.Engine.Name(), Remote: offer.Remote, TermsURL: offer.TermsURL}
	if !offer.Engine.Supports(w.Operation) {
		return Quote{}, catalog.ErrNotOffered.On("operation")
	}
	if q.Model, err = w.model(l.Catalog.Models(string(w.Operation), now)); err != nil {
		return Quote{}, err
	}
	if q.Scale, err = w.scale(); err != nil {
		return Quote{}, err
	}
	if q.Strength, err = w.strength(); err != nil {
		return Quote{}, err
	}
	if q.Format, err = w.format(i.Format); err != nil {
		return Quote{}, err
	}
	q.Width, q.Height = engine.Request{Operation: w.Operation, Scale: q.Scale}.Output(i.Width, i.Height)
	if err := l.fits(q); err != nil {
		return Quote{}, err
	}
	q.Cost, err = l.Catalog.Cost(string(w.Operation), q.Model, q.Pixels(), now)
	return q, err
}

// fits refuses a result that is larger than the shop makes or the format holds.
func (l *Lab) fits(q Quote) error {
	if err := l.limits.Output(q.Width, q.Height); err != nil {
		return blame(err, "scale")
	}
	return blame(picture.CanEncode(q.Format, q.Width, q.Height), "format")
}

// blame names the field in a fault.
func blame(err error, field string) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.On(field)
	}
	return err
}

// offer finds an engine by name; the first for none.
func (l *Lab) offer(name string) (Offer, error) {
	if name == "" {
		return l.Engines[0], nil
	}
	for _, o := range l.Engines {
		if o.Engine.Name() == name {
			return o, nil
		}
	}
	return Offer{}, ErrEngine.On("engine")
}

// Choices are what can be asked for, for a page to offer.
type Choices struct {
	Operations []engine.Operation
	Models     map[engine.Operation][]string // the cheapest first
	Scales     []int                         // of an upscale
	Formats    []picture.Format
	Engines    []string // the first is taken unless another is asked for
}

// Choices gives what the shop offers now.
func (l *Lab) Choices(now time.Time) Choices {
	c := Choices{Models: map[engine.Operation][]string{}, Scales: []int{2, 3, 4},
		Formats: []picture.Format{picture.JPEG, picture.PNG, picture.WebP, picture.AVIF}}
	for _, o := range l.Engines {
		c.Engines = append(c.Engines, o.Engine.Name())
	}
	for _, op := range []engine.Operation{engine.Upscale, engine.Denoise, engine.Restore, engine.Portrait, engine.Generate} {
		models := l.Catalog.Models(string(op), now)
		if len(models) > 0 && l.Engines[0].Engine.Supports(op) {
			c.Operations = append(c.Operations, op)
			c.Models[op] = models
		}
	}
	return c
}
