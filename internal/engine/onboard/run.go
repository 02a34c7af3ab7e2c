package onboard

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
)

// A crew is the goroutines that work on one tile together.
type crew struct {
	ctx     context.Context
	threads int
}

// share runs do for 0 to n-1, each once, on all threads. It stops early, with
// the context's error, when the context ends.
func (c crew) share(n int, do func(i int)) error {
	var next atomic.Int64
	work := func() {
		for c.ctx.Err() == nil {
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			do(i)
		}
	}
	var others sync.WaitGroup
	for range min(c.threads, n) - 1 {
		others.Go(work)
	}
	work()
	others.Wait()
	return c.ctx.Err()
}

// bands cuts n rows into bands and shares them.
func (c crew) bands(n int, do func(y0, y1 int)) error {
	high := max(1, min(8, n/(4*c.threads)))
	return c.share((n+high-1)/high, func(i int) { do(i*high, min(n, (i+1)*high)) })
}

// steps runs the steps from to to-1 of a network on the values in the slab.
// factors has the factors of each squeeze by its index; where it has none, they
// are computed from the tile itself.
func (c crew) steps(n *net, p *plan, slab []float32, from, to int, factors [][]float32) error {
	for _, s := range n.steps[from:to] {
		if err := c.step(s, p, slab, factors); err != nil {
			return err
		}
	}
	return nil
}

func (c crew) step(s step, p *plan, slab []float32, factors [][]float32) error {
	x, y := p.value(s.x, slab), p.value(s.y, slab)
	switch {
	case len(s.convs) > 0:
		for i := range s.convs {
			if err := c.convolve(&s.convs[i], y, x); err != nil {
				return err
			}
		}
		return nil
	case s.squeeze != nil:
		if s.squeeze.index < len(factors) {
			return c.scale(x, factors[s.squeeze.index])
		}
		m, err := c.sum(x)
		if err != nil {
			return err
		}
		return c.scale(x, s.squeeze.factors(m, x.h*x.w))
	}
	return c.add(x, p.value(s.z, slab), s.crop)
}

// sum adds up every channel. The order of the additions does not depend on the
// number of threads.
func (c crew) sum(x field) ([]float64, error) {
	rows := make([]float64, x.h*x.c)
	err := c.share(x.h, func(r int) {
		total, d := rows[r*x.c:(r+1)*x.c], x.row(r)
		for at := 0; at < len(d); at += x.c {
			for ch, v := range d[at : at+x.c] {
				total[ch] += float64(v)
			}
		}
	})
	for r := 1; r < x.h; r++ {
		for ch := range x.c {
			rows[ch] += rows[r*x.c+ch]
		}
	}
	return rows[:x.c], err
}

// factors turns the sums over n pixels into the channels' factors.
func (q *squeeze) factors(sums []float64, n int) []float32 {
	channels, hidden := len(q.b2), len(q.b1)
	h := make([]float32, hidden)
	for j := range h {
		v := q.b1[j]
		for i := range channels {
			v += q.fc1[j*channels+i] * float32(sums[i]/float64(n))
		}
		h[j] = max(v, 0)
	}
	out := make([]float32, len(sums))
	for i := range channels {
		v := q.b2[i]
		for j := range h {
			v += q.fc2[i*hidden+j] * h[j]
		}
		out[i] = float32(1 / (1 + math.Exp(-float64(v))))
	}
	return out
}

// scale multiplies every channel by its factor.
func (c crew) scale(x field, by []float32) error {
	return c.bands(x.h, func(y0, y1 int) {
		d := x.d[y0*x.w*x.c : y1*x.w*x.c]
		for at := 0; at < len(d); at += x.c {
			px := d[at : at+x.c]
			for ch, f := range by[:len(px)] {
				px[ch] *= f
			}
		}
	})
}

// add adds z, less crop pixels on every side, to x. Channels that only one of
// them has are left alone.
func (c crew) add(x, z field, crop int) error {
	n := min(x.c, z.c)
	return c.bands(x.h, func(y0, y1 int) {
		for r := y0; r < y1; r++ {
			to, from := x.row(r), z.row(r + crop)[crop*z.c:]
			if x.c == z.c {
				for i, v := range from[:len(to)] {
					to[i] += v
				}
				continue
			}
			for px := range x.w {
				for ch, v := range from[px*z.c : px*z.c+n] {
					to[px*x.c+ch] += v
				}
			}
		}
	})
}
