package onboard

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

//go:generate go run safelight/tools/kernels -out block_amd64.s

//go:noescape
func block6x64AVX512(t *byte)

//go:noescape
func block12x32AVX512(t *byte)

//go:noescape
func block12x16AVX512(t *byte)

//go:noescape
func block6x16AVX2(t *byte)

func assembly(rows, width int, f func(*byte)) kernel {
	return kernel{rows: rows, width: width, run: func(t *block) { f((*byte)(unsafe.Pointer(t))) }}
}

// simds returns the kernel sets that this processor can run, the best first.
func simds() []simd {
	var sets []simd
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512VL {
		sets = append(sets, simd{"avx512", []kernel{
			assembly(6, 64, block6x64AVX512),
			assembly(12, 32, block12x32AVX512),
			assembly(12, 16, block12x16AVX512),
		}})
	}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		sets = append(sets, simd{"avx2", []kernel{assembly(6, 16, block6x16AVX2)}})
	}
	return append(sets, scalar)
}
