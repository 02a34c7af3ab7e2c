package paymenttest

import (
	"context"
	"sync/atomic"

	"safelight/internal/payment"
)

// Bent is a processor whose facts are bent before anybody sees them.
type Bent struct {
	payment.Processor
	Bend func(*payment.Facts)
}

// Facts returns the processor's facts, bent.
func (b Bent) Facts(ctx context.Context, ref string) (payment.Facts, error) {
	f, err := b.Processor.Facts(ctx, ref)
	if err == nil {
		b.Bend(&f)
	}
	return f, err
}

// Deaf is a processor that does not answer while it is told so.
type Deaf struct {
	payment.Processor
	Silent atomic.Bool
}

// Open opens a page unless the processor is silent. A silent one may have
// opened it nevertheless: it did, and the answer is lost.
func (d *Deaf) Open(ctx context.Context, c payment.Checkout) (payment.Page, error) {
	p, err := d.Processor.Open(ctx, c)
	if d.Silent.Load() {
		return payment.Page{}, payment.ErrUnavailable
	}
	return p, err
}

// Facts fetches facts unless the processor is silent.
func (d *Deaf) Facts(ctx context.Context, ref string) (payment.Facts, error) {
	if d.Silent.Load() {
		return payment.Facts{}, payment.ErrUnavailable
	}
	return d.Processor.Facts(ctx, ref)
}
