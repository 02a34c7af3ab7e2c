package picture

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/semaphore"

	"safelight/internal/fault"
)

// Budget is the memory that all decoders of a process share.
type Budget struct {
	total int64
	free  *semaphore.Weighted
}

// NewBudget makes a budget of so many bytes. A 50-megapixel photo needs between
// 0.5 and 1.5 GB for a moment, depending on its format.
func NewBudget(bytes int64) *Budget {
	return &Budget{total: bytes, free: semaphore.NewWeighted(bytes)}
}

// Need is the estimate, in bytes, of what decoding the picture takes at its peak.
func (i Info) Need() int64 { return max(i.working, 1<<20) }

// Acquire waits until the estimated memory for decoding info is free. It refuses
// with [ErrOverBudget] what would not fit even alone.
func (b *Budget) Acquire(ctx context.Context, info Info) (*Share, error) {
	need := info.Need()
	if need > b.total {
		return nil, ErrOverBudget.With(fault.Args{"limit": mega(b.total), "actual": mega(need)})
	}
	if err := b.free.Acquire(ctx, need); err != nil {
		return nil, fmt.Errorf("picture: wait for memory: %w", err)
	}
	return &Share{budget: b, held: need}, nil
}

// Share is a part of a budget. It is safe for concurrent use.
type Share struct {
	mu     sync.Mutex
	budget *Budget
	held   int64
}

// Shrink gives back all but n bytes.
func (s *Share) Shrink(n int64) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n < s.held {
		s.budget.free.Release(s.held - n)
		s.held = n
	}
}

// Release gives back what is left. It may be called more than once.
func (s *Share) Release() { s.Shrink(0) }
