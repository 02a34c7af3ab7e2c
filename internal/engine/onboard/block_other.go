//go:build !amd64

package onboard

// simds returns the kernel sets that this processor can run, the best first.
func simds() []simd { return []simd{scalar} }
