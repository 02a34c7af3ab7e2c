package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// A Source is what an implementation of [Store] reads a Put from. It fails when
// ctx ends and when r is not exactly as long as announced, and it remembers its
// failure, so that the caller's fault can be told from the storage's.
type Source struct {
	ctx  context.Context
	r    io.Reader
	want int64
	n    int64
	err  error
}

// NewSource returns the bytes of r, which must be size of them if size is not
// negative.
func NewSource(ctx context.Context, r io.Reader, size int64) *Source {
	return &Source{ctx: ctx, r: r, want: size}
}

// Read reads from the source. It reports a wrong length in place of io.EOF, or
// as soon as there is too much.
func (s *Source) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	if s.err = context.Cause(s.ctx); s.err != nil {
		return 0, s.err
	}
	n, err := s.r.Read(p)
	s.n += int64(n)
	switch {
	case s.want >= 0 && s.n > s.want, err == io.EOF && s.want >= 0 && s.n < s.want:
		s.err = fmt.Errorf("blob: %d bytes where %d were announced: %w", s.n, s.want, ErrSize)
	case err != nil:
		s.err = err
	}
	return n, s.err
}

// Failure returns why the source failed, or nil if it did not.
func (s *Source) Failure() error {
	if errors.Is(s.err, io.EOF) {
		return nil
	}
	return s.err
}
