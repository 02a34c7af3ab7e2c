package onboard

import (
	"context"
	"image"
	"math"
)

// A pass is one journey over a picture, tile by tile. The result is the input
// times keep plus every network's answer times its weight.
type pass struct {
	parts  []part
	keep   float32
	alpha  *net // draws transparency where the picture grows
	reduce bool // to three quarters, so that twice twice becomes three times
}

type part struct {
	net     *net
	weight  float32
	factors [][]float32 // of the squeezes, the same for all tiles; nil while each tile has its own
}

func (p *pass) scale() int {
	if len(p.parts) == 0 {
		return 1
	}
	return p.parts[0].net.scale
}

// pieces is how many pieces of work the pass counts on a grid.
func (p *pass) pieces(g grid) int {
	n := g.tiles()
	for _, q := range p.parts {
		n += g.tiles()
		if q.net.squeezes > 0 {
			n += len(g.patches)
		}
	}
	return n
}

// size gives the sides of the result.
func (p *pass) size(w, h int) (int, int) {
	w, h = w*p.scale(), h*p.scale()
	if p.reduce {
		w, h = w*3/4, h*3/4
	}
	return w, h
}

// margin is the context in input pixels around a tile, the most that any part
// needs.
func (p *pass) margin() int {
	m := 0
	for _, q := range p.parts {
		m = max(m, q.net.pad)
	}
	return m + p.overhang()
}

// overhang is by how much a tile is computed larger on every side.
func (p *pass) overhang() int {
	if p.reduce {
		return reduceMargin / 2
	}
	return 0
}

// job is one request at work. Its buffers serve all its tiles.
type job struct {
	engine      *Engine
	in, out     []float32
	done, total int
	report      func(done, total int)
}

// run takes the picture through all passes.
func (e *Engine) run(ctx context.Context, p picture, passes []pass, report func(done, total int)) (image.Image, error) {
	defer e.rest()
	j := &job{engine: e, report: report}
	plans := make([]grid, len(passes))
	w, h := p.w, p.h
	for i := range passes {
		g, err := e.grid(&passes[i], w, h)
		if err != nil {
			return nil, err
		}
		plans[i] = g
		j.total += passes[i].pieces(g)
		w, h = passes[i].size(w, h)
	}
	var img image.Image
	for i := range passes {
		if i > 0 {
			grey := p.grey
			p = newPicture(img)
			p.grey = grey
		}
		var err error
		if img, err = j.pass(ctx, p, &passes[i], plans[i]); err != nil {
			return nil, err
		}
	}
	return img, nil
}

// step counts one piece of work.
func (j *job) step() {
	j.done++
	if j.report != nil {
		j.report(j.done, j.total)
	}
}

func (j *job) pass(ctx context.Context, p picture, s *pass, g grid) (image.Image, error) {
	for i := range s.parts {
		if !g.surveyed() || s.parts[i].net.squeezes == 0 {
			continue
		}
		if err := j.survey(ctx, p, &s.parts[i], g); err != nil {
			return nil, err
		}
	}
	w, h := s.size(p.w, p.h)
	c := newCanvas(p, w, h)
	for i := range g.tiles() {
		if err := j.tile(ctx, p, s, g.tile(i), c); err != nil {
			return nil, err
		}
	}
	return c.img, nil
}

// take gives n zeros from a buffer, which grows where it must.
func take(buffer *[]float32, n int) []float32 {
	if len(*buffer) < n {
		*buffer = make([]float32, n)
	}
	clear((*buffer)[:n])
	return (*buffer)[:n]
}

// tile computes one tile and paints it.
func (j *job) tile(ctx context.Context, p picture, s *pass, r image.Rectangle, c canvas) error {
	o, m := s.overhang(), s.margin()
	v := newView(p, r, m, &j.in)
	core := r.Inset(-o)
	k := s.scale()
	out := take(&j.out, 4*core.Dx()*core.Dy()*k*k)
	v.seed(out, core, k, s.keep)
	for i := range s.parts {
		if v.visible || !p.alpha {
			if err := j.engine.apply(ctx, &s.parts[i], v, core, out); err != nil {
				return err
			}
		}
		j.step()
	}
	if p.alpha {
		if err := j.alpha(ctx, s, v, core, out); err != nil {
			return err
		}
	}
	x, y, w, h := r.Min.X*k, r.Min.Y*k, core.Dx()*k, core.Dy()*k
	if s.reduce {
		out = reduce(out, w, h)
		x, y, w, h = x*3/4, y*3/4, r.Dx()*k*3/4, r.Dy()*k*3/4
	}
	if p.grey {
		turnGrey(out)
	}
	c.paint(out, x, y, w, h)
	j.step()
	return nil
}

