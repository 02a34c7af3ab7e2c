package onboard

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"safelight/internal/engine"
)

func TestBenchReports(t *testing.T) {
	got, err := Bench(t.Context(), engine.Fast, 64, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	if got.MsMin <= 0 || got.MsMedian < got.MsMin || got.Tile != 64 || got.Threads != 2 || got.Model != engine.Fast {
		t.Errorf("got %+v", got)
	}
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"model", "tile", "threads", "ms_median", "ms_min", "peak_rss_mb"} {
		if !strings.Contains(string(text), `"`+key+`":`) {
			t.Errorf("%s has no %s", text, key)
		}
	}
	for field, try := range map[string]func() (BenchResult, error){
		"model":   func() (BenchResult, error) { return Bench(t.Context(), "best", 64, 1, 1) },
		"tile":    func() (BenchResult, error) { return Bench(t.Context(), engine.Fast, 66, 1, 1) },
		"threads": func() (BenchResult, error) { return Bench(t.Context(), engine.Fast, 64, 0, 1) },
		"runs":    func() (BenchResult, error) { return Bench(t.Context(), engine.Fast, 64, 1, 0) },
	} {
		if _, err := try(); !errors.Is(err, engine.ErrInvalid) {
			t.Errorf("wrong %s: got %v", field, err)
		}
	}
}
