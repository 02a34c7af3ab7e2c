package picture

import (
	"context"
	"fmt"
	"image"
	"sync"

	"golang.org/x/sync/semaphore"

	"safelight/internal/fault"
)

// Budget is the memory that all decoders of a process share.
type Budget struct {
	total int64
	free  *semaphore.Weighted
}

// NewBudget makes a budget of so many bytes. A photo of 12 megapixels needs 130 MB
// as a JPEG, 270 MB as a progressive one and 370 MB as AVIF or HEIC; one of 50 needs
// four times that, and a 10-bit AVIF more.
func NewBudget(bytes int64) *Budget {
	return &Budget{total: bytes, free: semaphore.NewWeighted(bytes)}
}

// Need is the estimate, in bytes, of what decoding the picture takes at its peak.
func (i Info) Need() int64 { return max(i.working, 1<<20) }

// Acquire waits until the estimated memory for decoding info is free. It refuses
// with [ErrOverBudget] what would not fit even alone.
func (b *Budget) Acquire(ctx context.Context, info Info) (*Share, error) {
	return b.acquire(ctx, info.Need())
}

// forEncoder waits for the memory that an encoder of format f needs.
func (b *Budget) forEncoder(ctx context.Context, f Format, r image.Rectangle) (*Share, error) {
	if b == nil {
		return nil, nil
	}
	return b.acquire(ctx, encoderBytes[f]*area(r.Dx(), r.Dy()))
}

func (b *Budget) acquire(ctx context.Context, need int64) (*Share, error) {
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
