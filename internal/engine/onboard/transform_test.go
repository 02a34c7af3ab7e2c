package onboard

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"pgregory.net/rapid"
)

// A guarded buffer has canaries on both sides.
type guarded struct{ all []float32 }

const (
	canary = -12345
	fence  = 64
)

func newGuarded(n int) guarded {
	g := guarded{make([]float32, n+2*fence)}
	for i := range g.all {
		g.all[i] = canary
	}
	return g
}

func (g guarded) inside() []float32 { return g.all[fence : len(g.all)-fence] }

// intact says whether the canaries are alive, and all between that used leaves
// out.
func (g guarded) intact(used func(i int) bool) bool {
	n := len(g.all) - 2*fence
	for i, v := range g.all {
		if at := i - fence; (at < 0 || at >= n || !used(at)) && v != canary {
			return false
		}
	}
	return true
}

// drawNumbers draws numbers that transforms may find hard: of one size, of very
// different sizes, opposite neighbours, none at all.
func drawNumbers(t *rapid.T, r *rand.Rand, d []float32) {
	kind := rapid.SampledFrom([]string{"even", "wild", "opposite", "zero"}).Draw(t, "numbers")
	for i := range d {
		switch kind {
		case "even":
			d[i] = r.Float32()*2 - 1
		case "wild":
			d[i] = (r.Float32()*2 - 1) * float32(math.Pow(10, float64(r.IntN(9)-4)))
		case "opposite":
			d[i] = float32(1 - i%2*2)
		case "zero":
			d[i] = 0
		}
	}
}

func peakOf(d []float32) (m float64) {
	for _, v := range d {
		m = max(m, math.Abs(float64(v)))
	}
	return m
}

// TestTransformsAgreeWithTheScalarOnes lets rows, pixels and values lie any
// distance apart and looks after everything between them.
func TestTransformsAgreeWithTheScalarOnes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		groups := rapid.IntRange(1, 5).Draw(t, "groups")
		c := groups * 16
		gap := func(name string) int { return rapid.IntRange(0, 20).Draw(t, name) }
		col, step := c+gap("col"), c+gap("step")
		row := 6*col + gap("row")
		bias := make([]float32, c)
		drawNumbers(t, r, bias)
		for _, way := range []string{"forward", "inverse"} {
			side, nin, nout := 6, 6*row, 36*step
			if way == "inverse" {
				side, nin, nout = 4, 36*step, 4*row
			}
			in := make([]float32, nin)
			drawNumbers(t, r, in)
			used := func(i int) bool { return i%step < c }
			if way == "inverse" {
				used = func(i int) bool { return i%row < side*col && i%row%col < c }
			}
			var first []float32
			for _, set := range append([]simd{scalar}, simds()...) {
				out, tmp := newGuarded(nout), newGuarded(maxTransform)
				call := transform{tmp: unsafe.Pointer(&tmp.inside()[0]), bias: unsafe.Pointer(&bias[0]), row: 4 * row, col: 4 * col,
					step: 4 * step, groups: groups, slope: 0.1}
				if way == "forward" {
					call.pixels, call.values = unsafe.Pointer(&in[0]), unsafe.Pointer(&out.inside()[0])
					set.forward(&call)
				} else {
					call.values, call.pixels = unsafe.Pointer(&in[0]), unsafe.Pointer(&out.inside()[0])
					set.inverse(&call)
				}
				if !out.intact(used) || !tmp.intact(func(int) bool { return true }) {
					t.Fatalf("%s %s wrote where it must not", set.name, way)
				}
				if first == nil {
					first = out.inside()
				}
				bound := 1e-4 * max(peakOf(in), peakOf(bias), 1e-3)
				for i, v := range out.inside() {
					if d := math.Abs(float64(v - first[i])); !(d <= bound) {
						t.Fatalf("%s %s: number %d is %v, want %v", set.name, way, i, v, first[i])
					}
				}
			}
		}
	})
}

// TestBlocksMeetInFieldsOfAnySize covers every way in which the last blocks
// overlap, more blocks than are multiplied together, and any number of threads.
func TestBlocksMeetInFieldsOfAnySize(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for _, size := range [][2]int{{3, 3}, {3, 40}, {5, 4}, {6, 6}, {7, 90}, {8, 9}, {37, 42}, {41, 39}} {
		h, w := size[0], size[1]
		st := statement{op: "conv", slope: 0.1, args: []int{3, 1, 16, 32}}
		st.kernels[0], st.biases[0] = randoms(r, 9*16*32), randoms(r, 32)
		x := field{h: h, w: w, c: 16, d: randoms(r, h*w*16+slack)[:h*w*16]}
		want := plain(st, x)
		for _, set := range simds() {
			s := prepareConv(st, set)
			if s.convs[0].winograd == nil {
				t.Fatal("the convolution computes every product")
			}
			var first []float32
			for _, threads := range []int{1, 3} {
				y := field{h: h - 2, w: w - 2, c: 32, d: make([]float32, (h-2)*(w-2)*32)}
				if err := (crew{context.Background(), threads}).convolve(&s.convs[0], y, x); err != nil {
					t.Fatal(err)
				}
				for i, v := range want.d {
					if d := math.Abs(float64(y.d[i] - v)); !(d < 1e-4) {
						t.Fatalf("%s, %dx%d: number %d is %v, want %v", set.name, h, w, i, y.d[i], v)
					}
					if first != nil && first[i] != y.d[i] {
						t.Fatalf("%s, %dx%d: number %d depends on the threads", set.name, h, w, i)
					}
				}
				first = y.d
			}
		}
	}
}

func TestAssemblyKnowsTheFieldsOfTransforms(t *testing.T) {
	var f transform
	for i, got := range []uintptr{
		unsafe.Offsetof(f.pixels), unsafe.Offsetof(f.values), unsafe.Offsetof(f.tmp), unsafe.Offsetof(f.bias),
		unsafe.Offsetof(f.row), unsafe.Offsetof(f.col), unsafe.Offsetof(f.step), unsafe.Offsetof(f.groups), unsafe.Offsetof(f.slope),
	} {
		if got != uintptr(8*i) {
			t.Errorf("field %d is at %d, the assembly expects %d", i, got, 8*i)
		}
	}
}
