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

//go:noescape
func forwardAVX512(t *byte)

//go:noescape
func inverseAVX512(t *byte)

//go:noescape
func forwardAVX2(t *byte)

//go:noescape
func inverseAVX2(t *byte)

//go:noescape
func peakAVX512(n int)

//go:noescape
func peakAVX2(n int)

func transforms(forward, inverse func(*byte)) transformer {
	return transformer{
		func(t *transform) { forward((*byte)(unsafe.Pointer(t))) },
		func(t *transform) { inverse((*byte)(unsafe.Pointer(t))) },
	}
}

func assembly(rows, width int, f func(*byte)) kernel {
	return kernel{rows: rows, width: width, run: func(t *block) { f((*byte)(unsafe.Pointer(t))) }}
}

// simds returns the kernel sets that this processor can run, the best first.
func simds() []simd {
	var sets []simd
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512VL {
		sets = append(sets, simd{name: "avx512", lanes: 16, peak: peakAVX512, transformer: transforms(forwardAVX512, inverseAVX512), kernels: []kernel{
			assembly(6, 64, block6x64AVX512),
			assembly(12, 32, block12x32AVX512),
			assembly(12, 16, block12x16AVX512),
		}})
	}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		sets = append(sets, simd{name: "avx2", lanes: 8, peak: peakAVX2, transformer: transforms(forwardAVX2, inverseAVX2),
			kernels: []kernel{assembly(6, 16, block6x16AVX2)}})
	}
	return append(sets, scalar)
}
