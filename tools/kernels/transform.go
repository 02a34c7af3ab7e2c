package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Offsets of the fields of the engine's type transform; its tests check them.
const (
	offPixels, offValues, offTmp, offTBias = 0, 8, 16, 24
	offRow, offCol, offStep, offGroups     = 32, 40, 48, 56
	offTSlope                              = 64
)

// A transform writes the two ways between pixels and Winograd's values, for
// vectors of one size. It uses sixteen registers, so that both sizes run the
// same steps and round alike.
type transform struct {
	v     []reg.Register
	bytes int // of a vector
}

// forward turns 6 by 6 pixels into 36 values, channel by channel: down the
// columns first, then along the rows.
func (t transform) forward(name string) {
	t.begin(name)
	t.constants(map[int]uint32{13: two, 14: four})
	Label("channels")
	MOVQ(reg.RSI, reg.RAX)
	for c := range 6 {
		t.loadSix(reg.R9)
		for i, r := range t.spreadSix() {
			VMOVUPS(r, t.tmp(i, c))
		}
		if c < 5 {
			ADDQ(reg.R10, reg.RAX)
		}
	}
	MOVQ(reg.RDX, reg.RAX)
	for r := range 6 {
		for c := range 6 {
			VMOVUPS(t.tmp(r, c), t.v[c])
		}
		LEAQ(Mem{Base: reg.RAX, Index: reg.R11, Scale: 2}, reg.RBX)
		ADDQ(reg.R11, reg.RBX)
		for c, v := range t.spreadSix() {
			VMOVUPS(v, nth([]reg.GPPhysical{reg.RAX, reg.RBX}, c, reg.R11))
		}
		if r < 5 {
			LEAQ(Mem{Base: reg.RBX, Index: reg.R11, Scale: 2}, reg.RAX)
			ADDQ(reg.R11, reg.RAX)
		}
	}
	t.end()
}

// inverse turns 36 values into 4 by 4 pixels, adds the bias and applies the
// leaky rectifier.
func (t transform) inverse(name string) {
	t.begin(name)
	t.constants(map[int]uint32{13: two, 14: four, 15: eight})
	MOVQ(t.field(offTBias), reg.R13)
	VBROADCASTSS(t.field(offTSlope), t.v[11])
	LEAQ(Mem{Base: reg.R11, Index: reg.R11, Scale: 2}, reg.R12)
	ADDQ(reg.R12, reg.R12) // six steps, from one row of values to the next
	Label("channels")
	MOVQ(reg.RDX, reg.RAX)
	for c := range 6 {
		t.loadSix(reg.R12)
		for i, r := range t.gatherSix() {
			VMOVUPS(r, t.tmp(i, c))
		}
		if c < 5 {
			ADDQ(reg.R11, reg.RAX)
		}
	}
	VMOVUPS(Mem{Base: reg.R13}, t.v[12])
	MOVQ(reg.RSI, reg.RAX)
	for r := range 4 {
		for c := range 6 {
			VMOVUPS(t.tmp(r, c), t.v[c])
		}
		LEAQ(Mem{Base: reg.RAX, Index: reg.R10, Scale: 2}, reg.RBX)
		ADDQ(reg.R10, reg.RBX)
		for c, v := range t.gatherSix() {
			VADDPS(t.v[12], v, v)
			VMULPS(t.v[11], v, t.v[1])
			VMAXPS(t.v[1], v, v)
			VMOVUPS(v, nth([]reg.GPPhysical{reg.RAX, reg.RBX}, c, reg.R10))
		}
		if r < 3 {
			ADDQ(reg.R9, reg.RAX)
		}
	}
	ADDQ(Imm(uint64(t.bytes)), reg.R13)
	t.end()
}

// Single-precision constants.
const (
	two   = 0x40000000
	four  = 0x40800000
	eight = 0x41000000
)

func (t transform) field(off int) Mem { return Mem{Base: reg.RDI, Disp: off} }

func (t transform) tmp(r, c int) Mem { return Mem{Base: reg.R8, Disp: (6*r + c) * t.bytes} }

