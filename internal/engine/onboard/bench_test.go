package onboard

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"safelight/internal/engine"
)

func TestBenchReports(t *testing.T) {
	got, err := Bench(t.Context(), BenchConfig{Model: engine.Fast, Tile: 64, Threads: 2, Runs: 2})
	if err != nil {
		t.Fatal(err)
	}
	if got.MsMin <= 0 || got.MsMedian < got.MsMin || got.Tile != 64 || got.Threads != 2 || got.Model != engine.Fast || got.SIMD != simds()[0].name || got.GFlops <= 0 {
		t.Errorf("got %+v", got)
	}
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"model", "tile", "threads", "ms_median", "ms_min", "peak_rss_mb", "simd", "gflops", "peak_gflops"} {
		if !strings.Contains(string(text), `"`+key+`":`) {
			t.Errorf("%s has no %s", text, key)
		}
	}
	for field, c := range map[string]BenchConfig{
		"model":   {Model: "best", Tile: 64, Threads: 1, Runs: 1},
		"tile":    {Model: engine.Fast, Tile: 66, Threads: 1, Runs: 1},
		"threads": {Model: engine.Fast, Tile: 64, Runs: 1},
		"runs":    {Model: engine.Fast, Tile: 64, Threads: 1},
	} {
		if _, err := Bench(t.Context(), c); !errors.Is(err, engine.ErrInvalid) {
			t.Errorf("wrong %s: got %v", field, err)
		}
	}
	if _, err := Bench(t.Context(), BenchConfig{Model: engine.Fast, Tile: 64, Threads: 1, Runs: 1, SIMD: "mmx"}); !errors.Is(err, ErrConfig) {
		t.Errorf("wrong kind: got %v", err)
	}
}

// TestFlopsAreTheDefinitions counts a network by hand.
func TestFlopsAreTheDefinitions(t *testing.T) {
	n, err := newLibrary(scalar).net(fastX2)
	if err != nil {
		t.Fatal(err)
	}
	want, side := 0, 64
	for _, l := range [][2]int{{3, 16}, {16, 32}, {32, 64}, {64, 128}, {128, 128}, {128, 256}} {
		side -= 2
		want += 2 * 9 * l[0] * l[1] * side * side
	}
	side -= 2
	want += 2 * 16 * 256 * 3 * side * side
	if got, err := n.flops(64); err != nil || got != float64(want) {
		t.Errorf("got %v, %v, want %d", got, err, want)
	}
}
