package onboard

import (
	"context"
	"encoding/binary"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

// Golden tensors are made by tools/weights/reference.py, which runs the original
// weights with numpy in double precision.

// readNPY reads a float32 .npy file of shape (h, w, 3).
func readNPY(t *testing.T, name string) (h, w int, v []float32) {
	t.Helper()
	raw, err := os.ReadFile("testdata/golden-" + name + ".npy")
	if err != nil {
		t.Fatal(err)
	}
	head := 10 + int(binary.LittleEndian.Uint16(raw[8:]))
	_, shape, _ := strings.Cut(string(raw[10:head]), "'shape': (")
	var dims [3]int
	for i, d := range strings.Split(strings.Split(shape, ")")[0], ", ") {
		for _, c := range d {
			dims[i] = dims[i]*10 + int(c-'0')
		}
	}
	for at := head; at < len(raw); at += 4 {
		v = append(v, math.Float32frombits(binary.LittleEndian.Uint32(raw[at:])))
	}
	if len(v) != dims[0]*dims[1]*3 {
		t.Fatalf("%s: %d numbers for %v", name, len(v), dims)
	}
	return dims[0], dims[1], v
}

func allNets() []string {
	var names []string
	for name := range newLibrary(scalar).nets {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func TestEveryNetworkAgreesWithTheReference(t *testing.T) {
	h, w, in := readNPY(t, "input")
	for _, set := range simds() {
		lib := newLibrary(set)
		names := allNets()
		if set.name == scalar.name { // one of each kind: they differ in their numbers alone, and this is slow
			names = []string{fastX2, qualityX2, noisy(qualityX1, 1)}
		}
		for _, name := range names {
			t.Run(set.name+"/"+name, func(t *testing.T) {
				n, err := lib.net(name)
				if err != nil {
					t.Fatal(err)
				}
				got := runWhole(t, n, h, w, in)
				_, _, want := readNPY(t, name)
				worst := 0.0
				for i := range want {
					worst = max(worst, math.Abs(float64(got[i]-want[i])))
				}
				if worst > 2e-5 {
					t.Errorf("differs from the reference by up to %.2g", worst)
				}
				t.Logf("largest difference %.2g (a step of 8 bits is 3.9e-3)", worst)
			})
		}
	}
}

// runWhole runs a network on a whole picture of h by w, whose sides the network
// can take, and returns the result as red, green, blue.
func runWhole(t *testing.T, n *net, h, w int, rgb []float32) []float32 {
	t.Helper()
	ih, iw := up(h, n.align)+2*n.pad, up(w, n.align)+2*n.pad
	p, err := n.plan(ih, iw)
	if err != nil {
		t.Fatal(err)
	}
	slab := make([]float32, p.size)
	x := p.value(0, slab)
	for r := range ih {
		for c := range iw {
			at := (mirror(r-n.pad, h)*w + mirror(c-n.pad, w)) * 3
			copy(x.row(r)[c*4:c*4+3], rgb[at:at+3])
		}
	}
	c := crew{context.Background(), 2}
	if err := c.steps(n, &p, slab, 0, len(n.steps), nil); err != nil {
		t.Fatal(err)
	}
	y := p.value(n.output, slab)
	var out []float32
	for r := range h * n.scale {
		for q := range w * n.scale {
			out = append(out, y.row(r)[q*y.c:q*y.c+3]...)
		}
	}
	return out
}

func TestAssemblyKnowsTheFields(t *testing.T) {
	var b block
	for i, got := range []uintptr{
		unsafe.Offsetof(b.c), unsafe.Offsetof(b.b), unsafe.Offsetof(b.bias), unsafe.Offsetof(b.taps), unsafe.Offsetof(b.a),
		unsafe.Offsetof(b.ldc), unsafe.Offsetof(b.lda), unsafe.Offsetof(b.ntaps), unsafe.Offsetof(b.k4), unsafe.Offsetof(b.slope),
	} {
		if got != uintptr(8*i) {
			t.Errorf("field %d is at %d, the assembly expects %d", i, got, 8*i)
		}
	}
}
