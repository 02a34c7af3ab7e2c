package queue

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// held are the attempts that this process has in hand, one a job. An attempt
// keeps its place until River's report on it is written or, if the attempt was
// lost, thrown away: so no report is taken for that of a later attempt.
type held struct {
	mu   sync.Mutex
	runs map[int64]*attempt
}

type attempt struct {
	number  int64
	attempt int
	cancel  context.CancelCauseFunc
	lost    bool          // nothing it reports counts
	gone    chan struct{} // closed when it leaves its place
}

func newHeld() *held { return &held{runs: map[int64]*attempt{}} }

// enter takes the job's place, after an earlier attempt left it.
func (h *held) enter(a *attempt) {
	for {
		h.mu.Lock()
		before := h.runs[a.number]
		if before == nil {
			h.runs[a.number] = a
			h.mu.Unlock()
			return
		}
		h.mu.Unlock()
		<-before.gone
	}
}

// leave frees the job's place.
func (h *held) leave(number int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if a := h.runs[number]; a != nil {
		delete(h.runs, number)
		close(a.gone)
	}
}

// void reports whether the attempt in this place was lost.
func (h *held) void(number int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	a := h.runs[number]
	return a != nil && a.lost
}

// lose marks an attempt as lost and ends its context; false if it was lost
// before.
func (h *held) lose(a *attempt) bool {
	h.mu.Lock()
	before := a.lost
	a.lost = true
	h.mu.Unlock()
	a.cancel(ErrLost)
	return !before
}

func (h *held) loseJob(number int64) {
	h.mu.Lock()
	a := h.runs[number]
	h.mu.Unlock()
	if a != nil {
		h.lose(a)
	}
}

// all gives the attempts in hand.
func (h *held) all() []*attempt {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Values(h.runs))
}

// has reports whether this very attempt is in hand, and whether it was lost.
func (h *held) has(t token) (has, lost bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	a := h.runs[t.number]
	if a == nil || a.attempt != t.attempt {
		return false, false
	}
	return true, a.lost
}
