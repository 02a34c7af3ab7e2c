package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// peakSums is how many sums grow side by side: enough to hide the latency of a
// fused multiply-add on every processor so far.
const peakSums = 12

// peak writes a function that does nothing but n rounds of peakSums fused
// multiply-adds on whole vectors, to find what the processor can do.
func peak(name string, v []reg.Register) {
	TEXT(name, NOSPLIT, "func(n int)")
	Load(Param("n"), reg.RCX)
	for i := range peakSums + 2 {
		VXORPS(ymm[i], ymm[i], ymm[i]) // clears the whole of a wider register too
	}
	Label("round")
	for i := range peakSums {
		VFMADD231PS(v[peakSums], v[peakSums+1], v[i])
	}
	DECQ(reg.RCX)
	JNZ(LabelRef("round"))
	VZEROUPPER()
	RET()
}