// apply adds a network's answer for the core of the view, times its weight, to
// the colours of out.
func (e *Engine) apply(ctx context.Context, q *part, v view, core image.Rectangle, out []float32) error {
	in := core.Inset(-q.net.pad)
	p, err := q.net.plan(in.Dy(), in.Dx())
	if err != nil {
		return err
	}
	return e.withTurn(ctx, p.size, func(c crew, slab []float32) error {
		v.colours(p.value(0, slab), in)
		if err := c.steps(q.net, &p, slab, 0, len(q.net.steps), q.factors); err != nil {
			return err
		}
		y := p.value(q.net.output, slab)
		for r := range y.h {
			from, to := y.row(r), out[4*r*y.w:4*(r+1)*y.w]
			for i := range y.w {
				for ch := range 3 {
					to[4*i+ch] += q.weight * from[i*y.c+ch]
				}
			}
		}
		return nil
	})
}

// alpha draws the transparency of the core into out: by a network that sees it
// as a grey picture where it changes, and exact where it does not.
func (j *job) alpha(ctx context.Context, s *pass, v view, core image.Rectangle, out []float32) error {
	k := s.scale()
	if k > 1 && v.translucent && v.visible {
		plane := v.ofAlpha()
		drawn := make([]float32, len(out))
		if err := j.engine.apply(ctx, &part{net: s.alpha, weight: 1}, plane, core, drawn); err != nil {
			return err
		}
		turnGrey(drawn)
		for i := 3; i < len(out); i += 4 {
			out[i] = clamp(drawn[i-1])
		}
	}
	v.settle(out, core, k, k > 1 && v.visible)
	return nil
}

// grid cuts a picture into tiles of equal size, as near as can be, whose
// corners lie on multiples of four.
type grid struct {
	w, h       int // of the picture
	tw, th     int // of a tile, multiples of four
	cols, rows int
	patches    []image.Rectangle // where statistics are taken, when there are several tiles
}

func (g grid) tiles() int     { return g.cols * g.rows }
func (g grid) surveyed() bool { return len(g.patches) > 0 }

// tile gives tile i. The last of a row or column may reach beyond the picture.
func (g grid) tile(i int) image.Rectangle {
	x, y := i%g.cols*g.tw, i/g.cols*g.th
	return image.Rect(x, y, x+min(g.tw, up(g.w-x, 4)), y+min(g.th, up(g.h-y, 4)))
}

// The sides of the input of a network, in pixels, that tiles are tried with.
const (
	largestInput  = 512
	smallestInput = 96
)

// grid chooses the largest tiles that fit into the working memory.
func (e *Engine) grid(s *pass, w, h int) (grid, error) {
	side := e.side
	for ; side > smallestInput; side -= 8 {
		fits := true
		for _, q := range s.parts {
			n := (side-2*s.margin())/4*4 + 2*(q.net.pad+s.overhang())
			p, err := q.net.plan(n, n)
			if err != nil {
				return grid{}, err
			}
			fits = fits && p.size*4 <= e.config.tileBytes()
		}
		if fits {
			break
		}
	}
	inner := (side - 2*s.margin()) / 4 * 4
	g := grid{w: w, h: h}
	g.cols, g.tw = cut(w, inner)
	g.rows, g.th = cut(h, inner)
	squeezes := 0
	for _, q := range s.parts {
		squeezes += q.net.squeezes
	}
	if g.tiles() > 1 && squeezes > 0 {
		g.patches = patches(w, h)
	}
	return g, nil
}

// cut divides n pixels into as few equal parts of at most most pixels as
// possible, and returns how many and how large.
func cut(n, most int) (int, int) {
	parts := (n + most - 1) / most
	size := up(int(math.Ceil(float64(n)/float64(parts))), 4)
	return (n + size - 1) / size, size
}
