package clock

import (
	"testing"
	"time"
)

func TestShiftedClockOnlyGoesForward(t *testing.T) {
	var c Shifted
	c.SetOffset(time.Hour)
	c.SetOffset(time.Minute)
	if got := c.Offset(); got != time.Hour {
		t.Fatalf("offset is %v, want 1h", got)
	}
	if ahead := time.Until(c.Now()); ahead < 59*time.Minute {
		t.Fatalf("the clock is only %v ahead", ahead)
	}
}

func TestManualClockStandsStillUntilMoved(t *testing.T) {
	start := time.Date(2026, 2, 28, 23, 59, 0, 0, time.UTC)
	c := NewManual(start)
	if !c.Now().Equal(start) {
		t.Fatalf("shows %v, want %v", c.Now(), start)
	}
	c.Advance(2 * time.Minute)
	if want := start.Add(2 * time.Minute); !c.Now().Equal(want) {
		t.Fatalf("shows %v, want %v", c.Now(), want)
	}
}
