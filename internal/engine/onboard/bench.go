package onboard

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"safelight/internal/clock"
	"safelight/internal/engine"
)

// A BenchResult says how long one tile takes.
type BenchResult struct {
	Model     string  `json:"model"`
	Tile      int     `json:"tile"`    // side of the network's input in pixels, context included
	Threads   int     `json:"threads"` // that computed the tile together
	MsMedian  float64 `json:"ms_median"`
	MsMin     float64 `json:"ms_min"`
	PeakRSSMB float64 `json:"peak_rss_mb"` // of the whole process so far, in MiB; 0 where it cannot be told
	SIMD      string  `json:"simd"`        // kind of kernels
	GFlops    float64 `json:"gflops"`      // a second, of the sums and products that the network's definition has, by the median
	PeakFlops float64 `json:"peak_gflops"` // a second, of nothing but fused multiply-adds on as many threads; 0 where it cannot be told
}

// Share is the network's speed as a part of the machine's peak. It may exceed 1:
// the engine does not compute every product of the definition.
func (r BenchResult) Share() float64 {
	if r.PeakFlops == 0 {
		return 0
	}
	return r.GFlops / r.PeakFlops
}

// A BenchConfig says what Bench times.
type BenchConfig struct {
	Model   string // engine.Fast or engine.Quality
	Tile    int    // side in pixels, a multiple of 4, 64 or more
	Threads int    // 1 or more
	Runs    int    // 1 or more
	SIMD    string // as in Config
}

// leastBenchTile is the smallest tile that every network can take.
const leastBenchTile = 64

// name is the network that c times, or an error that names c's first wrong field.
func (c BenchConfig) name() (string, error) {
	name, known := map[string]string{engine.Fast: fastX2, engine.Quality: qualityX2}[c.Model]
	switch {
	case !known:
		return "", engine.ErrInvalid.On("model")
	case c.Tile < leastBenchTile || c.Tile%4 != 0:
		return "", engine.ErrInvalid.On("tile")
	case c.Threads < 1:
		return "", engine.ErrInvalid.On("threads")
	case c.Runs < 1:
		return "", engine.ErrInvalid.On("runs")
	}
	return name, Config{SIMD: c.SIMD}.Validate()
}

// Bench enlarges one square tile twofold, after one run that is not counted.
// Nothing is read, written or converted in the time taken: it is the network
// alone. The machine's peak is taken before and after, and the better one counts.
func Bench(ctx context.Context, c BenchConfig) (BenchResult, error) {
	name, err := c.name()
	if err != nil {
		return BenchResult{}, err
	}
	set := Config{SIMD: c.SIMD}.filled().kernels()
	n, err := newLibrary(set).net(name)
	if err != nil {
		return BenchResult{}, err
	}
	flops, err := n.flops(c.Tile)
	if err != nil {
		return BenchResult{}, err
	}
	peak := set.peakGFlops(c.Threads)
	times, err := n.timed(crew{ctx, c.Threads}, c.Tile, c.Runs)
	if err != nil {
		return BenchResult{}, fmt.Errorf("onboard: bench: %w", err)
	}
	peak = max(peak, set.peakGFlops(c.Threads))
	slices.Sort(times)
	median := (times[(c.Runs-1)/2] + times[c.Runs/2]) / 2
	return BenchResult{Model: c.Model, Tile: c.Tile, Threads: c.Threads, MsMedian: median, MsMin: times[0], PeakRSSMB: peakRSS(),
		SIMD: set.name, GFlops: flops / median / 1e6, PeakFlops: peak}, nil
}

// flops counts the additions and multiplications that the network's definition
// has for a tile of the given side.
func (n *net) flops(side int) (float64, error) {
	p, err := n.plan(side, side)
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for _, s := range n.steps {
		x := p.fields[s.x]
		for i := range s.convs {
			c := &s.convs[i]
			sum += 2 * float64(c.products) * float64(c.rows(x.h)) * float64(c.rows(x.w))
		}
	}
	return sum, nil
}

// What peakGFlops runs: long enough to wake the processor, short enough to find a
// quiet moment on a busy machine.
const (
	peakSums   = 12
	peakRounds = 2_000_000
	peakTries  = 7
)

// peakGFlops measures what fused multiply-adds on so many threads can reach, the
// best of several tries.
func (s simd) peakGFlops(threads int) (best float64) {
	if s.peak == nil {
		return 0
	}
	for range peakTries {
		start := clock.System{}.Now()
		var all sync.WaitGroup
		for range threads {
			all.Go(func() { s.peak(peakRounds) })
		}
		all.Wait()
		took := (clock.System{}).Now().Sub(start)
		best = max(best, float64(2*peakSums*peakRounds*s.lanes*threads)/float64(took.Nanoseconds()))
	}
	return best
}

// timed runs the network on a tile of the given side and returns the
// milliseconds that each run took.
func (n *net) timed(c crew, side, runs int) ([]float64, error) {
	p, err := n.plan(side, side)
	if err != nil {
		return nil, err
	}
	slab := make([]float32, p.size)
	var times []float64
	for i := range runs + 1 {
		in := p.value(0, slab).d // its place is used again by later values
		for k := range in {
			in[k] = float32(k%251) / 250
		}
		start := clock.System{}.Now()
		if err := c.steps(n, &p, slab, 0, len(n.steps), nil); err != nil {
			return nil, err
		}
		if took := (clock.System{}).Now().Sub(start); i > 0 {
			times = append(times, float64(took.Microseconds())/1000)
		}
	}
	return times, nil
}
