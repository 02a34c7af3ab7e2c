package onboard

import (
	"errors"
	"fmt"
)

// A net is a network ready to run on one kind of processor. It is read-only and
// shared by all jobs.
type net struct {
	name     string
	scale    int // output side per input side
	pad      int // context in input pixels on every side
	align    int // the input side less the context is a multiple of this
	steps    []step
	values   int // values 0 to values-1; 0 is the input
	output   int
	squeezes int
}

// A step computes value y.
type step struct {
	y, x, z int
	convs   []conv // one, or the two halves of a 2 by 2 transposed convolution
	squeeze *squeeze
	crop    int // of z, where there are neither convs nor squeeze: y = x + z cropped
	outputs int // channels of y that mean something
}

// A squeeze is a squeeze-and-excite block: from the mean of every channel to
// the channel's factor.
type squeeze struct {
	index            int
	fc1, b1, fc2, b2 []float32
}

// newNet prepares a network for a kind of processor.
func newNet(f netFile, s simd) (*net, error) {
	n := &net{name: f.name, scale: f.scale, pad: f.pad, align: f.align, values: 1}
	known := map[string]int{"x": 0}
	for _, st := range f.statements {
		x, okx := known[st.x]
		z, okz := known[st.z]
		if _, twice := known[st.y]; !okx || st.op == "add" && !okz || twice {
			return nil, fmt.Errorf("%w: value %s", errDamaged, st.y)
		}
		p, err := n.prepare(st, s)
		if err != nil {
			return nil, err
		}
		p.x, p.z, p.y = x, -1, n.values
		if st.op == "add" {
			p.z = z
		}
		known[st.y] = n.values
		n.values++
		n.steps = append(n.steps, p)
	}
	n.output = known[f.output]
	if n.output != n.values-1 {
		return nil, fmt.Errorf("%w: output", errDamaged)
	}
	return n, n.checkInPlace()
}

// checkInPlace refuses a graph that uses a value again after a step that
// overwrites it.
func (n *net) checkInPlace() error {
	for i, s := range n.steps {
		for _, later := range n.steps[i+1:] {
			if len(s.convs) == 0 && (later.x == s.x || later.z == s.x) {
				return fmt.Errorf("%w: value %d is used after it was overwritten", errDamaged, s.x)
			}
		}
	}
	return nil
}

func (n *net) prepare(st statement, s simd) (step, error) {
	switch st.op {
	case "conv":
		return prepareConv(st, s), nil
	case "up2":
		return prepareUp2(st, s)
	case "up4":
		return prepareUp4(st, s)
	case "squeeze":
		q := &squeeze{n.squeezes, st.kernels[0], st.biases[0], st.kernels[1], st.biases[1]}
		n.squeezes++
		return step{squeeze: q, outputs: st.args[0]}, nil
	}
	return step{crop: st.args[0]}, nil
}

func prepareConv(st statement, s simd) step {
	side, stride, ins, outs := st.args[0], st.args[1], st.args[2], st.args[3]
	c := conv{side: side, stride: stride, in: up(ins, 4), out: up(outs, 16), slope: st.slope, products: side * side * ins * outs}
	c.kernel = s.pick(c.out)
	c.bias = make([]float32, c.out)
	copy(c.bias, st.biases[0])
	k := st.kernels[0]
	c = s.pack(c, outs, ins, func(o, ky, kx, i int) float32 { return k[((o*ins+i)*side+ky)*side+kx] })
	return step{convs: []conv{c}, outputs: outs}
}

// prepareUp2 makes a 2 by 2 transposed convolution of stride 2 out of two 1 by
// 1 convolutions: one for the even rows of the result and one for the odd. Each
// computes two pixels' channels at once, which lie side by side.
func prepareUp2(st statement, s simd) (step, error) {
	ins, outs := st.args[0], st.args[1]
	if ins%4 != 0 || outs%16 != 0 {
		return step{}, errors.New("onboard: up2 needs whole groups of channels")
	}
	k := st.kernels[0]
	p := step{outputs: outs}
	for ky := range 2 {
		c := conv{side: 1, stride: 1, in: ins, out: 2 * outs, slope: st.slope, to: evenRows + layout(ky), products: 2 * ins * outs}
		c.kernel = s.pick(c.out)
		c.bias = append(append([]float32{}, st.biases[0]...), st.biases[0]...)
		p.convs = append(p.convs, packConv(c, 2*outs, ins, func(o, _, _, i int) float32 {
			return k[((o%outs*ins+i)*2+ky)*2+o/outs]
		}))
	}
	return p, nil
}

// prepareUp4 makes a 4 by 4 transposed convolution of stride 2, with 3 pixels
// cut off on every side, out of one 3 by 3 convolution that computes 2 by 2
// pixels of 4 channels: every result pixel sees 2 by 2 of the 3 by 3.
func prepareUp4(st statement, s simd) (step, error) {
	ins, outs := st.args[0], st.args[1]
	if outs > 4 {
		return step{}, errors.New("onboard: up4 makes at most four channels")
	}
	k := st.kernels[0]
	c := conv{side: 3, stride: 1, in: up(ins, 4), out: 16, slope: st.slope, to: shuffled, bias: make([]float32, 16), products: 16 * ins * outs}
	c.kernel = s.pick(16)
	for q := range 4 {
		copy(c.bias[4*q:], st.biases[0])
	}
	c = s.pack(c, 16, ins, func(o, ty, tx, i int) float32 {
		py, px, ch := o/8, o/4%2, o%4
		ky, kx := py+3-2*ty, px+3-2*tx
		if ch >= outs || ky < 0 || ky > 3 || kx < 0 || kx > 3 {
			return 0
		}
		return k[((ch*ins+i)*4+ky)*4+kx]
	})
	return step{convs: []conv{c}, outputs: outs}, nil
}

// up rounds n up to a multiple of m.
func up(n, m int) int { return (n + m - 1) / m * m }
