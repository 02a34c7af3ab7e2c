package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"safelight/internal/clock"
	"safelight/internal/db"
	"safelight/internal/explain"
	"safelight/internal/fact"
	"safelight/internal/policy"
	"safelight/internal/refund"
)

type benchPolicyCmd struct {
	Stored int  `help:"How many recorded decisions to decide once more; 0 leaves that out." default:"1000000"`
	JSON   bool `help:"Print JSON." name:"json"`
}

type policyFigures struct {
	PerSecond     float64 `json:"decisions_per_second_per_core"`
	PerSecondAll  float64 `json:"decisions_per_second"`
	LetterMicros  float64 `json:"letter_us"`
	Stored        int     `json:"stored"`
	ReplaySeconds float64 `json:"replay_s"`
	Cores         int     `json:"cores"`
}

// Run times the shop's policy on made-up cases, and a replay of recorded ones.
func (c *benchPolicyCmd) Run(ctx context.Context, s streams, set *settings) error {
	policies, err := readPolicies(s, set.Shop)
	if err != nil {
		return err
	}
	doc := policies[policy.Refund]
	cases := slices.Collect(doc.Sample(10_000, 1))
	f := policyFigures{Stored: c.Stored, Cores: runtime.GOMAXPROCS(0)}
	f.PerSecond, f.PerSecondAll = decisions(doc, cases, 1), decisions(doc, cases, f.Cores)
	start := clock.System{}.Now()
	for _, one := range cases[:1000] {
		_ = explain.Letter(doc.Decide(one), doc.Prevailing)
	}
	f.LetterMicros = float64(clock.System{}.Now().Sub(start).Microseconds()) / 1000
	if c.Stored > 0 {
		if f.ReplaySeconds, err = c.replay(ctx, set, doc, cases); err != nil {
			return err
		}
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(f)
	}
	_, err = fmt.Fprintf(s.out, "policy %s: %.0f decisions per second on one core, %.0f on %d; a letter in %.0f µs; %d stored decisions decided once more in %.1f s\n",
		doc.Version, f.PerSecond, f.PerSecondAll, f.Cores, f.LetterMicros, f.Stored, f.ReplaySeconds)
	return err
}

// decisions a second by so many at a time.
func decisions(doc *policy.Document, cases []*fact.Case, at int) float64 {
	var n atomic.Int64
	var all sync.WaitGroup
	start := clock.System{}.Now()
	for range at {
		all.Go(func() {
			for (clock.System{}).Now().Sub(start) < 2*time.Second {
				for _, c := range cases {
					doc.Decide(c)
				}
				n.Add(int64(len(cases)))
			}
		})
	}
	all.Wait()
	return float64(n.Load()) / clock.System{}.Now().Sub(start).Seconds()
}

// replay records the cases, over and over, in a database that is thrown away,
// and times their replay.
func (c *benchPolicyCmd) replay(ctx context.Context, set *settings, doc *policy.Document, cases []*fact.Case) (float64, error) {
	dir, err := os.MkdirTemp("", "safelight-bench-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	own := *set
	own.Data, own.Database = dir, ""
	d, closeDB, err := own.openDatabase(ctx)
	if err != nil {
		return 0, err
	}
	defer closeDB()
	const together = 5000
	for done := 0; done < c.Stored; done += together {
		err := d.InTx(ctx, func(tx *db.Tx) error {
			for i := done; i < min(done+together, c.Stored); i++ {
				if _, err := refund.Record(ctx, tx, doc.Decide(cases[i%len(cases)])); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	start := clock.System{}.Now()
	report, err := refund.Replay(ctx, refund.Stored(ctx, d, time.Time{}), nil, doc, 20)
	if err == nil && (report.Cases != c.Stored || report.Flipped != 0) {
		err = fmt.Errorf("the replay counts %d cases and %d flips", report.Cases, report.Flipped)
	}
	return clock.System{}.Now().Sub(start).Seconds(), err
}
