package onboard

import (
	"fmt"
	"runtime"
	"slices"

	"safelight/internal/fault"
)

// Config says what the engine may use of the machine. The zero value is ready.
type Config struct {
	Threads  int    // goroutines that compute at a time, over all jobs; 0 is one for each processor
	MemoryMB int    // working memory in MiB for all jobs together, besides the pictures and the networks; 0 is 320, at least 160
	SIMD     string // "avx512", "avx2" or "scalar" instead of the best this processor has
}

// The working memory that is taken when none is said, and the least. Part of it
// is for surveys, the rest for tiles.
const (
	usualMemoryMB  = 320
	leastMemoryMB  = 160
	surveyMemoryMB = 128
)

// ErrConfig is a setting that this machine or engine cannot follow.
var ErrConfig = fault.New(fault.Invalid, "engine.invalid_setting", "This setting of the on-board engine is not possible.")

// Validate returns an [ErrConfig] that names the first wrong field.
func (c Config) Validate() error {
	switch {
	case c.Threads < 0 || c.Threads > 1024:
		return ErrConfig.On("Threads").Because(fmt.Errorf("%d is not within 0 to 1024", c.Threads))
	case c.MemoryMB != 0 && c.MemoryMB < leastMemoryMB:
		return ErrConfig.On("MemoryMB").Because(fmt.Errorf("%d is less than %d", c.MemoryMB, leastMemoryMB))
	case c.SIMD != "" && !slices.ContainsFunc(simds(), func(s simd) bool { return s.name == c.SIMD }):
		return ErrConfig.On("SIMD").Because(fmt.Errorf("this processor cannot run %q", c.SIMD))
	}
	return nil
}

// filled returns c with every zero replaced by what it stands for.
func (c Config) filled() Config {
	if c.Threads == 0 {
		c.Threads = runtime.GOMAXPROCS(0)
	}
	if c.MemoryMB == 0 {
		c.MemoryMB = usualMemoryMB
	}
	if c.SIMD == "" {
		c.SIMD = simds()[0].name
	}
	return c
}

// tileBytes is what a tile may take.
func (c Config) tileBytes() int { return (c.MemoryMB - surveyMemoryMB) << 20 }

// kernels returns the kernel set that c names.
func (c Config) kernels() simd {
	sets := simds()
	return sets[slices.IndexFunc(sets, func(s simd) bool { return s.name == c.SIMD })]
}
