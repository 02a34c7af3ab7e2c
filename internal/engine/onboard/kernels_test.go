package onboard

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// plain computes a statement the way it is defined, in double precision.
func plain(st statement, x field) field {
	side, ins, outs, cut := 0, st.args[0], st.args[1], 0
	switch st.op {
	case "conv":
		return plainConv(st, x, st.args[0], st.args[1], st.args[2], st.args[3])
	case "up2":
		side = 2
	case "up4":
		side, cut = 4, 3
	}
	y := field{h: 2*x.h - 2 + side - 2*cut, w: 2*x.w - 2 + side - 2*cut, c: outs}
	sum := make([]float64, y.h*y.w*outs)
	for r := range x.h * side {
		for q := range x.w * side {
			ty, tx := r/side*2+r%side-cut, q/side*2+q%side-cut
			if ty < 0 || tx < 0 || ty >= y.h || tx >= y.w {
				continue
			}
			for o := range outs {
				for i := range ins {
					w := st.kernels[0][((o*ins+i)*side+r%side)*side+q%side]
					sum[(ty*y.w+tx)*outs+o] += float64(w) * float64(x.d[(r/side*x.w+q/side)*x.c+i])
				}
			}
		}
	}
	return rectify(st, y, sum)
}

func plainConv(st statement, x field, side, stride, ins, outs int) field {
	y := field{h: (x.h-side)/stride + 1, w: (x.w-side)/stride + 1, c: outs}
	sum := make([]float64, y.h*y.w*outs)
	for r := range y.h {
		for q := range y.w {
			for o := range outs {
				for k := range side * side * ins {
					i, ky, kx := k/(side*side), k/side%side, k%side
					sum[(r*y.w+q)*outs+o] += float64(st.kernels[0][o*ins*side*side+k]) * float64(x.d[((r*stride+ky)*x.w+q*stride+kx)*x.c+i])
				}
			}
		}
	}
	return rectify(st, y, sum)
}

func rectify(st statement, y field, sum []float64) field {
	y.d = make([]float32, len(sum))
	for i, v := range sum {
		v += float64(st.biases[0][i%y.c])
		y.d[i] = float32(max(v, v*float64(st.slope)))
	}
	return y
}

func randoms(r *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = r.Float32()*2 - 1
	}
	return v
}

// drawStatement draws a layer and the size of its input.
func drawStatement(t *rapid.T, r *rand.Rand) (st statement, h, w, ins, outs int) {
	n := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, name) }
	st = statement{op: rapid.SampledFrom([]string{"conv", "up2", "up4"}).Draw(t, "op"), slope: rapid.SampledFrom([]float32{0, 0.1, 1}).Draw(t, "slope")}
	switch st.op {
	case "conv":
		side, stride := n("side", 1, 4), n("stride", 1, 2)
		ins, outs = n("ins", 1, 70), n("outs", 1, 140)
		h, w = side+stride*n("h", 0, 6), side+stride*n("w", 0, 30)
		st.args = []int{side, stride, ins, outs}
		st.kernels[0] = randoms(r, side*side*ins*outs)
	case "up2":
		ins, outs, h, w = 4*n("ins", 1, 16), 16*n("outs", 1, 6), n("h", 1, 6), n("w", 1, 30)
		st.args, st.kernels[0] = []int{ins, outs}, randoms(r, 4*ins*outs)
	case "up4":
		ins, outs, h, w = n("ins", 1, 70), n("outs", 1, 4), n("h", 3, 8), n("w", 3, 30)
		st.args, st.kernels[0] = []int{ins, outs}, randoms(r, 16*ins*outs)
	}
	st.biases[0] = randoms(r, outs)
	return st, h, w, ins, outs
}

// TestKernelsAgreeWithPlainArithmetic surrounds every value with canaries and
// fills what lies beyond the input with numbers that poison all they touch.
func TestKernelsAgreeWithPlainArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		st, h, w, ins, outs := drawStatement(t, r)
		x := field{h: h, w: w, c: up(ins, 16)}
		poisoned := make([]float32, h*w*x.c+slack)
		for i := range poisoned {
			switch {
			case i >= h*w*x.c:
				poisoned[i] = float32(math.NaN())
			case i%x.c < ins:
				poisoned[i] = r.Float32()*2 - 1
			}
		}
		x.d = poisoned[:h*w*x.c]
		want := plain(st, x)
		for _, set := range simds() {
			got, bound := runStatement(t, st, set, x)
			for i, v := range want.d {
				g := got.d[i/outs*got.c+i%outs]
				if d := math.Abs(float64(g - v)); !(d < bound) {
					t.Fatalf("%s: %v of %dx%d: number %d is %v, want %v", set.name, st.args, h, w, i, g, v)
				}
			}
		}
	})
}

// runStatement also says how far the result may be off: rounding counts for more
// where products are saved.
func runStatement(t *rapid.T, st statement, set simd, x field) (y field, bound float64) {
	n := &net{}
	s, err := n.prepare(st, set)
	if err != nil {
		t.Fatal(err)
	}
	y, err = s.shape(x, field{})
	if err != nil {
		t.Fatal(err)
	}
	d := newGuarded(y.h * y.w * y.c)
	y.d = d.inside()
	crew := crew{context.Background(), 2}
	for i := range s.convs {
		if err := crew.convolve(&s.convs[i], y, x); err != nil {
			t.Fatal(err)
		}
	}
	if !d.intact(func(int) bool { return true }) {
		t.Fatalf("%s wrote beyond its result", set.name)
	}
	if s.convs[0].winograd != nil {
		return y, 1e-3
	}
	return y, 1e-4
}

// TestSIMDKindsGiveTheSameBits holds for those that multiply and add in one
// step, so that a picture does not depend on the machine it was made on.
func TestSIMDKindsGiveTheSameBits(t *testing.T) {
	sets := simds()
	if len(sets) < 3 {
		t.Skip("this processor has one kind")
	}
	h, w, in := readNPY(t, "input")
	var first []float32
	for _, set := range sets[:2] {
		n, err := newLibrary(set).net(qualityX2)
		if err != nil {
			t.Fatal(err)
		}
		got := runWhole(t, n, h, w, in)
		if first == nil {
			first = got
		}
		for i := range got {
			if got[i] != first[i] {
				t.Fatalf("number %d is %v and %v", i, first[i], got[i])
			}
		}
	}
}
