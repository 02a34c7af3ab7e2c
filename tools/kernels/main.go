// Command kernels writes the assembly of the on-board engine's inner loop.
//
//	go generate ./internal/engine/onboard
//
// Every function computes one block of a convolution as a matrix product:
// rows output pixels by width output channels, summed over taps (kernel
// positions) and input channels, begun at the biases and ended by the leaky
// rectifier max(v, slope*v). The sum runs in the same order in every variant,
// and every step is one fused multiply-add, so that AVX2 and AVX-512 give the
// very same bits.
//
// Besides, for every size of vectors: the transforms of Winograd's convolution,
// F(4x4, 3x3), whose products are blocks of one tap; and a loop of nothing but
// fused multiply-adds, for the peak that others are measured against.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Offsets of the fields of the engine's type block; its tests check them.
const (
	offC, offB, offBias, offTaps, offA = 0, 8, 16, 24, 32
	offLDC, offLDA, offNTaps, offK4    = 40, 48, 56, 64
	offSlope                           = 72
)

// group is how many rows share one base register.
const group = 3

func main() {
	ConstraintExpr("amd64")
	wide(6, 4)
	wide(12, 2)
	wide(12, 1)
	narrow()
	for _, t := range []struct {
		kind  string
		v     []reg.Register
		bytes int
	}{{"AVX512", zmm, 64}, {"AVX2", ymm, 32}} {
		transform{t.v, t.bytes}.forward("forward" + t.kind)
		transform{t.v, t.bytes}.inverse("inverse" + t.kind)
		peak("peak"+t.kind, t.v)
	}
	Generate()
}

// wide writes an AVX-512 kernel of rows pixels by 16*vectors channels.
func wide(rows, vectors int) {
	k := kernel{rows: rows, vectors: vectors, bytes: 64}
	for i := range rows * vectors {
		k.acc = append(k.acc, zmm[i])
	}
	for i := range vectors {
		k.b = append(k.b, zmm[24+i])
	}
	k.cast = []reg.Register{zmm[28], zmm[29], zmm[30], zmm[31]}
	k.write(fmt.Sprintf("block%dx%dAVX512", rows, 16*vectors))
}

// narrow writes the AVX2 kernel of 6 pixels by 16 channels.
func narrow() {
	k := kernel{rows: 6, vectors: 2, bytes: 32}
	for i := range 12 {
		k.acc = append(k.acc, ymm[i])
	}
	k.b = []reg.Register{ymm[12], ymm[13]}
	k.cast = []reg.Register{ymm[14], ymm[15]}
	k.write("block6x16AVX2")
}

type kernel struct {
	rows, vectors int
	bytes         int            // of a vector
	acc           []reg.Register // [row][vector]
	b, cast       []reg.Register
}

func (k kernel) write(name string) {
	TEXT(name, NOSPLIT, "func(t *byte)")
	Pragma("noescape")
	Load(Param("t"), reg.RDI)
	field := func(off int) Mem { return Mem{Base: reg.RDI, Disp: off} }
	MOVQ(field(offB), reg.RDX)
	MOVQ(field(offTaps), reg.R10)
	MOVQ(field(offA), reg.R11)
	MOVQ(field(offLDA), reg.R12)
	MOVQ(field(offNTaps), reg.RCX)
	MOVQ(field(offBias), reg.RSI)
	for i, r := range k.acc {
		VMOVUPS(Mem{Base: reg.RSI, Disp: i % k.vectors * k.bytes}, r)
	}
	k.loops()
	k.finish()
	VZEROUPPER()
	RET()
}

// loops sums over the taps and, four at a time, the input channels.
func (k kernel) loops() {
	bases := []reg.GPPhysical{reg.RSI, reg.R8, reg.R9, reg.R13}[:k.rows/group]
	Label("tap")
	MOVQ(Mem{Base: reg.R10}, reg.RSI)
	ADDQ(reg.R11, reg.RSI)
	ADDQ(Imm(8), reg.R10)
	for i := 1; i < len(bases); i++ {
		LEAQ(Mem{Base: bases[i-1], Index: reg.R12, Scale: 2}, bases[i])
		ADDQ(reg.R12, bases[i])
	}
	MOVQ(Mem{Base: reg.RDI, Disp: offK4}, reg.RBX)
	Label("channels")
	for u := range 4 {
		k.step(bases, u)
	}
	for _, b := range bases {
		ADDQ(Imm(16), b)
	}
	ADDQ(U32(4*k.vectors*k.bytes), reg.RDX)
	DECQ(reg.RBX)
	JNZ(LabelRef("channels"))
	DECQ(reg.RCX)
	JNZ(LabelRef("tap"))
}

// step adds input channel u of every row times its weights.
func (k kernel) step(bases []reg.GPPhysical, u int) {
	for j, b := range k.b {
		VMOVUPS(Mem{Base: reg.RDX, Disp: (u*k.vectors + j) * k.bytes}, b)
	}
	for r := range k.rows {
		from := Mem{Base: bases[r/group], Disp: 4 * u}
		if q := r % group; q > 0 {
			from.Index, from.Scale = reg.R12, uint8(q)
		}
		cast := k.cast[r%len(k.cast)]
		VBROADCASTSS(from, cast)
		for j, b := range k.b {
			VFMADD231PS(cast, b, k.acc[r*k.vectors+j])
		}
	}
}

// finish applies the leaky rectifier and stores the block.
func (k kernel) finish() {
	slope, tmp := k.cast[0], k.cast[1]
	VBROADCASTSS(Mem{Base: reg.RDI, Disp: offSlope}, slope)
	MOVQ(Mem{Base: reg.RDI, Disp: offLDC}, reg.RAX)
	MOVQ(Mem{Base: reg.RDI, Disp: offC}, reg.RSI)
	for i, acc := range k.acc {
		j := i % k.vectors
		VMULPS(slope, acc, tmp)
		VMAXPS(tmp, acc, acc)
		VMOVUPS(acc, Mem{Base: reg.RSI, Disp: j * k.bytes})
		if j == k.vectors-1 && i < len(k.acc)-1 {
			ADDQ(reg.RAX, reg.RSI)
		}
	}
}

var zmm = []reg.Register{
	reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7, reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
	reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23, reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31,
}

var ymm = []reg.Register{
	reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7, reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15,
}
