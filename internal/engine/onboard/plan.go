package onboard

import (
	"errors"
	"slices"
)

// A plan says how large every value of a network is for one size of input, and
// where it lies in the slab that all share.
type plan struct {
	fields []field // without their numbers
	at     []int   // offsets in the slab
	alias  []int   // the value whose place this one takes over, or itself
	size   int     // of the slab
}

// slack is what kernels may read beyond the end of the last value.
const slack = maxRows * 2 * maxChannels

var errTooSmall = errors.New("onboard: the tile is smaller than the network's context")

// plan lays out the network for an input of h rows and w columns. Values that
// are never alive together share their place.
func (n *net) plan(h, w int) (plan, error) {
	p := plan{fields: make([]field, n.values), at: make([]int, n.values), alias: make([]int, n.values)}
	p.fields[0] = field{h: h, w: w, c: 4}
	for _, s := range n.steps {
		f, err := s.shape(p.fields[s.x], p.fields[max(s.z, 0)])
		if err != nil {
			return plan{}, err
		}
		p.fields[s.y], p.alias[s.y] = f, s.y
		if len(s.convs) == 0 {
			p.alias[s.y] = p.alias[s.x]
		}
	}
	p.place(n)
	return p, nil
}

// shape gives the size of a step's result.
func (s step) shape(x, z field) (field, error) {
	y := x
	if len(s.convs) > 0 {
		c := &s.convs[0]
		y = field{h: c.rows(x.h), w: c.rows(x.w), c: c.out}
		switch c.to {
		case evenRows:
			y = field{h: 2 * y.h, w: 2 * y.w, c: c.out / 2}
		case shuffled:
			y = field{h: 2 * y.h, w: 2 * y.w, c: 4}
		}
		if x.h < c.side || x.w < c.side || (x.h-c.side)%c.stride != 0 || (x.w-c.side)%c.stride != 0 || c.in > x.c {
			return y, errTooSmall
		}
	} else if s.squeeze == nil && (z.h-2*s.crop != x.h || z.w-2*s.crop != x.w) {
		return y, errTooSmall
	}
	return y, nil
}

// place gives every value the lowest offset that is free for its whole life.
func (p *plan) place(n *net) {
	born, dies := make([]int, n.values), make([]int, n.values)
	for i, s := range n.steps {
		born[s.y] = i
		dies[p.alias[s.y]], dies[p.alias[s.x]] = i, i
		if s.z >= 0 {
			dies[p.alias[s.z]] = i
		}
	}
	dies[p.alias[n.output]] = len(n.steps)
	born[0] = -1
	var placed []int
	for _, v := range p.largestFirst() {
		p.at[v] = p.free(v, placed, born, dies)
		placed = append(placed, v)
		p.size = max(p.size, p.at[v]+p.length(v))
	}
	for v := range p.at {
		p.at[v] = p.at[p.alias[v]]
	}
	p.size += slack
}

// largestFirst gives the values that have a place of their own, by size.
func (p *plan) largestFirst() []int {
	var own []int
	for v, a := range p.alias {
		if v == a {
			own = append(own, v)
		}
	}
	slices.SortStableFunc(own, func(a, b int) int { return p.length(b) - p.length(a) })
	return own
}

func (p *plan) length(v int) int { return up(p.fields[v].h*p.fields[v].w*p.fields[v].c, 16) }

// free finds the lowest offset for v beside the values placed whose lives
// overlap its own.
func (p *plan) free(v int, placed, born, dies []int) int {
	at := 0
	for moved := true; moved; {
		moved = false
		for _, o := range placed {
			apart := dies[o] < born[v] || dies[v] < born[o]
			if !apart && at < p.at[o]+p.length(o) && p.at[o] < at+p.length(v) {
				at, moved = p.at[o]+p.length(o), true
			}
		}
	}
	return at
}

// value gives value v's numbers in the slab.
func (p *plan) value(v int, slab []float32) field {
	f := p.fields[v]
	f.d = slab[p.at[v] : p.at[v]+f.h*f.w*f.c]
	return f
}
