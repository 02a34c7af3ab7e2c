package onboard

import (
	"context"
	"fmt"
	"slices"

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
}

// leastBenchTile is the smallest tile that every network can take.
const leastBenchTile = 64

// Bench enlarges one square tile twofold runs times, after one run that is not
// counted, with engine.Fast or engine.Quality and the best kernels this
// processor has. Tile is a multiple of 4, 64 or more. Nothing is read, written
// or converted in the time taken: it is the network alone.
func Bench(ctx context.Context, model string, tile, threads, runs int) (BenchResult, error) {
	name, known := map[string]string{engine.Fast: fastX2, engine.Quality: qualityX2}[model]
	switch {
	case !known:
		return BenchResult{}, engine.ErrInvalid.On("model")
	case tile < leastBenchTile || tile%4 != 0:
		return BenchResult{}, engine.ErrInvalid.On("tile")
	case threads < 1:
		return BenchResult{}, engine.ErrInvalid.On("threads")
	case runs < 1:
		return BenchResult{}, engine.ErrInvalid.On("runs")
	}
	n, err := newLibrary(simds()[0]).net(name)
	if err != nil {
		return BenchResult{}, err
	}
	times, err := n.timed(crew{ctx, threads}, tile, runs)
	if err != nil {
		return BenchResult{}, fmt.Errorf("onboard: bench: %w", err)
	}
	slices.Sort(times)
	median := (times[(runs-1)/2] + times[runs/2]) / 2
	return BenchResult{model, tile, threads, median, times[0], peakRSS()}, nil
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