func (t transform) begin(name string) {
	TEXT(name, NOSPLIT, "func(t *byte)")
	Pragma("noescape")
	Load(Param("t"), reg.RDI)
	MOVQ(t.field(offPixels), reg.RSI)
	MOVQ(t.field(offValues), reg.RDX)
	MOVQ(t.field(offTmp), reg.R8)
	MOVQ(t.field(offRow), reg.R9)
	MOVQ(t.field(offCol), reg.R10)
	MOVQ(t.field(offStep), reg.R11)
	MOVQ(t.field(offGroups), reg.RCX)
	if t.bytes == 32 {
		ADDQ(reg.RCX, reg.RCX) // a group of channels is two vectors
	}
}

// end goes on to the next channels.
func (t transform) end() {
	ADDQ(Imm(uint64(t.bytes)), reg.RSI)
	ADDQ(Imm(uint64(t.bytes)), reg.RDX)
	DECQ(reg.RCX)
	JNZ(LabelRef("channels"))
	VZEROUPPER()
	RET()
}

func (t transform) constants(of map[int]uint32) {
	for i := 13; i <= 15; i++ {
		if v, ok := of[i]; ok {
			MOVL(U32(v), reg.EAX)
			VMOVD(reg.EAX, xmm[i])
			VBROADCASTSS(xmm[i], t.v[i])
		}
	}
}

// nth is the place i steps on, where bases[1] is three steps after bases[0].
func nth(bases []reg.GPPhysical, i int, step reg.Register) Mem {
	m := Mem{Base: bases[i/3]}
	if q := i % 3; q > 0 {
		m.Index, m.Scale = step, uint8(q)
	}
	return m
}

// loadSix loads six vectors that lie step apart, from RAX on.
func (t transform) loadSix(step reg.Register) {
	LEAQ(Mem{Base: reg.RAX, Index: step, Scale: 2}, reg.RBX)
	ADDQ(step, reg.RBX)
	for i := range 6 {
		VMOVUPS(nth([]reg.GPPhysical{reg.RAX, reg.RBX}, i, step), t.v[i])
	}
}

// spreadSix computes six values from the six in v[0] to v[5].
func (t transform) spreadSix() []reg.Register {
	v, c2, c4 := t.v, t.v[13], t.v[14]
	VSUBPS(v[2], v[4], v[6])
	VSUBPS(v[1], v[3], v[7])
	VSUBPS(v[2], v[0], v[8])
	VSUBPS(v[3], v[5], v[9])
	VMOVAPS(v[6], v[10])
	VFNMADD231PS(c4, v[2], v[4])
	VFNMADD231PS(c4, v[1], v[3])
	VFMADD213PS(v[6], c4, v[8])
	VFNMADD231PS(c4, v[7], v[9])
	VFMADD231PS(c2, v[7], v[10])
	VFNMADD231PS(c2, v[7], v[6])
	VADDPS(v[3], v[4], v[11])
	VSUBPS(v[3], v[4], v[12])
	return []reg.Register{v[8], v[11], v[12], v[10], v[6], v[9]}
}

// gatherSix computes four values from the six in v[0] to v[5]; v[11] and v[12]
// stay.
func (t transform) gatherSix() []reg.Register {
	v, c2, c4, c8 := t.v, t.v[13], t.v[14], t.v[15]
	VADDPS(v[2], v[1], v[6])
	VSUBPS(v[2], v[1], v[7])
	VADDPS(v[4], v[3], v[8])
	VSUBPS(v[4], v[3], v[9])
	VADDPS(v[6], v[0], v[0])
	VMOVAPS(v[7], v[10])
	VADDPS(v[8], v[0], v[0])
	VFMADD231PS(c2, v[9], v[10])
	VFMADD231PS(c4, v[8], v[6])
	VFMADD231PS(c8, v[9], v[7])
	VADDPS(v[5], v[7], v[7])
	return []reg.Register{v[0], v[10], v[6], v[7]}
}

var xmm = []reg.Register{
	reg.X0, reg.X1, reg.X2, reg.X3, reg.X4, reg.X5, reg.X6, reg.X7, reg.X8, reg.X9, reg.X10, reg.X11, reg.X12, reg.X13, reg.X14, reg.X15,
}
