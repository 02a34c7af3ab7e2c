package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"safelight/internal/engine/onboard"
	"safelight/internal/ledger"
)

type benchEngineCmd struct {
	Model   string `help:"quality, fast, or a network's own name." default:"fast"`
	Tile    int    `help:"Side of the tile in pixels." default:"256"`
	Threads int    `help:"Processor cores to use; 0 means all." default:"0"`
	Runs    int    `help:"How often." default:"7"`
	SIMD    string `help:"avx512, avx2 or scalar; empty is the best there is." env:"SAFELIGHT_SIMD" name:"simd"`
	JSON    bool   `help:"Print JSON." name:"json"`
}

// Run times one tile through the network.
func (c *benchEngineCmd) Run(ctx context.Context, s streams) error {
	r, err := onboard.Bench(ctx, onboard.BenchConfig{Model: c.Model, Tile: c.Tile, Threads: threads(c.Threads), Runs: c.Runs, SIMD: c.SIMD})
	if err != nil {
		return usage{err}
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(r)
	}
	_, err = fmt.Fprintf(s.out, "%s, tile %d, %d threads, %s: median %.0f ms, best %.0f ms, peak memory %.0f MB\n",
		r.Model, r.Tile, r.Threads, r.SIMD, r.MsMedian, r.MsMin, r.PeakRSSMB)
	if err == nil && r.PeakFlops > 0 {
		_, err = fmt.Fprintf(s.out, "%.0f GFLOP/s of the network's definition, %.0f %% of the %.0f that fused multiply-adds alone reach here\n",
			r.GFlops, 100*r.Share(), r.PeakFlops)
	}
	return err
}

type benchLedgerCmd struct {
	Clients int  `help:"How many spend at the same time." default:"64"`
	Seconds int  `help:"For how long." default:"10"`
	JSON    bool `help:"Print JSON." name:"json"`
}

// Run times hold and capture on the database that is named, which is written
// to, or on a fresh SQLite one that is thrown away.
func (c *benchLedgerCmd) Run(ctx context.Context, s streams, set *settings) error {
	if set.Database == "" {
		dir, err := os.MkdirTemp("", "safelight-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		set.Data = dir
	}
	d, closeDB, err := set.openDatabase(ctx)
	if err != nil {
		return err
	}
	defer closeDB()
	r, err := ledger.Bench(ctx, d, c.Clients, time.Duration(c.Seconds)*time.Second)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(r)
	}
	_, err = fmt.Fprintf(s.out, "%s: %.0f per second, 99 %% within %.1f ms\n", r.Op, r.PerSecond, r.P99)
	return err
}
