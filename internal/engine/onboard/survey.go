package onboard

import (
	"context"
	"image"
)

// The quality network weighs its channels by their mean over the whole picture.
// Tiles that each took their own mean would differ where they meet, so a picture
// of several tiles is surveyed first: patches spread over it give the means, and
// every tile uses the same. A picture of one tile is computed as a whole.

const (
	patchSide   = 96 // of a patch without its context, in input pixels
	patchRows   = 4  // patches in each direction, at most
	patchBeyond = 8  // by how much they reach over the edges
)

// patches spreads squares evenly over the picture and a little beyond, since the
// network's context, which repeats the edges, counts in its means.
func patches(w, h int) []image.Rectangle {
	down, across := spread(h), spread(w)
	var list []image.Rectangle
	for _, y := range down {
		for _, x := range across {
			list = append(list, image.Rect(x, y, x+patchSide, y+patchSide))
		}
	}
	return list
}

// spread gives the starts of the patches along a length, each in the middle of
// its share, on multiples of four.
func spread(length int) []int {
	length += 2 * patchBeyond
	n := min(patchRows, (length+patchSide-1)/patchSide)
	var starts []int
	for i := range n {
		starts = append(starts, ((2*i+1)*length/(2*n)-patchSide/2-patchBeyond)&^3)
	}
	return starts
}

// survey finds the factors of a network's squeezes for a picture. All patches
// advance together from one squeeze to the next, since each squeeze sees what
// the one before has weighed.
func (j *job) survey(ctx context.Context, p picture, q *part, g grid) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case j.engine.surveying <- struct{}{}: // one at a time, for the memory it keeps
		defer func() { <-j.engine.surveying }()
	}
	in := patchSide + 2*q.net.pad
	pl, err := q.net.plan(in, in)
	if err != nil {
		return err
	}
	s := surveyor{net: q.net, plan: &pl, kept: make([]map[int][]float32, len(g.patches))}
	for i, stop := range s.stops() {
		var sums []float64
		for k, r := range g.patches {
			if i == 0 {
				s.kept[k] = map[int][]float32{0: j.patchInput(p, r, q.net.pad)}
			}
			err := j.engine.withTurn(ctx, pl.size, func(c crew, slab []float32) error {
				got, err := s.advance(c, slab, k, stop, q.factors)
				sums = addUp(sums, got)
				return err
			})
			if err != nil {
				return err
			}
			if stop == s.last() {
				j.step()
			}
		}
		x := pl.fields[q.net.steps[stop].x]
		q.factors = append(q.factors, q.net.steps[stop].squeeze.factors(sums, x.h*x.w*len(g.patches)))
		s.from = stop
	}
	return nil
}

func (j *job) patchInput(p picture, r image.Rectangle, pad int) []float32 {
	v := newView(p, r, pad, &j.in)
	r = r.Inset(-pad)
	f := field{h: r.Dy(), w: r.Dx(), c: 4, d: make([]float32, 4*r.Dx()*r.Dy())}
	v.colours(f, r)
	return f.d
}

func addUp(sums, more []float64) []float64 {
	if sums == nil {
		sums = make([]float64, len(more))
	}
	for i, v := range more {
		sums[i] += v
	}
	return sums
}

// A surveyor takes patches through a network in stages.
type surveyor struct {
	net  *net
	plan *plan
	from int                 // the step at which the next stage begins
	kept []map[int][]float32 // each patch's values between the stages
}

// stops are the squeezes' places among the steps.
func (s *surveyor) stops() []int {
	var at []int
	for i, st := range s.net.steps {
		if st.squeeze != nil {
			at = append(at, i)
		}
	}
	return at
}

func (s *surveyor) last() int {
	at := s.stops()
	return at[len(at)-1]
}

// advance takes patch k to just before step stop, a squeeze, and returns the
// sums over its input.
func (s *surveyor) advance(c crew, slab []float32, k, stop int, factors [][]float32) ([]float64, error) {
	for v, d := range s.kept[k] {
		copy(s.plan.value(v, slab).d, d)
	}
	if err := c.steps(s.net, s.plan, slab, s.from, stop, factors); err != nil {
		return nil, err
	}
	s.kept[k] = map[int][]float32{}
	if stop < s.last() {
		for _, v := range s.needed(stop) {
			s.kept[k][v] = append([]float32{}, s.plan.value(v, slab).d...)
		}
	}
	return c.sum(s.plan.value(s.net.steps[stop].x, slab))
}

// needed are the values that exist before step stop and are used from there to
// the last squeeze.
func (s *surveyor) needed(stop int) []int {
	made := map[int]bool{0: true}
	for _, st := range s.net.steps[:stop] {
		made[st.y] = true
	}
	var list []int
	for _, st := range s.net.steps[stop : s.last()+1] {
		for _, v := range []int{st.x, st.z} {
			if made[v] {
				list = append(list, v)
				delete(made, v)
			}
		}
	}
	return list
}
