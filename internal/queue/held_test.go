package queue

import (
	"context"
	"log/slog"
	"testing"
	"time"
)

func TestALaterAttemptWaitsForTheReportOfALostOne(t *testing.T) {
	h := newHeld()
	place := func(n int) *attempt {
		return &attempt{number: 7, attempt: n, cancel: func(error) {}, gone: make(chan struct{})}
	}
	first, second := place(1), place(2)
	h.enter(first)
	if h.void(7) {
		t.Error("the report of an attempt in hand would be thrown away")
	}
	h.lose(first)
	entered := make(chan bool)
	go func() {
		h.enter(second)
		close(entered)
	}()
	select {
	case <-entered:
		t.Fatal("the second attempt took the place of the first")
	default:
	}
	if !h.void(7) {
		t.Error("the report of a lost attempt would count")
	}
	h.leave(7)
	<-entered
	if has, lost := h.has(token{7, 2}); h.void(7) || !has || lost {
		t.Error("the second attempt is not in hand")
	}
}

func TestAWorkerIsSilentWhenItsBeatStandsStillForTheLease(t *testing.T) {
	w := newWatch()
	const lease = 20 * time.Second
	for _, s := range []struct {
		at   time.Duration
		beat int64
		gone bool
	}{{0, 5, false}, {15 * time.Second, 5, false}, {19 * time.Second, 6, false}, {38 * time.Second, 6, false}, {39 * time.Second, 6, true}, {40 * time.Second, 7, false}} {
		gone := w.silent(map[string]int64{"w": s.beat}, lease, s.at)
		if _, got := gone["w"]; got != s.gone {
			t.Errorf("after %v, with beat %d: silent is %v", s.at, s.beat, got)
		}
	}
}

func TestThePauseBetweenAttemptsDoublesUpToTenMinutes(t *testing.T) {
	for attempt, want := range map[int]time.Duration{1: time.Second, 4: 8 * time.Second, 11: 10 * time.Minute, 900: 10 * time.Minute} {
		if got := backoff(attempt); got < want*9/10 || got > want*11/10+1 {
			t.Errorf("after attempt %d: %v, want about %v", attempt, got, want)
		}
	}
}

func TestAConfigurationThatCannotWorkIsRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		c    Config
		ok   bool
	}{
		{"the default", Config{}, true},
		{"some workers", Config{Workers: map[string]int{"a": 1}}, true},
		{"no worker for a queue", Config{Workers: map[string]int{"a": 0}}, false},
		{"a lease that two lost beats end", Config{Beat: 10 * time.Second}, false},
	} {
		if _, err := New(nil, slog.New(slog.DiscardHandler), c.c); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestAKindIsHandledOnce(t *testing.T) {
	for _, name := range []string{"a", "b.dead"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s was taken", name)
				}
			}()
			q, err := New(nil, slog.New(slog.DiscardHandler), Config{})
			if err != nil {
				t.Fatal(err)
			}
			q.Handle("a", Options{}, func(context.Context, *Run) error { return nil })
			q.Handle(name, Options{}, nil)
		}()
	}
}
