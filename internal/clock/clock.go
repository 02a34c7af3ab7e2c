package clock

import (
	"sync"
	"sync/atomic"
	"time"
)

// A Clock tells the time in UTC.
type Clock interface {
	Now() time.Time
}

// System is the machine's clock, to the microsecond, which is what the
// database keeps.
type System struct{}

// Now returns the machine's time.
func (System) Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// Shifted is the machine's clock moved forward by an offset that can only grow.
// The zero value is not shifted. It is safe for concurrent use.
type Shifted struct{ offset atomic.Int64 }

// Now returns the machine's time plus the offset.
func (c *Shifted) Now() time.Time {
	return System{}.Now().Add(time.Duration(c.offset.Load())).Truncate(time.Microsecond)
}

// Offset returns by how much the clock is ahead of the machine's.
func (c *Shifted) Offset() time.Duration { return time.Duration(c.offset.Load()) }

// SetOffset moves the clock to be d ahead of the machine's. A smaller offset
// than the present one is ignored: time does not go back.
func (c *Shifted) SetOffset(d time.Duration) {
	for {
		now := c.offset.Load()
		if int64(d) <= now || c.offset.CompareAndSwap(now, int64(d)) {
			return
		}
	}
}

// Manual stands still until it is moved. It is safe for concurrent use.
type Manual struct {
	mu  sync.Mutex
	now time.Time
}

// NewManual returns a clock that shows t.
func NewManual(t time.Time) *Manual { return &Manual{now: t.UTC().Truncate(time.Microsecond)} }

// Now returns the time shown.
func (c *Manual) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock forward by d.
func (c *Manual) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
