package refund

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"sync"
	"time"

	"safelight/internal/db"
	"safelight/internal/fact"
	"safelight/internal/money"
	"safelight/internal/policy"
)

// A Subject is a case to be decided once more.
type Subject struct {
	ID       string
	Facts    []byte     // or Case
	Case     *fact.Case // or Facts
	Currency money.Currency
	Before   *Verdict // nil: as the policy in force decides
}

// Stored gives the decisions recorded since a moment, or all where it is zero,
// the oldest first.
func Stored(ctx context.Context, d *db.DB, since time.Time) iter.Seq2[Subject, error] {
	if since.IsZero() {
		since = time.UnixMicro(0)
	}
	return func(yield func(Subject, error) bool) {
		for after := DecisionID(""); ; {
			some, err := db.Ask(ctx, d, func(tx *db.Tx) ([]Recorded, error) { return page(ctx, tx, since, after) })
			if err != nil {
				yield(Subject{}, fmt.Errorf("refund: read decisions: %w", err))
				return
			}
			for i := range some {
				r := &some[i]
				if !yield(Subject{ID: string(r.ID), Facts: r.Facts, Currency: r.Currency, Before: &r.Verdict}, nil) {
					return
				}
			}
			if len(some) < pageSize {
				return
			}
			after = some[len(some)-1].ID
		}
	}
}

// Made gives cases that were never decided.
func Made(cases iter.Seq2[*fact.Case, error]) iter.Seq2[Subject, error] {
	return func(yield func(Subject, error) bool) {
		n := 0
		for c, err := range cases {
			n++
			s := Subject{ID: fmt.Sprintf("case %d", n), Case: c}
			if err == nil {
				s.Currency = currency(c)
			}
			if !yield(s, err) {
				return
			}
		}
	}
}

// A Change is a case that the draft decides otherwise.
type Change struct {
	ID            string
	Ground        string
	Currency      money.Currency
	Before, After Verdict
	number        int
}

// Flips reports whether the outcome is another.
func (c Change) Flips() bool { return c.Before.Outcome != c.After.Outcome }

// Sums are money in minor units, before and after.
type Sums struct {
	Granted, GrantedAfter   int64 // refunds that need nobody's decision
	Possible, PossibleAfter int64 // at most, where a person decides
	Changed                 int   // cases with another amount
}

// A Report says what a draft would change.
type Report struct {
	Cases                 int
	Outcomes              map[[2]policy.Outcome]int // before and after
	Money                 map[money.Currency]*Sums
	Credits, CreditsAfter int64
	Flipped               int // another outcome
	Otherwise             int // the same outcome, but another amount, remedy or number of credits
	Reworded              int // the same answer by another clause
	Changes               []Change
}

func newReport() *Report {
	return &Report{Outcomes: map[[2]policy.Outcome]int{}, Money: map[money.Currency]*Sums{}}
}

// Replay decides each subject under the draft. It keeps the first changes, at
// most keep of them; those that flip before the others. Cases are decided by
// all processors; the report does not depend on how many there are.
func Replay(ctx context.Context, subjects iter.Seq2[Subject, error], now, draft *policy.Document, keep int) (*Report, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	type batch struct {
		from int
		all  []Subject
	}
	batches := make(chan batch, 2)
	go func() {
		defer close(batches)
		next := batch{}
		for s, err := range subjects {
			if err != nil {
				stop(err)
				return
			}
			if next.all = append(next.all, s); len(next.all) == pageSize {
				select {
				case batches <- next:
				case <-ctx.Done():
					return
				}
				next = batch{from: next.from + pageSize}
			}
		}
		batches <- next
	}()
	var all sync.WaitGroup
	reports := make([]*Report, runtime.GOMAXPROCS(0))
	for i := range reports {
		reports[i] = newReport()
		all.Go(func() {
			for b := range batches {
				for k := range b.all {
					if err := reports[i].decide(&b.all[k], now, draft, b.from+k); err != nil {
						stop(err)
					}
				}
				reports[i].trim(keep)
			}
		})
	}
	all.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	whole := newReport()
	for _, r := range reports {
		whole.add(r)
	}
	whole.trim(keep)
	return whole, nil
}

func (r *Report) decide(s *Subject, now, draft *policy.Document, number int) error {
	c := s.Case
	if c == nil {
		var err error
		if c, err = fact.Parse(s.Facts); err != nil {
			return fmt.Errorf("refund: %s: %w", s.ID, err)
		}
	}
	var before Verdict
	if s.Before != nil {
		before = *s.Before
	} else {
		before = VerdictOf(now.Decide(c))
	}
	r.count(Change{ID: s.ID, Ground: *c.Ground, Currency: s.Currency, Before: before, After: VerdictOf(draft.Decide(c)), number: number})
	return nil
}

func (r *Report) count(c Change) {
	r.Cases++
	r.Outcomes[[2]policy.Outcome{c.Before.Outcome, c.After.Outcome}]++
	r.Credits += c.Before.Credits
	r.CreditsAfter += c.After.Credits
	sums := r.sums(c.Currency)
	sums.Granted += c.Before.granted()
	sums.GrantedAfter += c.After.granted()
	sums.Possible += c.Before.possible()
	sums.PossibleAfter += c.After.possible()
	if c.Before.Amount != c.After.Amount {
		sums.Changed++
	}
	switch {
	case c.Flips():
		r.Flipped++
	case c.Before.Amount != c.After.Amount || c.Before.Credits != c.After.Credits || !slices.Equal(c.Before.Remedies, c.After.Remedies):
		r.Otherwise++
	case !slices.Equal(c.Before.Clauses, c.After.Clauses):
		r.Reworded++
	default:
		return
	}
	r.Changes = append(r.Changes, c)
}

func (r *Report) sums(c money.Currency) *Sums {
	if r.Money[c] == nil {
		r.Money[c] = &Sums{}
	}
	return r.Money[c]
}

func (v Verdict) granted() int64 {
	if v.Outcome == policy.Grant {
		return v.Amount
	}
	return 0
}

func (v Verdict) possible() int64 {
	if v.Outcome == policy.Review {
		return v.Amount
	}
	return 0
}

// trim keeps the first changes: those that flip before the others, in the order
// of the cases.
func (r *Report) trim(keep int) {
	rank := func(c Change) int {
		switch {
		case c.Flips():
			return 0
		case c.Before.Amount != c.After.Amount:
			return 1
		}
		return 2
	}
	slices.SortFunc(r.Changes, func(a, b Change) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.number, b.number)) })
	if len(r.Changes) > keep {
		r.Changes = slices.Delete(r.Changes, keep, len(r.Changes))
	}
}

func (r *Report) add(o *Report) {
	r.Cases += o.Cases
	r.Flipped += o.Flipped
	r.Otherwise += o.Otherwise
	r.Reworded += o.Reworded
	r.Credits += o.Credits
	r.CreditsAfter += o.CreditsAfter
	for k, n := range o.Outcomes {
		r.Outcomes[k] += n
	}
	for c, m := range o.Money {
		s := r.sums(c)
		s.Granted += m.Granted
		s.GrantedAfter += m.GrantedAfter
		s.Possible += m.Possible
		s.PossibleAfter += m.PossibleAfter
		s.Changed += m.Changed
	}
	r.Changes = append(r.Changes, o.Changes...)
}
